import dataclasses

from django.conf import settings
from django.db.models import Count, Q
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from wego_portal.foundation.pages import page_of

from ..domain.event_list import ALL, PAST, UPCOMING, build_rows, group_by_month, listed_events, prefetch_for_list
from ..filters import EventFilter, recorded_q
from ..models import Event

ALWAYS_SHOWN = ("q", "topic", "organizer")


@dataclasses.dataclass(frozen=True)
class Chip:
    """A filter in use, with the address of the list without it."""

    label: str
    value: str
    href: str


@dataclasses.dataclass(frozen=True)
class Tab:
    """A choice of time, with how many events it has and the address of the list with it."""

    label: str
    count: int
    href: str
    is_current: bool


def event_list(request):
    """Events by month, filtered; the upcoming ones unless `when` asks for others."""
    now = timezone.now()
    filterset = EventFilter(request.GET, Event.objects.published(now), now=now)
    found = filterset.qs
    used = {name: value for name, value in filterset.form.cleaned_data.items() if value}
    when = used.pop("when", UPCOMING)
    counts = found.with_span().aggregate(
        upcoming=Count("pk", filter=Q(latest__gt=now)),
        past=Count("pk", filter=Q(latest__lte=now)),
        all=Count("pk"),
        recorded=Count("pk", filter=recorded_q(now)),
    )
    events = prefetch_for_list(listed_events(found, when, now), now)
    page = page_of(events, request, filterset.form)
    fields = filterset.form.visible_fields()
    context = {
        "page_obj": page,
        "months": group_by_month(build_rows(page.object_list, now=now)),
        "fields": [field for field in fields if field.name in ALWAYS_SHOWN],
        "more_fields": [field for field in fields if field.name not in ALWAYS_SHOWN],
        "more_open": any(name not in ALWAYS_SHOWN for name in {*used, *filterset.form.errors} - {"when"}),
        "when": when,
        "when_field": filterset.form["when"],
        "counts": counts,
        "chips": [_chip(request, filterset.form[name]) for name in used],
        "elsewhere": counts["all"] > 0,
        "tabs": _tabs(request, when, counts),
        "recorded_href": _href(request, when=ALL, recording="on"),
        "feed": settings.SITE_URL + reverse("events:calendar_feed"),
    }
    return render(request, "events/event_list.html", context)


def _tabs(request, when, counts):
    """{value of `when`: Tab}."""
    labels = {UPCOMING: gettext("Upcoming"), PAST: gettext("Past"), ALL: gettext("All")}
    return {
        value: Tab(label, counts[value], _href(request, when=value), is_current=value == when)
        for value, label in labels.items()
    }


def _chip(request, field):
    value = field.data
    choices = dict(getattr(field.field, "choices", []))
    return Chip(
        str(field.label), str(choices.get(value, "" if value is True else value)), _href(request, **{field.name: None})
    )


def _href(request, **changes):
    """This list's address with some parameters changed, on its first page; None removes one, and so are empty ones."""
    query = request.kept_query.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query[name] = value or ""
    for name in [name for name, value in query.items() if not value]:
        del query[name]
    return f"?{query.urlencode()}" if query else request.path
