import datetime
import itertools

import pytest

from events import ics
from events.models import Contact, Part, Registration, Seat
from tests.factories.events import EventFactory, PartFactory, SeriesFactory
from tests.factories.organizations import PlaceFactory
from tests.moments import NOW
from wego_portal.foundation.publication import Publication

from .calendar_reader import moment, read, value

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

UTC = datetime.UTC


def download(client, address):
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    return read(response.content)


def test_part_known_to_the_minute_is_written_in_utc(client):
    part = PartFactory(event__summary_en="For cities, and companies; all of them.\nTwo lines.")
    calendar, (entry,) = download(client, f"/events/{part.event.slug}/calendar.ics")
    assert value(calendar, "METHOD") == "PUBLISH"
    assert moment(entry, "DTSTART") == datetime.datetime(2026, 12, 10, 6, tzinfo=UTC)
    assert moment(entry, "DTEND") == datetime.datetime(2026, 12, 10, 7, 30, tzinfo=UTC)
    assert moment(entry, "DTSTAMP") == moment(entry, "LAST-MODIFIED") == NOW
    assert value(entry, "SUMMARY") == part.event.title
    assert "For cities, and companies; all of them.\nTwo lines." in value(entry, "DESCRIPTION")
    assert value(entry, "URL") == f"http://127.0.0.1:8000/events/{part.event.slug}/"
    assert value(entry, "UID") == part.uid
    assert value(entry, "LOCATION") == "Online"
    assert value(entry, "STATUS") is None


@pytest.mark.parametrize(
    ("date", "utc"),
    [
        (datetime.date(2026, 10, 24), datetime.datetime(2026, 10, 24, 7, 0, tzinfo=UTC)),  # summer time
        (datetime.date(2026, 10, 25), datetime.datetime(2026, 10, 25, 8, 0, tzinfo=UTC)),  # it ended in the night
        (datetime.date(2027, 3, 27), datetime.datetime(2027, 3, 27, 8, 0, tzinfo=UTC)),
        (datetime.date(2027, 3, 28), datetime.datetime(2027, 3, 28, 7, 0, tzinfo=UTC)),
    ],
)
def test_clock_changes_are_followed(client, date, utc):
    part = PartFactory(date=date, start_time=datetime.time(9), end_time=None, time_zone="Europe/Paris")
    _calendar, (entry,) = download(client, f"/events/{part.event.slug}/calendar.ics")
    assert moment(entry, "DTSTART") == utc
    assert "DTEND" not in entry


def test_part_known_to_the_day_is_an_all_day_entry(client):
    part = PartFactory(known_to_day=True, date=datetime.date(2020, 7, 6), end_date=datetime.date(2020, 7, 8))
    _calendar, (entry,) = download(client, f"/events/{part.event.slug}/parts/1/calendar.ics")
    assert moment(entry, "DTSTART") == datetime.date(2020, 7, 6)
    assert moment(entry, "DTEND") == datetime.date(2020, 7, 9)


def test_hour_without_zone_is_not_made_an_instant(client):
    part = PartFactory(time_zone="")
    _calendar, (entry,) = download(client, f"/events/{part.event.slug}/calendar.ics")
    assert moment(entry, "DTSTART") == datetime.date(2026, 12, 10)


@pytest.mark.parametrize("known", ["known_to_month", "known_to_year"])
def test_part_without_a_known_day_has_no_file_and_is_left_out_of_feeds(client, known):
    part = PartFactory(**{known: True}, date=datetime.date(2020, 7, 1))
    for address in ("calendar.ics", "parts/1/calendar.ics"):
        assert client.get(f"/events/{part.event.slug}/{address}").status_code == 404
    assert download(client, "/events/calendar.ics")[1] == []


def test_event_of_two_parts(client):
    event = EventFactory(title_en="Cities")
    PartFactory(event=event, title_en="Seoul")
    PartFactory(event=event, status=Part.Status.CANCELLED)
    PartFactory(event=event, status=Part.Status.POSTPONED, sequence=4)
    PartFactory(event=event, known_to_month=True)
    _calendar, entries = download(client, f"/events/{event.slug}/calendar.ics")
    assert [value(entry, "SUMMARY") for entry in entries] == [
        "Cities, part 1: Seoul",
        "Cities, part 2",
        "Postponed: Cities, part 3",
    ]
    assert [value(entry, "STATUS") for entry in entries] == [None, "CANCELLED", "TENTATIVE"]
    assert [value(entry, "SEQUENCE") for entry in entries] == ["0", "0", "4"]
    assert len(download(client, f"/events/{event.slug}/parts/2/calendar.ics")[1]) == 1
    assert client.get(f"/events/{event.slug}/parts/9/calendar.ics").status_code == 404


def test_identity_stays_when_the_part_is_moved(client):
    part = PartFactory()
    before = download(client, "/events/calendar.ics")[1][0]
    part.date, part.sequence = datetime.date(2026, 12, 11), 1
    part.save()
    after = download(client, "/events/calendar.ics")[1][0]
    assert value(before, "UID") == value(after, "UID")
    assert value(after, "SEQUENCE") == "1"


def test_identity_stays_when_the_portal_moves(client, settings):
    part = PartFactory()
    seat = seat_of(part)

    def identities():
        (own,) = read(ics.seat_calendar(seat=seat, method="CANCEL"))[1]
        return value(download(client, "/events/calendar.ics")[1][0], "UID"), value(own, "UID")

    before = identities()
    settings.SITE_URL = "https://portal.example.org"
    assert identities() == before == (part.uid, seat.uid)


