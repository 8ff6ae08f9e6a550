"""Rescheduling in the admin: a preview of who is notified and of what, then the change with mails and calendars."""

import datetime
import re

import pytest
from django.test import Client
from django.urls import reverse

from events.domain.registration import cancel
from events.domain.reschedule import ImpossibleChangeError, Kind, cancel_event, postpone, reschedule
from events.models import Contact, Part, Registration, ScheduleChange, Seat
from tests.factories.events import EventFactory, PartFactory
from tests.factories.organizations import PlaceFactory
from tests.factories.registrations import registered
from tests.moments import HOUR, NOW
from wego_portal.foundation.models import OutboxMail

from .calendar_reader import moment, value
from .form_filling import text
from .mail_reading import body, calendars
from .reschedule_forms import preview_and_confirm, reschedule_data, reschedule_url, rescheduled_to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_a_part_is_rescheduled_and_everybody_in_it_gets_a_new_calendar_entry(admin_client, admin_user, send_mails):
    event = EventFactory(title_en="Cities")
    one, two = PartFactory(event=event), PartFactory(event=event, capacity=1)
    sitting = registered([one, two], now=NOW, number=1)
    registered(two, now=NOW, number=2, language="ja")
    registered(one, now=NOW, number=3)
    (old,) = [entry for _method, entry in calendars(send_mails()["observer1@city.example"]) if "part 2" in str(entry)]
    _looked, done = preview_and_confirm(
        admin_client, event, part=str(two.pk), message="We are sorry.", **rescheduled_to(two)
    )
    assert "Rescheduled. 2 people are notified by email." in text(done)
    two.refresh_from_db()
    assert (two.starts_at, two.sequence) == (datetime.datetime(2026, 12, 17, 1, tzinfo=datetime.UTC), 1)
    mails = send_mails()
    assert set(mails) == {"observer1@city.example", "observer2@city.example"}
    mail = mails["observer1@city.example"]
    assert mail["Subject"] == "New date for part 2: Cities"
    for kind in ("plain", "html"):
        for words in ("Thursday 17 December 2026", "10:00 to 11:30, Tokyo time", "Before:", "We are sorry."):
            assert words in body(mail, kind)
        assert "15:00 to 16:30, Seoul time" in body(mail, kind)
        assert "Your place is confirmed" in body(mail, kind)
        assert sitting.token in body(mail, kind)
    ((method, entry),) = calendars(mail)
    assert (method, value(entry, "UID")) == ("REQUEST", value(old, "UID"))
    assert moment(entry, "DTSTART") == datetime.datetime(2026, 12, 17, 1, tzinfo=datetime.UTC)
    assert int(value(entry, "SEQUENCE")) > int(value(old, "SEQUENCE"))
    waiting = mails["observer2@city.example"]
    assert waiting["Content-Language"] == "ja"
    assert calendars(waiting) == []
    assert send_mails() == {}
    change = ScheduleChange.objects.get()
    assert (change.part, change.notified_count, change.changed_by, change.message) == (
        two,
        2,
        admin_user,
        "We are sorry.",
    )
    listed = text(admin_client.get(reverse("admin:events_schedulechange_changelist")))
    assert "Planned, Thursday 10 December 2026, 15:00 to 16:30, Seoul time" in listed
    assert "Planned, Thursday 17 December 2026, 10:00 to 11:30, Tokyo time" in listed


def test_the_whole_event_is_postponed_then_rescheduled_and_the_waitlist_is_promoted(admin_client, client, send_mails):
    part = PartFactory(capacity=1, event__title_en="Cities")
    holder, next_on_waitlist = (registered(part, now=NOW, number=number) for number in (1, 2))
    send_mails()
    preview_and_confirm(admin_client, part.event, kind="postponed")
    part.refresh_from_db()
    assert (part.status, part.sequence, part.seats.count()) == ("postponed", 1, 2)
    mails = send_mails()
    mail = mails["observer1@city.example"]
    assert mail["Subject"] == "Postponed: Cities"
    assert "Postponed; you keep your place" in body(mail)
    ((method, entry),) = calendars(mail)
    assert (method, value(entry, "STATUS"), value(entry, "SEQUENCE")) == ("CANCEL", "CANCELLED", "1")
    assert calendars(mails["observer2@city.example"]) == []
    page = text(client.get(f"/registrations/{holder.token}/"))
    assert "This part was postponed" in page
    cancel(registration=holder, now=NOW)
    assert next_on_waitlist.seats.get().state == Seat.State.WAITING
    send_mails()
    _looked, done = preview_and_confirm(admin_client, part.event, **rescheduled_to(part))
    assert "1 person is notified" in text(done)
    part.refresh_from_db()
    assert (part.status, part.sequence) == ("planned", 2)
    assert next_on_waitlist.seats.get().state == Seat.State.CONFIRMED
    assert set(send_mails()) == {"observer2@city.example"}


