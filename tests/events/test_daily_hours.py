"""A meeting of several days whose hours are those of each day: files, pages, mails, the room; and one over midnight."""

import datetime
import json
import re
from zoneinfo import ZoneInfo

import pytest
import time_machine

from events.domain.registration import cancel
from events.domain.reminders import queue_due_reminders
from events.models import Event
from tests.factories.events import EventOrganizationFactory, PartFactory
from tests.factories.organizations import OrganizationFactory, PlaceFactory
from tests.factories.registrations import registered
from tests.moments import DAY, HOUR, MINUTE, NOW

from .calendar_reader import moment, read, sessions, shown_by_ical, value
from .form_filling import text
from .mail_reading import body, calendars, send_all
from .reschedule_forms import preview_and_confirm, rescheduled_to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

FIRST = datetime.datetime(2026, 12, 10, tzinfo=datetime.UTC)  # 09:00 in Seoul
ROOM = "https://rooms.example.org/j/1"


def days_of(first, count, start=9, end=17, zone="Asia/Seoul", **fields):
    """A part on so many days, from `start` to `end` o'clock."""
    return PartFactory(
        date=first,
        end_date=first + (count - 1) * DAY,
        start_time=datetime.time(start),
        end_time=datetime.time(end),
        time_zone=zone,
        **fields,
    )


def three_days(**fields):
    return days_of(datetime.date(2026, 12, 10), 3, **fields)


def file_of(client, part):
    return client.get(f"/events/{part.event.slug}/parts/{part.number}/calendar.ics").content


def test_three_days_are_three_meetings_of_eight_hours(client):
    part = three_days()
    _calendar, (entry,) = read(file_of(client, part))
    assert sessions([entry]) == [(FIRST + n * DAY, FIRST + n * DAY + 8 * HOUR) for n in range(3)]
    assert shown_by_ical(file_of(client, part)) == sessions([entry])
    assert value(entry, "UID") == part.uid


@pytest.mark.parametrize(
    "address", ["/events/calendar.ics", "/events/{}/calendar.ics", "/events/{}/parts/1/calendar.ics"]
)
@pytest.mark.parametrize(
    ("zone", "first", "start", "end", "entries"),
    [
        ("Europe/Paris", datetime.date(2026, 12, 10), 9, 17, 1),
        ("Europe/Paris", datetime.date(2026, 10, 24), 9, 17, 3),  # summer time ends in the second night
        ("America/New_York", datetime.date(2027, 3, 13), 9, 17, 3),  # and begins
        ("America/New_York", datetime.date(2027, 3, 13), 1, 4, 3),  # clocks change inside the hours of the second day
        ("Pacific/Auckland", datetime.date(2027, 4, 3), 18, 22, 3),
    ],
)
def test_the_hours_stay_those_of_the_place_when_clocks_are_changed(client, zone, first, start, end, entries, address):
    part = days_of(first, 3, start, end, zone)
    data = client.get(address.format(part.event.slug)).content
    _calendar, found = read(data)
    local = [(a.astimezone(ZoneInfo(zone)), b.astimezone(ZoneInfo(zone))) for a, b in sessions(found)]
    assert [(a.date(), a.hour, b.date(), b.hour) for a, b in local] == [
        (first + n * DAY, start, first + n * DAY, end) for n in range(3)
    ]
    assert len(found) == entries
    assert len({value(entry, "UID") for entry in found}) == 1


def test_a_meeting_over_midnight_stays_one(client):
    part = days_of(datetime.date(2026, 12, 10), 2, 22, 2, event__title_en="Night")
    _calendar, (entry,) = read(file_of(client, part))
    assert "RRULE" not in entry
    assert moment(entry, "DTEND") - moment(entry, "DTSTART") == 4 * HOUR
    assert "22:00 to 02:00 on 11 December 2026, Seoul time" in text(client.get(part.event.get_absolute_url()))


@pytest.mark.parametrize(
    ("prefix", "said"),
    [
        ("", "09:00 to 17:00 each day"),
        ("/ja", "毎日09:00〜17:00"),
        ("/ko", "매일 09:00~17:00"),
    ],
)
def test_pages_and_lists_say_that_the_hours_are_those_of_each_day(client, prefix, said):
    part = three_days()
    for address in ("/events/", part.event.get_absolute_url(), f"/events/{part.event.slug}/register/"):
        assert said in text(client.get(prefix + address))


def test_hours_without_a_zone_are_said_so_too(client):
    part = three_days(zone="")
    assert "09:00 to 17:00 each day, time zone not known" in text(client.get(part.event.get_absolute_url()))