def test_feed_and_series_feed_hold_what_is_published(client):
    series = SeriesFactory(title_en="Smart City 101")
    PartFactory(event__title_en="Inside", event__series=series)
    PartFactory(event__title_en="Outside")
    PartFactory(event__title_en="Draft", event__series=series, event__publication=Publication.DRAFT)
    calendar, entries = download(client, "/events/calendar.ics")
    assert {value(entry, "SUMMARY") for entry in entries} == {"Inside", "Outside"}
    calendar, entries = download(client, f"/series/{series.slug}/calendar.ics")
    assert value(calendar, "X-WR-CALNAME") == "Smart City 101"
    assert [value(entry, "SUMMARY") for entry in entries] == ["Inside"]


def test_drafts_have_no_file(client):
    part = PartFactory(event__publication=Publication.DRAFT)
    series = SeriesFactory(publication=Publication.WITHDRAWN)
    assert client.get(f"/events/{part.event.slug}/calendar.ics").status_code == 404
    assert client.get(f"/events/{part.event.slug}/parts/1/calendar.ics").status_code == 404
    assert client.get(f"/series/{series.slug}/calendar.ics").status_code == 404


def test_old_address_of_a_series_leads_to_its_file(client):
    series = SeriesFactory(slug="old")
    series = type(series).objects.get()
    series.slug = "new"
    series.save()
    response = client.get("/series/old/calendar.ics")
    assert (response.status_code, response["Location"]) == (301, "/series/new/calendar.ics")


def test_polling_is_answered_with_not_modified(client):
    PartFactory()
    etag = client.get("/events/calendar.ics")["ETag"]
    response = client.get("/events/calendar.ics", headers={"If-None-Match": etag})
    assert (response.status_code, response.content) == (304, b"")


def test_file_in_the_language_of_its_address(client):
    place = PlaceFactory(name_en="Busan", name_ja="釜山")
    part = PartFactory(
        event__title_ja="スマートシティの" * 20, event__mode="onsite", event__place=place, event__venue="BEXCO, Hall 1"
    )
    _calendar, (entry,) = download(client, f"/ja/events/{part.event.slug}/calendar.ics")
    assert value(entry, "SUMMARY") == "スマートシティの" * 20
    assert value(entry, "LOCATION").startswith("BEXCO, Hall 1、釜山")
    assert value(entry, "URL").startswith("http://127.0.0.1:8000/ja/events/")


@pytest.mark.parametrize("rows", [1, 3])
def test_queries(client, django_assert_num_queries, rows):
    series = SeriesFactory()
    for _row in range(rows):
        event = EventFactory(series=series, place=PlaceFactory())
        PartFactory.create_batch(rows, event=event)
    with django_assert_num_queries(2):
        client.get("/events/calendar.ics")
    with django_assert_num_queries(3):
        client.get(f"/series/{series.slug}/calendar.ics")
    with django_assert_num_queries(2):
        client.get(f"/events/{event.slug}/calendar.ics")


names = itertools.count()


def seat_of(part, name="Hanako Yamada", **kwargs):
    contact = Contact.objects.create(email=f"hanako{next(names)}@example.org", created_at=NOW)
    registration = Registration.objects.create(
        event=part.event,
        contact=contact,
        name=name,
        organization_name="City of Kyoto",
        sector="municipal",
        country="JP",
        language="ja",
        privacy_consent_at=NOW,
        privacy_consent_text="Yes",
        retention_months=12,
        registered_at=NOW,
        changed_at=NOW,
    )
    fields = {"state": Seat.State.CONFIRMED, "changed_at": NOW, **kwargs}
    return Seat.objects.create(registration=registration, part=part, **fields)


def test_seat_request_is_one_entry_for_its_owner():
    seat = seat_of(PartFactory(sequence=2, room_url="https://rooms.example.org/r"), sequence=3)
    data = ics.seat_calendar(seat=seat, method="REQUEST")
    calendar, (entry,) = read(data)
    assert value(calendar, "METHOD") == "REQUEST"
    assert value(entry, "UID") == seat.uid
    assert value(entry, "SEQUENCE") == "5"
    assert value(entry, "STATUS") == "CONFIRMED"
    assert value(entry, "LOCATION") == "Online"
    assert "open the personal link in your mail" in value(entry, "DESCRIPTION")
    assert b"rooms.example.org" not in data
    ((parameters, address),) = entry["ATTENDEE"]
    assert address == f"mailto:{seat.registration.contact.email}"
    assert parameters["CN"].strip('"') == "Hanako Yamada"
    assert value(entry, "ORGANIZER") == "mailto:webmaster@localhost"


def test_seat_cancel():
    seat = seat_of(PartFactory(room_url="https://rooms.example.org/r"), state=Seat.State.CANCELLED)
    calendar, (entry,) = read(ics.seat_calendar(seat=seat, method="CANCEL"))
    assert (value(calendar, "METHOD"), value(entry, "STATUS")) == ("CANCEL", "CANCELLED")
    assert value(entry, "LOCATION") == "Online"


@pytest.mark.parametrize(
    "name",
    ['Eve "quoted"', "Eve\r\nATTENDEE:mailto:spy@example.org", "Eve; X=1, Y:2", "山田 花子" * 30, "😀\u202eevil\x85"],
)
def test_no_name_breaks_out_of_its_line(name):
    data = ics.seat_calendar(seat=seat_of(PartFactory(), name=name), method="REQUEST")
    _calendar, (entry,) = read(data)
    assert len(entry["ATTENDEE"]) == 1


def test_seat_without_a_known_day_has_no_entry():
    with pytest.raises(ValueError, match="day"):
        ics.seat_calendar(seat=seat_of(PartFactory(known_to_month=True)), method="REQUEST")