def test_a_postponed_part_is_rescheduled_and_its_seats_cancelled_after_its_old_date(
    admin_client, admin_user, clock, send_mails
):
    part = PartFactory()
    registration = registered(part, now=NOW)
    preview_and_confirm(admin_client, part.event, kind="postponed")
    clock.move_to(NOW + 60 * 24 * HOUR)
    admin_client.force_login(admin_user)
    preview_and_confirm(admin_client, part.event, **rescheduled_to(part, date="2027-03-01"))
    preview_and_confirm(admin_client, part.event, kind="postponed")
    assert [seat.state for seat in cancel(registration=registration, now=NOW + 60 * 24 * HOUR)] == ["cancelled"]


def test_an_event_is_cancelled_except_what_is_over(admin_client, client, send_mails):
    event = EventFactory(title_en="Cities")
    over = PartFactory(event=event)
    ahead = PartFactory(event=event, date=datetime.date(2026, 12, 17))
    registration = registered([over, ahead], now=NOW)
    registered(over, now=NOW, number=2)
    send_mails()
    Part.objects.filter(pk=over.pk).update(latest=NOW - HOUR, earliest=NOW - 2 * HOUR)
    looked, _done = preview_and_confirm(admin_client, event, kind="cancelled")
    assert "1 person with a seat is notified by email." in text(looked)
    assert list(event.parts.order_by("number").values_list("status", "sequence")) == [("planned", 0), ("cancelled", 1)]
    (mail,) = send_mails().values()
    assert mail["Subject"] == "Cancelled by the organizers: Cities"
    assert "We are sorry: the organizers have cancelled:\nCities" in body(mail)
    ((method, entry),) = calendars(mail)
    assert (method, value(entry, "UID")) == ("CANCEL", registration.seats.get(part=ahead).uid)
    page = client.get(f"/registrations/{registration.token}/")
    assert "This part was cancelled by the organizers" in text(page)
    entry = reverse("events:registration_calendar_by_number", args=[registration.token, ahead.number])
    assert client.get(entry).status_code == 404
    assert entry not in page.content.decode()


def test_a_new_place_concerns_all_parts(admin_client, send_mails):
    event = EventFactory(title_en="Cities", mode="onsite", venue="City Hall")
    one, two = PartFactory(event=event), PartFactory(event=event)
    registered(one, now=NOW, number=1)
    registered(two, now=NOW, number=2)
    send_mails()
    place = PlaceFactory(name_en="Busan")
    preview_and_confirm(admin_client, event, kind="rescheduled", venue="Port Hall", place=str(place.pk))
    mails = send_mails()
    assert set(mails) == {"observer1@city.example", "observer2@city.example"}
    for mail in mails.values():
        assert mail["Subject"] == "New place: Cities"
        assert "Where: Port Hall, Busan, South Korea" in body(mail)
        assert "Before: City Hall" in body(mail)
        ((method, entry),) = calendars(mail)
        assert (method, value(entry, "LOCATION"), value(entry, "SEQUENCE")) == (
            "REQUEST",
            "Port Hall, Busan, South Korea",
            "1",
        )
    (change,) = ScheduleChange.objects.all()
    page = admin_client.get(reverse("admin:events_schedulechange_change", args=[change.pk]))
    assert "City Hall → Port Hall, Busan, South Korea" in text(page)


