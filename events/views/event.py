from django.shortcuts import render
from django.utils import timezone

from wego_portal.foundation.slugs import get_by_slug

from ..models import Event


def event_page(request, slug):
    """The page of one event."""
    return render(request, "events/event.html", {"event": get_by_slug(Event.objects.published(timezone.now()), slug)})
