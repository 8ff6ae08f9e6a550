"""Calendar files (RFC 5545, RFC 5546) from models, in the active language.

Times are written in UTC ("Z"), because calendar programs disagree about time zone definitions. A part whose date is
known to the day is an all-day entry. A part known only to the month or the year has no entry, since a calendar cannot
show it.

A part with daily hours is one entry that recurs daily (RRULE), which every program supports; some do not support RDATE.
A rule in UTC keeps the hour in UTC, while a clock change within the span moves the hour at the place. So each day on
which the rule would be wrong is an exception: an entry with the same UID and, as RECURRENCE-ID, the moment it replaces
(RFC 5545, 3.8.4.4).
"""

import datetime
import unicodedata
from collections.abc import Iterable, Iterator
from email.utils import parseaddr

import icalendar
from django.conf import settings
from django.utils.translation import get_language, gettext

from wego_portal.foundation.partial_dates import Precision

from .models import Event, Part, Seat

CONTENT_TYPE = "text/calendar; charset=utf-8"
REFRESH_INTERVAL = datetime.timedelta(hours=6)
ICS_STATUSES = {
    Part.Status.CONFIRMED: "CONFIRMED",
    Part.Status.HELD: "CONFIRMED",
    Part.Status.POSTPONED: "TENTATIVE",
    Part.Status.CANCELLED: "CANCELLED",
    Part.Status.REPLACED: "CANCELLED",
}


def has_calendar_entry(part: Part) -> bool:
    """Whether the part can be an entry in a calendar: its date is known at least to the day."""
    return part.precision in (Precision.DAY, Precision.MINUTE)


def part_calendar(part: Part) -> bytes:
    """Return a file with one part, to download. Reads `part.event` and its place.

    Raises ValueError if the part has no calendar entry.
    """
    if not has_calendar_entry(part):
        raise ValueError("the day of this part is not known")
    return _published([part])


def event_calendar(event: Event) -> bytes:
    """Return a file with all parts of an event that have a calendar entry, to download."""
    return _published(event.parts.all())


def calendar_feed(parts: Iterable[Part], *, name: str) -> bytes:
    """Return a calendar called `name` to subscribe to, with all parts that have a calendar entry."""
    return _published(parts, name=name)


def seat_calendar(*, seat: Seat, method: str) -> bytes:
    """Return a registrant's entry for one part: an iTIP message (RFC 5546) with exactly one UID.

    `method` is "REQUEST" for a confirmed seat, new or changed, and "CANCEL" for a cancelled seat or a cancelled part.
    It contains neither the address of the room nor a personal link, because calendars are shared; the entry says that
    the link is in the mail. Raises ValueError if the part has no calendar entry, or the registration was erased.
    """
    part, registration = seat.part, seat.registration
    if not has_calendar_entry(part):
        raise ValueError("the day of this part is not known")
    if registration.contact is None:
        raise ValueError("the registration was erased")
    entry = _entry(part, hint=_how_to_join(part) if method == "REQUEST" else "")
    changed_at = max(part.changed_at, seat.changed_at).astimezone(datetime.UTC)
    changes = {
        "UID": seat.uid,
        # Both numbers only grow, so their sum grows whether the seat or the part changed.
        "SEQUENCE": part.sequence + seat.sequence,
        "STATUS": "CANCELLED" if method == "CANCEL" else "CONFIRMED",
        "DTSTAMP": changed_at,
        "LAST-MODIFIED": changed_at,
    }
    for key, value in changes.items():
        entry.pop(key, None)
        entry.add(key, value)
    sender_name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    entry.add("ORGANIZER", _person(sender, sender_name or "WeGO"), encode=False)
    attendee = _person(registration.contact.email, registration.name)
    attendee.params.update({"CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": "ACCEPTED", "RSVP": "FALSE"})
    entry.add("ATTENDEE", attendee, encode=False)
    calendar = _calendar(method)
    calendar.add_component(entry)
    if method == "REQUEST":  # a CANCEL without RECURRENCE-ID cancels all days (RFC 5546, 3.2.5)
        for exception in _exceptions(entry, part):
            calendar.add_component(exception)
    return calendar.to_ical()


def _calendar(method: str) -> icalendar.Calendar:
    calendar = icalendar.Calendar()
    calendar.add("PRODID", f"-//WeGO//Portal//{(get_language() or 'en').upper()}")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    return calendar


