from django.conf import settings
from django.db.models import Count, Max, Prefetch, Q
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from organizations.models import Organization
from wego_portal.foundation.pages import page_of
from wego_portal.foundation.publication import published_or_none
from wego_portal.foundation.slugs import get_by_slug

from ..domain.event_list import PAST, UPCOMING, build_rows, group_by_month, listed_events, prefetch_for_list
from ..models import Event, Series


def series_list(request):
    """Every series, the one that met last first, with how many of its events are listed here."""
    now = timezone.now()
    visible = Q(events__in=Event.objects.published(now))
    series = (
        _with_runners(now)
        .annotate(
            listed_events=Count("events", filter=visible, distinct=True),
            ahead=Count("events", filter=visible & Q(events__parts__latest__gt=now), distinct=True),
            newest=Max("events__parts__latest", filter=visible),
        )
        .order_by("-ahead", "-newest", "title_en")
    )
    page = page_of(series, request)
    return render(request, "events/series_list.html", {"page_obj": page})


def series_detail(request, slug):
    """What a series is, who runs it, and its events: those ahead in full, past ones by the page."""
    now = timezone.now()
    series = get_by_slug(_with_runners(now).select_related("initiative"), slug)
    events = prefetch_for_list(Event.objects.published(now).filter(series=series), now)
    page = page_of(listed_events(events, PAST, now), request)
    context = {
        "series": series,
        "initiative": published_or_none(series.initiative, now),
        "upcoming": build_rows(listed_events(events, UPCOMING, now), now=now),
        "page_obj": page,
        "months": group_by_month(build_rows(page.object_list, now=now)),
        "feed": settings.SITE_URL + reverse("events:series_calendar", args=[series.slug]),
    }
    return render(request, "events/series_detail.html", context)


def _with_runners(now):
    runners = Organization.objects.published(now)
    return Series.objects.published(now).prefetch_related(Prefetch("run_by", runners))
