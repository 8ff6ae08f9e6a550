from django.conf import settings
from django.db.models import Prefetch
from django.shortcuts import render
from django.utils import timezone

from organizations.models import Initiative, Organization
from wego_portal.foundation.pages import page_of
from wego_portal.foundation.slugs import get_by_slug

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
    shown = get_by_slug(stories, slug)
    return render(request, "events/story_detail.html", {"story": shown, "machine_readable": story_json_ld(shown)})


def story_json_ld(story):
    """The article as schema.org's NewsArticle."""
    publisher = {"@type": "Organization", "name": "World Smart Sustainable Cities Organization (WeGO)"}
    data = {
        "@type": "NewsArticle",
        "headline": str(story.title),
        "inLanguage": story.title.language,
        "datePublished": story.dateline_date,
        "dateModified": max(story.updated_at, story.public_since),
        "url": settings.SITE_URL + story.get_absolute_url(),
        "publisher": publisher,
        "author": publisher,
    }
    if story.summary:
        data["description"] = str(story.summary)
    if pictures := story.pictures.all():
        data["image"] = [settings.SITE_URL + picture.picture.url for picture in pictures]
    if story.dateline_place:
        data["contentLocation"] = {"@type": "Place", "name": str(story.dateline_place)}
    about = [
        {"@type": "Event", "name": str(event.title), "url": settings.SITE_URL + event.get_absolute_url()}
        for event in story.events.all()
    ]
    about += [
        {"@type": "Organization", "name": str(body.name), "url": settings.SITE_URL + body.get_absolute_url()}
        for body in story.organizations.all()
    ]
    if about:
        data["about"] = about
    return data
