from django.conf import settings
from django.shortcuts import render
from django.utils import timezone

from wego_portal.foundation.slugs import get_by_slug

from ..domain.event_page import event_view, prefetch_for_page
from ..domain.json_ld import event_json_ld
from ..models import Event


def event_detail(request, slug):
    """The page of one event."""
    now = timezone.now()
    event = get_by_slug(prefetch_for_page(Event.objects.published(now), now), slug)
    view = event_view(event, now=now)
    picture = settings.SITE_URL + event.picture.url if event.picture else ""
    context = {"event": event, "view": view, "picture": picture, "json_ld": event_json_ld(view, picture=picture)}
    return render(request, "events/event_detail.html", context)