def _published(parts: Iterable[Part], name: str = "") -> bytes:
    calendar = _calendar("PUBLISH")
    if name:
        calendar.add("NAME", name)  # RFC 7986; older programs read the next line
        calendar.add("X-WR-CALNAME", name)
        calendar.add("REFRESH-INTERVAL", REFRESH_INTERVAL, parameters={"VALUE": "DURATION"})
        calendar.add("X-PUBLISHED-TTL", REFRESH_INTERVAL)
    for part in parts:
        if has_calendar_entry(part):
            entry = _entry(part)
            for component in (entry, *_exceptions(entry, part)):
                calendar.add_component(component)
    return calendar.to_ical()


def _entry(part: Part, hint: str = "") -> icalendar.Event:
    event = part.event
    address = settings.SITE_URL + event.get_absolute_url()
    entry = icalendar.Event()
    entry.add("UID", part.uid)
    entry.add("SEQUENCE", part.sequence)
    entry.add("DTSTAMP", part.changed_at.astimezone(datetime.UTC))
    entry.add("LAST-MODIFIED", part.changed_at.astimezone(datetime.UTC))
    _add_dates(entry, part)
    entry.add("SUMMARY", _summary(part))
    entry.add("DESCRIPTION", "\n\n".join(_notes(part, hint, address)))
    entry.add("URL", address)
    if where := location(event):
        entry.add("LOCATION", where)
    if part.status in ICS_STATUSES:
        entry.add("STATUS", ICS_STATUSES[Part.Status(part.status)])
    return entry


def _add_dates(entry: icalendar.Event, part: Part) -> None:
    """Add times in UTC if they are known, else whole days. An end that is not known is left out."""
    if part.starts_at and (part.ends_at or not part.end_date):
        starts_at, ends_at = part.sessions[0]
        _set_times(entry, starts_at, ends_at if part.ends_at else None)
        if part.has_daily_hours:
            entry.add("RRULE", {"FREQ": "DAILY", "COUNT": len(part.sessions)})
    else:
        entry.add("DTSTART", part.date)
        entry.add("DTEND", (part.end_date or part.date) + datetime.timedelta(days=1))  # the end is exclusive
        entry.add("TRANSP", "TRANSPARENT")


def _set_times(entry: icalendar.Event, starts_at: datetime.datetime, ends_at: datetime.datetime | None) -> None:
    for name, moment in (("DTSTART", starts_at), ("DTEND", ends_at)):
        entry.pop(name, None)
        if moment:
            entry.add(name, moment.astimezone(datetime.UTC))


def _exceptions(entry: icalendar.Event, part: Part) -> Iterator[icalendar.Event]:
    """Yield copies of a part's complete entry for the days on which its recurrence rule is wrong."""
    if "RRULE" not in entry:
        return
    first_start, first_end = part.sessions[0]
    for number, (starts_at, ends_at) in enumerate(part.sessions):
        by_rule = datetime.timedelta(days=number)
        if (starts_at, ends_at) != (first_start + by_rule, first_end + by_rule):
            day = entry.copy()
            del day["RRULE"]
            day.add("RECURRENCE-ID", (first_start + by_rule).astimezone(datetime.UTC))
            _set_times(day, starts_at, ends_at)
            yield day


def _summary(part: Part) -> str:
    title = str(part.event.title)
    if part.event.has_several_parts:
        title = gettext("%(event)s, part %(number)s") % {"event": title, "number": part.number}
    if part.title:
        title = f"{title}: {part.title}"
    if part.status == Part.Status.POSTPONED:
        title = gettext("Postponed: %(title)s") % {"title": title}
    return title


def _how_to_join(part: Part) -> str:
    return gettext("To join, open the personal link in your mail from WeGO.") if part.is_online else ""


def _notes(part: Part, hint: str, address: str) -> Iterator[str]:
    event = part.event
    if event.is_sample:
        yield gettext("This is a sample event.")
    if part.status == Part.Status.POSTPONED:
        yield gettext("This was postponed.")
    summary = part.summary or event.summary
    if summary:
        yield str(summary)
    if hint:
        yield hint
    yield address


def location(event: Event) -> str:
    """Return where people meet, in the active language; "" if it is not known."""
    on_site = gettext(", ").join(text for text in (event.venue, str(event.place or "")) if text)
    if event.mode == event.Mode.ONLINE:
        return gettext("Online")
    if event.mode == event.Mode.HYBRID:
        return gettext("%(place)s, and online") % {"place": on_site} if on_site else gettext("Online")
    return on_site


def _person(address: str, name: str) -> icalendar.vCalAddress:
    """Return a calendar address with a display name, cleaned of what could end its quotes (RFC 5545, 3.2)."""
    person = icalendar.vCalAddress(f"mailto:{address}")
    plain = "".join(" " if unicodedata.category(char) == "Cc" else char for char in name).replace('"', "'")
    if plain := " ".join(plain.split()):
        person.params["CN"] = plain
    return person
