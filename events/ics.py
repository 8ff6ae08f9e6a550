"""Calendar files (RFC 5545, RFC 5546): models into bytes, in the active language, and nothing else touched.

Times are written in UTC ("Z"), because readers of calendar files disagree about time zone definitions. A part known to
the day is an all-day entry; one known only to the month or the year has no entry, for a calendar cannot say so.

A part with hours of each day is one entry that recurs daily (RRULE), which every program knows; some do not know RDATE.
A rule in UTC keeps the hour of UTC, while a change of clocks inside the span moves that of the place. So each day on
which the rule would be wrong is an entry of its own, with the same UID and the RECURRENCE-ID of the moment that it
replaces (RFC 5545, 3.8.4.4).
"""

import datetime
import unicodedata
from email.utils import parseaddr

import icalendar
from django.conf import settings
from django.utils.translation import get_language, gettext

from wego_portal.foundation.partial_dates import Precision

from .models import Part

CONTENT_TYPE = "text/calendar; charset=utf-8"
POLL_EVERY = datetime.timedelta(hours=6)
STATUS = {
    Part.Status.CONFIRMED: "CONFIRMED",
    Part.Status.HELD: "CONFIRMED",
    Part.Status.POSTPONED: "TENTATIVE",
    Part.Status.CANCELLED: "CANCELLED",
    Part.Status.REPLACED: "CANCELLED",
}


def has_calendar_entry(part):
    """Whether the day of the part is known, without which a calendar cannot hold it."""
    return part.precision in (Precision.DAY, Precision.MINUTE)


def part_calendar(part):
    """One part as a file to download. `part.event` and its place are read. Raises ValueError where no day is known."""
    if not has_calendar_entry(part):
        raise ValueError("the day of this part is not known")
    return _published([part])


def event_calendar(event):
    """The parts of an event whose day is known, as a file to download."""
    return _published(event.parts.all())


def calendar_feed(parts, *, name):
    """Parts of many events as a calendar to subscribe to, called `name`; those without a known day are left out."""
    return _published(parts, name=name)


def seat_calendar(*, seat, method):
    """A registrant's own entry for one part: an iTIP message (RFC 5546) with exactly one UID.

    `method` is "REQUEST" for a confirmed seat, new or changed, and "CANCEL" for one that was given up or whose part is
    cancelled. Raises ValueError where the day of the part is not known. Neither the address of the room nor a personal
    link is written, for calendars are shared: the entry says that the link is in the mail.
    """
    part, registration = seat.part, seat.registration
    if not has_calendar_entry(part):
        raise ValueError("the day of this part is not known")
    entry = _entry(part, hint=_how_to_join(part) if method == "REQUEST" else "")
    # Both numbers only grow, so their sum grows whether the seat or the part changed.
    changes = {"UID": seat.uid, "SEQUENCE": part.sequence + seat.sequence}
    changes["STATUS"] = "CANCELLED" if method == "CANCEL" else "CONFIRMED"
    for stamp in ("DTSTAMP", "LAST-MODIFIED"):
        changes[stamp] = max(part.changed_at, seat.changed_at).astimezone(datetime.UTC)
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
    if method == "REQUEST":  # a CANCEL without RECURRENCE-ID takes all days with it (RFC 5546, 3.2.5)
        for other_day in _days_off_the_rule(entry, part):
            calendar.add_component(other_day)
    return calendar.to_ical()


def _calendar(method):
    calendar = icalendar.Calendar()
    calendar.add("PRODID", f"-//WeGO//Portal//{(get_language() or 'en').upper()}")
    calendar.add("VERSION", "2.0")
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    return calendar


def _published(parts, name=""):
    calendar = _calendar("PUBLISH")
    if name:
        calendar.add("NAME", name)  # RFC 7986; the next line is what older readers know
        calendar.add("X-WR-CALNAME", name)
        calendar.add("REFRESH-INTERVAL", POLL_EVERY, parameters={"VALUE": "DURATION"})
        calendar.add("X-PUBLISHED-TTL", POLL_EVERY)
    for part in parts:
        if has_calendar_entry(part):
            entry = _entry(part)
            for each in (entry, *_days_off_the_rule(entry, part)):
                calendar.add_component(each)
    return calendar.to_ical()


def _entry(part, hint=""):
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
    if part.status in STATUS:
        entry.add("STATUS", STATUS[part.status])
    return entry


def _add_dates(entry, part):
    """UTC times where they are known; all-day where only days are. An end that is not known is not made up."""
    if part.starts_at and (part.ends_at or not part.end_date):
        starts_at, ends_at = part.sessions[0]
        _set_times(entry, starts_at, ends_at if part.ends_at else None)
        if part.has_daily_hours:
            entry.add("RRULE", {"FREQ": "DAILY", "COUNT": len(part.sessions)})
    else:
        entry.add("DTSTART", part.date)
        entry.add("DTEND", (part.end_date or part.date) + datetime.timedelta(days=1))  # the end is exclusive
        entry.add("TRANSP", "TRANSPARENT")


def _set_times(entry, starts_at, ends_at):
    for name, moment in (("DTSTART", starts_at), ("DTEND", ends_at)):
        entry.pop(name, None)
        if moment:
            entry.add(name, moment.astimezone(datetime.UTC))


def _days_off_the_rule(entry, part):
    """Copies of a part's finished entry for those days on which its rule would be wrong."""
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


def _summary(part):
    title = str(part.event.title)
    if part.event.has_several_parts:
        title = gettext("%(event)s, part %(number)s") % {"event": title, "number": part.number}
    if part.title:
        title = f"{title}: {part.title}"
    if part.status == Part.Status.POSTPONED:
        title = gettext("Postponed: %(title)s") % {"title": title}
    return title


def _how_to_join(part):
    return gettext("To join, open the personal link in your mail from WeGO.") if part.is_online else ""


def _notes(part, hint, address):
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


def location(event):
    """Where people meet, in words; "" where that is not known."""
    on_site = ", ".join(text for text in (event.venue, str(event.place or "")) if text)
    if event.mode == event.Mode.ONLINE:
        return gettext("Online")
    if event.mode == event.Mode.HYBRID:
        return gettext("%(place)s, and online") % {"place": on_site} if on_site else gettext("Online")
    return on_site


def _person(address, name):
    """A calendar address whose display name, if there is one, has nothing in it that could break out of its quotes."""
    person = icalendar.vCalAddress(f"mailto:{address}")
    plain = "".join(" " if unicodedata.category(char) == "Cc" else char for char in name).replace('"', "'")
    if plain := " ".join(plain.split()):
        person.params["CN"] = plain
    return person