def test_the_preview_names_who_is_notified_of_what_and_changes_nothing(admin_client, send_mails):
    part = PartFactory(event__title_en="Cities", event__title_ja="都市")
    token = registered(part, now=NOW, number=1, name="Ada Lovelace", verified=True).token
    registered(part, now=NOW, number=2, language="ja")
    send_mails()
    rows = [model.objects.count() for model in (Contact, Registration, Seat, OutboxMail, ScheduleChange)]
    looked = admin_client.post(
        reschedule_url(part.event), reschedule_data(admin_client, part.event, message="Sorry", **rescheduled_to(part))
    )
    page = text(looked)
    assert "2 people with a seat are notified by email." in page
    assert "Ada Lovelace" in page
    assert "Dear (name)," in page
    assert "New date: Cities" in page
    assert "都市" in page
    assert "/registrations/…/" in page
    assert token not in looked.content.decode()
    assert looked.content.decode().count("<pre") == 2
    part.refresh_from_db()
    assert (part.date, part.sequence) == (datetime.date(2026, 12, 10), 0)
    assert rows == [model.objects.count() for model in (Contact, Registration, Seat, OutboxMail, ScheduleChange)]
    assert send_mails() == {}


def test_an_editor_sees_the_number_and_no_name_and_a_registrar_has_no_tool(staff_with):
    part = PartFactory()
    registered(part, now=NOW, name="Ada Lovelace")
    for role, status in (("Editor", 200), ("Registrar", 403)):
        client = staff_with(role)
        assert client.get(reschedule_url(part.event)).status_code == status
        change = reverse("admin:events_event_change", args=[part.event_id])
        assert (reschedule_url(part.event) in client.get(change).content.decode()) == (status == 200)
        if status == 200:
            page = client.post(
                reschedule_url(part.event), reschedule_data(client, part.event, kind="cancelled")
            ).content.decode()
            assert "1 person with a seat is notified by email." in page
            assert "Ada" not in page
        else:
            assert client.post(reschedule_url(part.event), {"kind": "cancelled", "do": "confirm"}).status_code == 403