@pytest.mark.parametrize(
    ("zone", "first", "said"),
    [
        ("Asia/Seoul", datetime.date(2026, 12, 10), "19:00 to 03:00 each day Wednesday 9 December 2026, New York time"),
        ("Asia/Seoul", datetime.date(2026, 10, 31), "20:00 to 04:00 on the first day Friday 30 October 2026, New York"),
    ],
)
def test_other_cities_clocks_say_where_their_hours_do_not_hold(client, zone, first, said):
    part = days_of(first, 3, zone=zone)
    place = PlaceFactory(name_en="New York", country="US", time_zone="America/New_York")
    EventOrganizationFactory(event=part.event, organization=OrganizationFactory(place=place))
    with time_machine.travel(datetime.datetime(2026, 10, 1, tzinfo=datetime.UTC), tick=False):
        assert said in text(client.get(part.event.get_absolute_url()))


def test_machines_read_the_hours_of_each_day(client):
    html = client.get(three_days().event.get_absolute_url()).content.decode()
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)[1])
    assert (data["startDate"], data["endDate"]) == ("2026-12-10T09:00+09:00", "2026-12-12T17:00+09:00")
    assert data["eventSchedule"] == {
        "@type": "Schedule",
        "repeatFrequency": "P1D",
        "startDate": "2026-12-10",
        "endDate": "2026-12-12",
        "startTime": "09:00",
        "endTime": "17:00",
        "scheduleTimezone": "Asia/Seoul",
    }
    html = client.get(PartFactory().event.get_absolute_url()).content.decode()
    assert "eventSchedule" not in html


def test_mails_say_it_and_bring_one_entry_and_one_cancellation(mailoutbox):
    part = days_of(datetime.date(2027, 3, 27), 3, zone="Europe/Paris")
    registration = registered(part, now=NOW)
    (mail,) = send_all(mailoutbox, NOW)
    assert "Saturday 27 March 2027 to" in body(mail) or "27 March 2027 to 29 March 2027" in body(mail)
    assert "09:00 to 17:00 each day, Paris time" in body(mail)
    assert "09:00 to 17:00 each day, Paris time" in body(mail, "html")
    (attached,) = mail.iter_attachments()
    data = attached.get_payload(decode=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    _calendar, entries = read(data)
    assert [start.hour for start, _end in sessions(entries)] == [8, 7, 7]
    assert {value(entry, "UID") for entry in entries} == {registration.seats.get().uid}
    assert all("ATTENDEE" in entry and value(entry, "SEQUENCE") == "0" for entry in entries)
    cancel(registration=registration, now=NOW)
    (mail,) = send_all(mailoutbox, NOW)
    ((method, entry),) = calendars(mail)
    assert (method, value(entry, "UID")) == ("CANCEL", registration.seats.get().uid)
    assert "RECURRENCE-ID" not in entry


def test_registrants_of_a_part_that_gets_more_days_are_notified(admin_client, mailoutbox):
    part = PartFactory()
    registered(part, now=NOW)
    send_all(mailoutbox, NOW)
    changes = rescheduled_to(part, "2026-12-17", "09:00", "Asia/Seoul", "17:00") | {f"end_date_{part.pk}": "2026-12-18"}
    preview_and_confirm(admin_client, part.event, **changes)
    (mail,) = send_all(mailoutbox, NOW + HOUR)
    assert "09:00 to 17:00 each day, Seoul time" in body(mail)
    ((_method, entry),) = calendars(mail)
    assert [start.day for start, _end in sessions([entry])] == [17, 18]


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (FIRST - 31 * MINUTE, "Come back to this page from 10 December 2026, 08:30, Seoul time."),
        (FIRST - 30 * MINUTE, "The room is open"),
        (FIRST + 8 * HOUR - MINUTE, "The room is open"),
        (FIRST + 8 * HOUR, "Come back to this page from 11 December 2026, 08:30, Seoul time."),
        (FIRST + DAY - 30 * MINUTE, "The room is open"),
        (FIRST + 2 * DAY + 8 * HOUR - MINUTE, "The room is open"),
        (FIRST + 2 * DAY + 8 * HOUR, "It is over"),
    ],
)
def test_the_room_is_open_on_each_day_and_closed_in_the_nights(client, clock, moment, said):
    registration = registered(three_days(room_url=ROOM), now=NOW)
    clock.move_to(moment)
    page = client.get(f"/registrations/{registration.token}/join/1/")
    assert said in text(page)
    entered = client.post(f"/registrations/{registration.token}/join/1/")
    assert entered.status_code == (303 if said == "The room is open" else 409)


def test_it_has_begun_with_its_first_day_and_is_over_with_its_last():
    part = three_days()
    registered(part, now=NOW)
    for later, begun, past in ((-MINUTE, False, False), (12 * HOUR, True, False), (2 * DAY + 8 * HOUR, True, True)):
        assert (part.has_begun(FIRST + later), part.is_past(FIRST + later)) == (begun, past)
    assert queue_due_reminders(now=FIRST - DAY) == 1
    assert queue_due_reminders(now=FIRST + DAY - HOUR) == 0  # one reminder, before the first day
    assert list(Event.objects.upcoming(FIRST + DAY)) == [part.event]
