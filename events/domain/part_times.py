"""The hours of a part as clocks show them: the event's own zone first, then other cities'. Each names its city."""

import dataclasses
import datetime
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import dateformat
from django.utils.translation import gettext

from organizations.models import Place
from wego_portal.foundation.partial_dates import Precision, format_partial, iso_partial
from wego_portal.foundation.time_zones import zone_city

from ..models import Part


@dataclasses.dataclass(frozen=True)
class LocalTimes:
    """A part's start and end (aware, in the zone of `city`; no end where it is not known).

    Of a part with hours of each day it is the first day's, `days` says how many there are, and `shifts` whether these
    hours are others on a later day, since clocks are changed in this zone or in the part's own.
    """

    city: str
    starts: datetime.datetime
    ends: datetime.datetime | None = None
    days: int = 1
    shifts: bool = False

    @property
    def date(self) -> str:
        """The day it starts there: "Thursday 10 December 2026"."""
        return format_partial(self.starts.date(), Precision.DAY, weekday=True)

    @property
    def times(self) -> str:
        """The hours there: "15:00 to 16:30", with the day of the end where that is another; never without `city`."""
        return _span(self.starts, self.ends, self.days, self.shifts)


def local_times(part: Part) -> LocalTimes | None:
    """The clock of the event's own zone, named after its place if people meet there; None where no instant is known."""
    if not part.starts_at:
        return None
    place = part.event.place if part.event.mode != part.event.Mode.ONLINE else None
    is_in_zone = place is not None and place.time_zone == part.time_zone
    city = str(place.name) if place and is_in_zone else zone_city(part.time_zone)
    return _local_times(part, part.starts_at, part.time_zone, city)


def times_elsewhere(part: Part, places: Iterable[Place]) -> list[LocalTimes]:
    """Clocks of those `places` whose hour is another than the event's own at that time, one for each different hour."""
    if not part.starts_at:
        return []
    seen, clocks = {part.starts_at.astimezone(ZoneInfo(part.time_zone)).utcoffset()}, []
    for place in places:
        if place.time_zone:
            offset = part.starts_at.astimezone(ZoneInfo(place.time_zone)).utcoffset()
            if offset not in seen:
                seen.add(offset)
                clocks.append(_local_times(part, part.starts_at, place.time_zone, str(place.name)))
    return clocks


def date_words(part: Part) -> str:
    """The known date in words: "2020", "July 2020", "Monday 6 July 2020", "6 July 2020 to 8 July 2020"."""
    if part.end_date and part.end_date != part.date and part.precision in (Precision.DAY, Precision.MINUTE):
        ends = {"start": format_partial(part.date, Precision.DAY), "end": format_partial(part.end_date, Precision.DAY)}
        return gettext("%(start)s to %(end)s") % ends
    return format_partial(part.date, part.precision, weekday=True)


def hour_words(part: Part) -> str:
    """The known hours in words, with their place: "15:00 to 16:30, Seoul time"; "" where no hour is known."""
    if clock := local_times(part):
        return gettext("%(times)s, %(city)s time") % {"times": clock.times, "city": clock.city}
    if part.start_time:
        start = datetime.datetime.combine(part.date, part.start_time)
        days, end_date = 1, part.end_date or part.date
        if part.has_daily_hours:
            days, end_date = (end_date - part.date).days + 1, part.date
        end = datetime.datetime.combine(end_date, part.end_time) if part.end_time else None
        return gettext("%(times)s, time zone not known") % {"times": _span(start, end, days)}
    return ""


def iso_start(part: Part) -> str:
    """The value of a `datetime` attribute, as precise as is known: "2020", "2020-07-06", or with the hour."""
    if not part.starts_at:
        return iso_partial(part.date, part.precision)
    return part.starts_at.astimezone(ZoneInfo(part.time_zone)).isoformat(timespec="minutes")


def moment_words(moment: datetime.datetime) -> str:
    """An instant in the secretariat's time zone, with its place: "1 December 2026, 09:00, Seoul time"."""
    return _moment_words(moment.astimezone(ZoneInfo(settings.TIME_ZONE)), zone_city(settings.TIME_ZONE))


def opening_words(part: Part, opens_at: datetime.datetime) -> str:
    """When the part's room can be entered (aware), in the event's own zone; "" where no hour is known."""
    return moment_words_in_part_zone(part, opens_at) if part.starts_at else ""


def moment_words_in_part_zone(part: Part, moment: datetime.datetime) -> str:
    """An instant in the event's own zone, with its place; in the secretariat's where no hour of the part is known."""
    if clock := local_times(part):
        return _moment_words(moment.astimezone(clock.starts.tzinfo), clock.city)
    return moment_words(moment)


def _moment_words(local: datetime.datetime, city: str) -> str:
    date, hour = format_partial(local.date(), Precision.DAY), dateformat.format(local, "H:i")
    return gettext("%(date)s, %(hour)s, %(city)s time") % {"date": date, "hour": hour, "city": city}


def _local_times(part: Part, starts_at: datetime.datetime, zone_name: str, city: str) -> LocalTimes:
    zone = ZoneInfo(zone_name)
    if not part.has_daily_hours:
        return LocalTimes(city, starts_at.astimezone(zone), part.ends_at and part.ends_at.astimezone(zone))
    sessions = [(start.astimezone(zone), end.astimezone(zone)) for start, end in part.sessions]
    hours = {(start.time(), end.time()) for start, end in sessions}
    return LocalTimes(city, *sessions[0], days=len(sessions), shifts=len(hours) > 1)


def _span(start: datetime.datetime, end: datetime.datetime | None, days: int = 1, shifts: bool = False) -> str:
    """The hours from `start` to `end`, those of the first of so many days."""
    hour = dateformat.format(start, "H:i")
    if end is None:
        return hour
    words = {"start": hour, "end": dateformat.format(end, "H:i")}
    if days > 1 and shifts:
        return gettext("%(start)s to %(end)s on the first day") % words
    if days > 1:
        return gettext("%(start)s to %(end)s each day") % words
    if end.date() != start.date():
        return gettext("%(start)s to %(end)s on %(day)s") % {**words, "day": format_partial(end.date(), Precision.DAY)}
    return gettext("%(start)s to %(end)s") % words
