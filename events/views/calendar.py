from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext

from wego_portal.foundation.slugs import get_by_slug

from .. import ics
from ..models import Event, Part, Series

MAX_ENTRIES = 1000  # of a feed, the newest; some readers refuse larger files


def event_calendar(request, slug):
    """The calendar file of an event: one entry for each part whose day is known."""
    event = _event(slug)
    if not any(ics.has_calendar_entry(part) for part in event.parts.all()):
        raise Http404(gettext("There is no calendar file for this event yet, because its day is not known."))
    return _file(ics.event_calendar(event), event.slug)


def part_calendar(request, slug, number):
    """The calendar file of one part."""
    event = _event(slug)
    part = get_object_or_404(event.parts.select_related("event__place"), number=number)
    if not ics.has_calendar_entry(part):
        raise Http404(gettext("There is no calendar file for this part yet, because its day is not known."))
    return _file(ics.part_calendar(part), f"{event.slug}-{part.number}")


def calendar_feed(request):
    """All published events, to subscribe to."""
    return _feed(_parts(timezone.now()), name=gettext("WeGO events"), file_name="wego-events")


def series_calendar(request, slug):
    """The events of a series, to subscribe to."""
    now = timezone.now()
    series = get_by_slug(Series.objects.published(now), slug)
    return _feed(_parts(now).filter(event__series=series), name=str(series.title), file_name=series.slug)


def _event(slug):
    events = Event.objects.published(timezone.now()).select_related("place").prefetch_related("parts")
    return get_by_slug(events, slug)


def _parts(now):
    parts = Part.objects.filter(event__in=Event.objects.published(now))
    return parts.select_related("event__place").prefetch_related("event__parts").order_by("-earliest", "pk")


def _feed(parts, *, name, file_name):
    newest = parts[:MAX_ENTRIES]
    return _file(ics.calendar_feed(newest, name=name), file_name)


def _file(data, name):
    """The answer. Its ETag, set by the middleware from these bytes, makes a repeated request cheap for both sides.

    There is no Last-Modified: an event that is withdrawn changes a feed without any newer row to take a time from.
    """
    response = HttpResponse(data, content_type=ics.CONTENT_TYPE)
    response["Content-Disposition"] = f'inline; filename="{name}.ics"'
    return response
