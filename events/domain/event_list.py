"""Events as rows of a list: which part represents an event, in which order, under which month.

Small plain objects that lists, the home page and the pages of organizations show; nothing here is stored.
"""

import dataclasses
import datetime
from collections.abc import Iterable

from django.db.models import Case, DateTimeField, F, OuterRef, Prefetch, Subquery, When
from django.utils.translation import gettext

from organizations.models import Organization
from wego_portal.foundation.partial_dates import Precision, format_partial, iso_partial
from wego_portal.foundation.publication import published_or_none

from ..models import Event, EventOrganization, Part, Recording, Series
from ..models.event import EventQuerySet
from .availability import Availability, availability_of_events

UPCOMING, PAST, ALL = "upcoming", "past", "all"


@dataclasses.dataclass(frozen=True)
class EventRow:
    """An event in a list. `part` is the one that comes next, or else the first; None for an event without any."""

    event: Event
    part: Part | None
    availability: Availability
    hosts: list[Organization]
    series: Series | None
    has_recording: bool
    parts_count: int

    @property
    def host_names(self) -> str:
        """Hosts and co-hosts by their short names, joined as the page's language does."""
        return gettext(", ").join(host.short_name or str(host.name) for host in self.hosts)

    @property
    def month(self) -> tuple[str, str]:
        """(key, label) of the month under which the row stands; a label says where the month is not known."""
        if self.part is None:
            return "", gettext("Date not known")
        if self.part.precision == Precision.YEAR:
            return str(self.part.date.year), gettext("%(year)s, month not known") % {"year": self.part.date.year}
        month = self.part.date.replace(day=1)
        return iso_partial(month, Precision.MONTH), format_partial(month, Precision.MONTH)


@dataclasses.dataclass(frozen=True)
class Month:
    """Rows of one month, or of a year whose months are not known. `key` is the value of a datetime attribute, or ""."""

    key: str
    label: str
    rows: list[EventRow]


def listed_events(events: EventQuerySet, when: str, now: datetime.datetime) -> EventQuerySet:
    """The events of a list, in its order: upcoming with the next first, past and all with the newest first.

    A month or a year stands where its last moment is, so it comes after the days known in it when looking ahead.
    """
    parts = Part.objects.filter(event=OuterRef("pk"))
    if when == UPCOMING:
        events, parts = events.upcoming(now), parts.filter(latest__gt=now)
    elif when == PAST:
        events = events.past(now)
    vague = When(precision__in=(Precision.YEAR, Precision.MONTH), then=F("latest"))
    place_in_time = Case(vague, default=F("earliest"), output_field=DateTimeField())
    first = parts.annotate(place_in_time=place_in_time).order_by("place_in_time").values("place_in_time")[:1]
    events = events.annotate(place_in_time=Subquery(first))
    if when == UPCOMING:
        return events.order_by("place_in_time", "pk")
    return events.order_by(F("place_in_time").desc(nulls_last=True), "-pk")


def prefetch_for_list(events: EventQuerySet, now: datetime.datetime) -> EventQuerySet:
    """The events with all that their rows read, in five queries: parts, recordings, roles, and what these name."""
    roles = EventOrganization.objects.filter(
        role__in=EventOrganization.HOSTING_ROLES, organization__in=Organization.objects.published(now)
    ).select_related("organization")
    recordings = Recording.objects.published(now).available()
    return events.select_related("series", "place").prefetch_related(
        Prefetch("parts", Part.objects.order_by("number")),
        Prefetch("parts__recordings", recordings, to_attr="available_recordings"),
        Prefetch("roles", roles, to_attr="host_roles"),
    )


def build_rows(events: Iterable[Event], *, now: datetime.datetime) -> list[EventRow]:
    """The rows of `events`, a list or slice made by `prefetch_for_list`. At most one more query, for the seats."""
    events = list(events)
    availability = availability_of_events(events, now=now)
    return [_row(event, availability[event.pk], now) for event in events]


def group_by_month(rows: Iterable[EventRow]) -> list[Month]:
    """The rows under their months, in the order in which the months first appear."""
    months: dict[str, Month] = {}
    for row in rows:
        key, label = row.month
        months.setdefault(key, Month(key, label, [])).rows.append(row)
    return list(months.values())


def _row(event: Event, availability: Availability, now: datetime.datetime) -> EventRow:
    parts = list(event.parts.all())
    ahead = [part for part in parts if not part.is_past(now)]
    in_time = sorted(ahead or parts, key=lambda part: part.earliest)
    return EventRow(
        event=event,
        part=in_time[0] if in_time else None,
        availability=availability,
        hosts=list(dict.fromkeys(role.organization for role in event.host_roles)),
        series=published_or_none(event.series, now),
        has_recording=any(part.available_recordings for part in parts),
        parts_count=len(parts),
    )
