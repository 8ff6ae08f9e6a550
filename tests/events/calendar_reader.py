"""A small strict reader of RFC 5545, and three libraries beside it: what one of them reads, all must.

icalendar writes our files; vobject and ical were written apart from it, and so was the reader here.
"""

import datetime
import re

import icalendar
import vobject
from dateutil.rrule import rrulestr
from ical.calendar_stream import CalendarStream

from tests.moments import DAY

LINE = re.compile(
    rb'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"\x00-\x08\x0a-\x1f\x7f]*"|[^";:,\x00-\x08\x0a-\x1f\x7f]*))*):(.*)'
)
ESCAPED = {"\\": "\\", ";": ";", ",": ",", "n": "\n", "N": "\n"}
TEXTS = {"SUMMARY", "DESCRIPTION", "LOCATION", "X-WR-CALNAME", "NAME"}
ONCE = {"UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "SUMMARY", "STATUS", "URL", "ORGANIZER", "LAST-MODIFIED"}
ONCE |= {"RRULE", "RECURRENCE-ID"}
DAILY = re.compile(r"FREQ=DAILY;COUNT=([1-9][0-9]{0,2})")


def read(data):
    """(properties of the calendar, [properties of each VEVENT]); a property is a list of (parameters, value).

    Raises AssertionError for anything that the standard does not allow and we could write.
    """
    assert data.endswith(b"\r\n")
    physical = data[:-2].split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line for line in physical), "a line end that is not CRLF"
    assert all(len(line) <= 75 for line in physical), "a line longer than 75 octets"
    logical = []
    for line in physical:
        assert line, "an empty line"
        if line[:1] in b" \t":
            logical[-1] += line[1:]
        else:
            line.decode()  # a fold inside a character would fail here
            logical.append(line)
    calendar, events, stack = {}, [], []
    for line in logical:
        match = LINE.fullmatch(line)
        assert match, line
        name, parameters, content = match[1].decode().upper(), match[2].decode(), match[3].decode()
        if name == "BEGIN":
            stack.append(content)
            assert stack in (["VCALENDAR"], ["VCALENDAR", "VEVENT"])
            if content == "VEVENT":
                events.append({})
            continue
        if name == "END":
            assert stack.pop() == content
            continue
        target = events[-1] if stack[-1] == "VEVENT" else calendar
        named = dict(pair.split("=", 1) for pair in re.findall(r';([^=;]+=(?:"[^"]*"|[^;]*))', parameters))
        target.setdefault(name, []).append((named, _text(content) if name in TEXTS else content))
    assert not stack
    assert [version for _named, version in calendar["VERSION"]] == ["2.0"]
    assert len(calendar["PRODID"]) == 1
    for event in events:
        assert all(len(event.get(name, [])) <= 1 for name in ONCE)
        assert {"UID", "DTSTAMP", "DTSTART"} <= set(event)
        if "DTEND" in event:
            assert moment(event, "DTEND") > moment(event, "DTSTART")
        if "RECURRENCE-ID" in event:
            assert moment(event, "RECURRENCE-ID") in by_rule(_master(events, event))
    assert len({(value(event, "UID"), value(event, "RECURRENCE-ID")) for event in events}) == len(events)
    read_here = [_gist(event) for event in events]
    for library in (_by_icalendar, _by_vobject, _by_ical):
        assert library(data) == (value(calendar, "METHOD"), read_here), library.__name__
    return calendar, events


def _master(events, event):
    """The entry of which `event` is a day: the one with the same UID and a rule."""
    (master,) = [one for one in events if value(one, "UID") == value(event, "UID") and "RRULE" in one]
    return master


def by_rule(event):
    """When the entry begins by itself and its rule, days that are entries of their own not looked at."""
    if "RRULE" not in event:
        return [moment(event, "DTSTART")]
    count = DAILY.fullmatch(value(event, "RRULE"))[1]
    return [moment(event, "DTSTART") + number * DAY for number in range(int(count))]


def sessions(events):
    """(begin, end) of all that the entries of one part hold, in order, as a calendar program shows them."""
    own = {moment(event, "RECURRENCE-ID"): event for event in events if "RECURRENCE-ID" in event}
    found = []
    for master in (event for event in events if "RECURRENCE-ID" not in event):
        for begin in by_rule(master):
            event = own.get(begin, master)
            start = begin if event is master else moment(event, "DTSTART")
            found.append((start, start + (moment(event, "DTEND") - moment(event, "DTSTART"))))
    return sorted(found)


def _gist(event):
    """What every calendar program takes of an entry: identity, number of the change, title, begins, end, its day."""
    ends = moment(event, "DTEND") if "DTEND" in event else None
    day = moment(event, "RECURRENCE-ID") if "RECURRENCE-ID" in event else None
    return value(event, "UID"), int(value(event, "SEQUENCE")), value(event, "SUMMARY"), by_rule(event), ends, day


def _by_icalendar(data):
    calendar = icalendar.Calendar.from_ical(data)
    events = []
    for event in calendar.walk("VEVENT"):
        begins = [event.decoded("DTSTART")]
        if "RRULE" in event:
            begins = list(rrulestr(event["RRULE"].to_ical().decode(), dtstart=begins[0]))
        ends, day = event.decoded("DTEND", None), event.decoded("RECURRENCE-ID", None)
        events.append((str(event["UID"]), event["SEQUENCE"], event["SUMMARY"], begins, ends, day))
    return str(calendar["METHOD"]), events


def _by_vobject(data):
    calendar = vobject.readOne(data.decode())
    events = [
        (
            event.uid.value,
            int(event.sequence.value),
            event.summary.value,
            list(event.rruleset) if hasattr(event, "rrule") else [event.dtstart.value],
            event.dtend.value if hasattr(event, "dtend") else None,
            event.recurrence_id.value if hasattr(event, "recurrence_id") else None,
        )
        for event in calendar.contents.get("vevent", [])
    ]
    return calendar.method.value, events


def _by_ical(data):
    (calendar,) = CalendarStream.from_ics(data.decode()).calendars
    events = []
    for event in calendar.events:
        begins = list(event.as_rrule()) if event.rrule else [event.dtstart]
        day = event.recurrence_id and datetime.datetime.strptime(event.recurrence_id, "%Y%m%dT%H%M%SZ")
        day = day and day.replace(tzinfo=datetime.UTC)
        events.append((event.uid, event.sequence, event.summary, begins, event.dtend, day))
    return calendar.method, events


def shown_by_ical(data):
    """(begin, end) of all that a calendar program shows of a file, in order, as the library `ical` lays it out."""
    (calendar,) = CalendarStream.from_ics(data.decode()).calendars
    return [(event.dtstart, event.dtend) for event in calendar.timeline]


def value(properties, name):
    """The only value of a property, or None."""
    (found,) = properties.get(name, [({}, None)])
    return found[1]


def moment(properties, name):
    """A date, or an aware datetime in UTC; any other form of time is refused."""
    ((parameters, text),) = properties[name]
    if parameters.get("VALUE") == "DATE":
        return datetime.datetime.strptime(text, "%Y%m%d").date()
    assert text.endswith("Z"), text
    return datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC)


def _text(value):
    assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value), f"a comma or semicolon that is not escaped: {value}"
    return re.sub(r"\\(.)", lambda match: ESCAPED[match[1]], value)