def test_it_needs_the_token_against_forgery(admin_user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    assert client.post(reschedule_url(PartFactory().event), {"do": "confirm", "kind": "cancelled"}).status_code == 403


def test_what_was_changed_since_it_was_looked_at_is_not_done(admin_client, send_mails):
    part = PartFactory()
    registered(part, now=NOW)
    data = reschedule_data(admin_client, part.event, do="confirm", **rescheduled_to(part))
    postpone(event=part.event, staff=None, now=NOW)
    again = admin_client.post(reschedule_url(part.event), data)
    assert "The schedule was changed meanwhile." in text(again)
    part.refresh_from_db()
    assert part.status == "postponed"
    twice = reschedule_data(admin_client, part.event, do="confirm", kind="cancelled")
    admin_client.post(reschedule_url(part.event), twice)
    assert "nothing left" in text(admin_client.post(reschedule_url(part.event), twice))
    assert ScheduleChange.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({}, "kind", "This field is required."),
        ({"kind": "eaten"}, "kind", "Select a valid choice."),
        ({"kind": "rescheduled"}, "kind", "Nothing is different below."),
        ({"kind": "rescheduled", "date_1": "2026-11-01"}, "date_1", "This time has passed."),
        ({"kind": "rescheduled", "date_1": ""}, "date_1", "Needed."),
        ({"kind": "rescheduled", "time_zone_1": ""}, "time_zone_1", "Needed."),
        ({"kind": "rescheduled", "time_zone_1": "KST"}, "time_zone_1", "is not the time zone of a place"),
        ({"kind": "rescheduled", "start_time_1": "half"}, "start_time_1", "Enter a valid time."),
        ({"kind": "rescheduled", "end_time_1": "14:00"}, "end_time_1", "The end lies before the start."),
        ({"kind": "rescheduled", "end_date_1": "2026-12-09"}, "end_date_1", "The last day lies before the first."),
        ({"kind": "rescheduled", "part": "2", "date_1": "2026-12-11"}, "date_1", "not what you chose"),
        ({"kind": "rescheduled", "part": "2", "venue": "Hall"}, "part", "choose the whole event"),
        ({"kind": "rescheduled", "place": "999999"}, "place", "Select a valid choice."),
        ({"kind": "postponed", "date_1": "2026-12-11"}, "kind", "Another time or place is given below."),
        ({"kind": "postponed", "part": "999999"}, "part", "Select a valid choice."),
        ({"kind": "cancelled", "message": "x" * 1001}, "message", "at most 1000"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(admin_client, changes, field, message):
    event = EventFactory()
    parts = {str(number): PartFactory(event=event).pk for number in (1, 2)}
    registered(list(event.parts.all()), now=NOW)

    def named(name):
        return re.sub(r"_(\d)$", lambda match: f"_{parts[match[1]]}", name)

    changes = {named(name): parts.get(given, given) if name == "part" else given for name, given in changes.items()}
    typed = reschedule_data(admin_client, event, **changes)
    for step in ("look", "confirm"):
        response = admin_client.post(reschedule_url(event), {**typed, "do": step})
        assert response.status_code == 200
        errors = response.context["errors"]
        assert message in " ".join(errors.get(named(field), [str(dict(errors))]))
        assert list(errors) == [named(field)]
    assert not ScheduleChange.objects.exists()


def test_an_event_that_is_not_there_has_no_tool(admin_client):
    assert admin_client.get("/admin/events/event/999999/plans/").status_code == 404
    assert admin_client.get("/admin/events/event/x/plans/").status_code == 404


def test_a_mail_overtaken_by_the_next_change_is_dropped(send_mails):
    part = PartFactory()
    registered(part, now=NOW)
    send_mails()
    postpone(event=part.event, staff=None, now=NOW)
    cancel_event(event=part.event, staff=None, now=NOW)
    (mail,) = send_mails().values()
    assert mail["Subject"].startswith("Cancelled by the organizers")
    assert list(OutboxMail.objects.filter(kind="event_postponed").values_list("state", flat=True)) == ["dropped"]


def test_nobody_is_asked_into_a_part_that_is_not_held(send_mails):
    part = PartFactory()
    registered(part, now=NOW)
    postpone(event=part.event, staff=None, now=NOW)
    mail = send_mails()["observer1@city.example"]
    assert [method for method, _entry in calendars(mail)] == ["CANCEL"]


@pytest.mark.parametrize("verb", [postpone, cancel_event, reschedule])
def test_what_is_over_cannot_be_changed(verb):
    part = PartFactory()
    with pytest.raises(ImpossibleChangeError):
        verb(event=part.event, staff=None, now=part.latest)
    assert not ScheduleChange.objects.exists()


def test_the_record_of_changes_takes_the_same_queries_for_one_and_three(admin_client, django_assert_num_queries):
    url = reverse("admin:events_schedulechange_changelist")

    def change(**given):
        event = PartFactory(event__mode="onsite", event__place=PlaceFactory(), **given).event
        postpone(event=event, part=event.parts.get(), staff=None, now=NOW)

    change()
    admin_client.get(url)
    with django_assert_num_queries(8):
        admin_client.get(url)
    change()
    change()
    with django_assert_num_queries(8):
        admin_client.get(url)


def test_the_tool_takes_the_same_queries_for_one_registration_and_three(admin_client, django_assert_num_queries):
    part = PartFactory()
    registered(part, now=NOW)
    data = reschedule_data(admin_client, part.event, kind="postponed")
    admin_client.post(reschedule_url(part.event), data)
    with django_assert_num_queries(28):
        admin_client.post(reschedule_url(part.event), data)
    registered(part, now=NOW, number=2)
    registered(part, now=NOW, number=3)
    with django_assert_num_queries(28):
        admin_client.post(reschedule_url(part.event), data)
    assert Kind.POSTPONED not in ScheduleChange.objects.values_list("kind", flat=True)


def test_a_part_that_will_not_be_held_is_neither_the_next_one_nor_for_the_calendar(client):
    event = EventFactory()
    for day in (1, 8):
        PartFactory(event=event, date=datetime.date(2026, 12, day))
    cancel_event(event=event, part=event.parts.get(number=1), staff=None, now=NOW)
    page = client.get(event.get_absolute_url())
    assert "Part 2 of 2" in text(page)
    assert b"parts/1/calendar.ics" not in page.content
    assert b"parts/2/calendar.ics" in page.content
