from django.db.models import Prefetch
from django.shortcuts import render
from django.utils import timezone

from organizations.models import Initiative, Organization
from wego_portal.foundation.pages import page_of
from wego_portal.foundation.slugs import get_by_slug

from ..domain.json_ld import story_json_ld
from ..filters import StoryFilter
from ..models import Event, Part, Story


def story_list(request):
    """News, the newest first, filtered."""
    filterset = StoryFilter(request.GET, now=timezone.now())
    page = page_of(filterset.qs.prefetch_related("pictures"), request, filterset.form)
    context = {
        "page_obj": page,
        "fields": list(filterset.form),
        "filtered": any(filterset.form.cleaned_data.values()),
    }
    return render(request, "events/story_list.html", context)


def story_detail(request, slug):
    """A news article and what it is about; only what is published itself is named."""
    now = timezone.now()
    events = Event.objects.published(now).with_span().order_by("-latest", "pk")
    stories = Story.objects.published(now).prefetch_related(
        "pictures",
        "topics",
        Prefetch("events", events.prefetch_related(Prefetch("parts", Part.objects.order_by("earliest")))),
        Prefetch("organizations", Organization.objects.published(now)),
        Prefetch("initiatives", Initiative.objects.published(now)),
    )
    story = get_by_slug(stories, slug)
    return render(request, "events/story_detail.html", {"story": story, "json_ld": story_json_ld(story)})
