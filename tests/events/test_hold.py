"""How long a limited place is held for an address that is not confirmed, and who gets it afterwards."""

import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.domain.hold import MIN_HOLD_DURATION, RELEASE_BEFORE_START, hold_expiry
from events.domain.later_parts import add_seats_in_later_parts
from events.domain.registration import cancel
from events.domain.release import release_expired_holds
from events.domain.reminders import queue_due_reminders
from events.domain.reschedule import PartSchedule, reschedule
from events.domain.seat import confirm_over_capacity, grant_seat, lock_parts
from events.models import Event, Part, Registration, Seat
from tests.admin_forms import form_data
from tests.factories.events import EventFactory, PartFactory
from tests.factories.registrations import registered
from tests.moments import DAY, HOUR, MINUTE, NOW, SECOND, START
from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

from .calendar_reader import value
from .form_filling import TYPED, form_of, send, text
from .mail_reading import body, calendars, send_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

UNTIL = "24 November 2026, 18:00, Seoul time"  # a day after NOW


def work(now):
    """What the worker does in a minute, as far as places go: mails first, then what is due."""
    outbox.send_due(now=now)
    return release_expired_holds(now=now)


def page_of(registration):
    return f"/registrations/{registration.token}/"


def keep(registration):
    return Client().post(page_of(registration), {"do": "keep"}, follow=True)


def states(part):
    return list(part.seats.order_by("pk").values_list("state", flat=True))


class TestHowLong:
    @pytest.mark.parametrize(
        ("hours", "before_start", "expected"),
        [
            (24, 17 * DAY, 24 * HOUR),
            (2, 17 * DAY, 2 * HOUR),
            (24, 10 * HOUR, 7 * HOUR),  # three hours before the start
            (24, 3 * HOUR, 30 * MINUTE),
            (24, HOUR, 30 * MINUTE),
            (24, 20 * MINUTE, 20 * MINUTE),  # the start
        ],
    )
    def test_by_the_hours_of_the_event_and_the_start(self, hours, before_start, expected):
        part = PartFactory(capacity=5, event__hold_hours=hours)
        now = START - before_start
        assert hold_expiry(part, now=now) == now + expected
        assert (RELEASE_BEFORE_START, MIN_HOLD_DURATION) == (3 * HOUR, 30 * MINUTE)

    @pytest.mark.parametrize(("capacity", "hours"), [(None, 24), (5, 0)])
    def test_nothing_is_held_without_a_capacity_or_hold_hours(self, capacity, hours):
        part = PartFactory(capacity=capacity, event__hold_hours=hours)
        registration = registered(part, now=NOW)
        assert registration.seats.get().hold_expires_at is None
        assert work(NOW + 17 * DAY - HOUR) == 0
        assert registration.seats.get().state == "confirmed"

    def test_a_change_of_the_hours_is_for_new_holds_only(self):
        part = PartFactory(capacity=5)
        registration = registered(part, now=NOW)
        Event.objects.update(hold_hours=0)
        assert registration.seats.get().hold_expires_at == NOW + DAY
        assert registered(part, now=NOW, number=2).seats.get().hold_expires_at is None
        assert work(NOW + DAY) == 1

    def test_staff_sets_it_within_bounds(self):
        event = EventFactory(with_part=True)
        for hours, is_taken in ((0, True), (336, True), (337, False)):
            event.hold_hours = hours
            errors = {}
            try:
                event.validate_constraints()
            except Exception as error:
                errors = error.message_dict
            assert (not errors) == is_taken


def register_over_http(event, number, **typed):
    """An observer at a network of their own, so that no limit of a network is met."""
    extra = {"REMOTE_ADDR": f"192.0.{number}.1"}
    given = {"name": f"Observer {number}", "email": f"observer{number}@city.example", **typed}
    return send(Client(), event, extra=extra, **given)


def test_invented_addresses_lose_their_places_and_a_confirmed_one_stays(clock, mailoutbox):
    """28 invented addresses once took 25 of 25 places in one session."""
    event = EventFactory(title_en="Cities")
    part = PartFactory(event=event, capacity=25)
    for number in range(28):
        assert register_over_http(event, number, email=f"invented{number}@nobody.example").status_code == 302
    assert (states(part).count("confirmed"), states(part).count("waiting")) == (25, 3)
    clock.shift(HOUR)
    real = [30, 31]
    for number in real:
        register_over_http(event, number)
    outbox.send_due(now=NOW + HOUR)
    first = Registration.objects.get(contact__email="invented0@nobody.example")
    keep(first)
    for number in real:
        keep(Registration.objects.get(contact__email=f"observer{number}@city.example"))
    assert "Full" in text(Client().get(form_of(event)))
    clock.move_to(NOW + DAY - SECOND)
    assert work(NOW + DAY - SECOND) == 0
    clock.move_to(NOW + DAY)
    assert work(NOW + DAY) == 27
    assert set(part.seats.confirmed().values_list("registration__contact__email", flat=True)) == {
        "invented0@nobody.example",
        "observer30@city.example",
        "observer31@city.example",
    }
    assert not part.seats.waiting().exists()
    assert "Open, 22 places left." in text(Client().get(form_of(event)))
    register_over_http(event, 32)
    assert "Open, 21 places left." in text(Client().get(form_of(event)))
    mails = send_all(mailoutbox, NOW + DAY)
    moved = {mail["To"] for mail in mails if mail["Subject"] == "You have a place: Cities"}
    assert moved == {"observer30@city.example", "observer31@city.example"}
    gone = [mail for mail in mails if mail["Subject"].startswith("Your place was not confirmed in time")]
    assert len(gone) == 27


def test_one_press_keeps_it_and_page_and_mail_say_until_when(client, clock, mailoutbox):
    event = EventFactory(title_en="Cities", with_part__capacity=5)
    booked = text(send(client, event, follow=True))
    assert "A place is held for you" in booked
    assert f"Keep it by {UNTIL}" in booked
    assert "Your place is confirmed" not in booked
    (mail,) = send_all(mailoutbox, NOW)
    assert mail["Subject"] == "Keep your place: Cities"
    for kind in ("plain", "html"):
        assert f"Keep it by {UNTIL}" in body(mail, kind)
        assert "open your registration and press “Keep my place”" in body(mail, kind)
    assert [method for method, _entry in calendars(mail)] == ["REQUEST"]
    registration = event.registrations.get()
    page = client.get(page_of(registration)).content.decode()
    assert page.count("Keep my place") == 1
    assert f"Keep it by {UNTIL}" in " ".join(page.split())
    done = text(keep(registration))
    assert "Thank you. The address is confirmed, and you keep what you have." in done
    assert "Keep it by" not in done
    assert "Your place is confirmed" in done
    assert registration.seats.get().hold_expires_at is None
    assert work(NOW + 2 * DAY) == 0
    assert registration.seats.get().state == "confirmed"
    assert keep(registration).status_code == 200  # pressed twice


@pytest.mark.parametrize(("language", "words"), [("ja", "参加を確定する"), ("ko", "참가 확정하기")])
def test_it_is_said_in_the_language_of_the_reader(client, mailoutbox, language, words):
    event = EventFactory(with_part__capacity=5)
    send(client, event, language=language)
    (mail,) = send_all(mailoutbox, NOW)
    assert words in body(mail)
    assert {"ja": "2026年11月24日 18:00（ソウル時間）", "ko": "2026년 11월 24일 18:00(서울 시간)"}[language] in body(
        mail
    )
    page = client.get(f"/{language}{page_of(event.registrations.get())}").content.decode()
    assert words in page


def test_released_seats_are_distinguished_and_can_be_registered_for_again(client, clock, mailoutbox):
    event = EventFactory(title_en="Cities", with_part__capacity=1)
    part = event.parts.get()
    send(client, event)
    register_over_http(event, 2)
    send_all(mailoutbox, NOW)
    clock.move_to(NOW + DAY)
    Seat.objects.waiting().update(hold_expires_at=None)
    assert work(NOW + DAY) == 1
    mails = {mail["To"]: mail for mail in send_all(mailoutbox, NOW + DAY)}
    mail = mails[TYPED["email"]]
    assert mail["Subject"] == "Your place was not confirmed in time: Cities"
    assert f"http://127.0.0.1:8000{form_of(event)}" in body(mail)
    assert "Dear" not in body(mail) + body(mail, "html")
    ((method, entry),) = calendars(mail)
    assert (method, value(entry, "STATUS")) == ("CANCEL", "CANCELLED")
    assert mails["observer2@city.example"]["Subject"] == "You have a place: Cities"
    registration = event.registrations.get(contact__email=TYPED["email"])
    page = text(client.get(page_of(registration)))
    assert "Not confirmed in time, so it was released" in page
    assert "Cancelled by you" not in page
    send(client, event)
    seat = registration.seats.get()
    assert (seat.state, seat.released_at, seat.hold_expires_at) == ("waiting", None, NOW + 2 * DAY)
    assert part.seats.count() == 2


def test_registering_does_not_wait_for_the_worker(client, clock):
    event = EventFactory(with_part__capacity=1)
    registered(event.parts.get(), now=NOW)
    outbox.send_due(now=NOW)
    clock.move_to(NOW + DAY)
    assert "Your place is" not in text(client.get(form_of(event)))
    booked = text(send(client, event, follow=True, email="real@city.example"))
    assert "A place is held for you" in booked


def test_who_presses_too_late_has_lost_it_however_slow_the_worker_is(clock):
    part = PartFactory(capacity=1)
    late, next_on_waitlist = registered(part, now=NOW), registered(part, now=NOW, number=2, verified=True)
    outbox.send_due(now=NOW)
    clock.move_to(NOW + DAY)
    assert "Not confirmed in time, so it was released" in text(keep(late))
    assert next_on_waitlist.seats.get().state == "confirmed"


def test_a_mail_that_has_not_left_costs_nobody_a_place(clock):
    part = PartFactory(capacity=1)
    registration = registered(part, now=NOW)
    assert release_expired_holds(now=NOW + DAY) == 0  # the mail server could not be reached
    assert registration.seats.get().hold_expires_at == NOW + 2 * DAY
    outbox.send_due(now=NOW + DAY)
    assert release_expired_holds(now=NOW + 2 * DAY) == 1


def test_an_unverified_promotion_starts_a_new_hold_and_is_notified(clock, mailoutbox):
    part = PartFactory(capacity=1)
    holder, waiting = registered(part, now=NOW, verified=True), registered(part, now=NOW, number=2)
    send_all(mailoutbox, NOW)
    assert waiting.seats.get().hold_expires_at == NOW + DAY
    cancel(registration=holder, now=NOW + 20 * HOUR)
    assert waiting.seats.get().hold_expires_at == NOW + 44 * HOUR
    mail = {each["To"]: each for each in send_all(mailoutbox, NOW + 20 * HOUR)}["observer2@city.example"]
    assert mail["Subject"].startswith("You have a place: ")
    assert "Keep it by 25 November 2026, 14:00, Seoul time" in body(mail)


def test_a_waitlist_number_is_released_too(mailoutbox):
    part = PartFactory(capacity=0)
    registration = registered(part, now=NOW)
    send_all(mailoutbox, NOW)
    assert work(NOW + DAY) == 1
    assert registration.seats.get().state == "cancelled"
    (mail,) = send_all(mailoutbox, NOW + DAY)
    assert calendars(mail) == []


def test_granted_seats_are_holds_but_seats_confirmed_over_capacity_are_not():
    part = PartFactory(capacity=1, event__access="audience", event__audience_countries="KR")
    asked = [registered(part, now=NOW, number=number, request="Please.") for number in (1, 2, 3)]
    assert {each.seats.get().hold_expires_at for each in asked} == {None}
    assert grant_seat(seat=asked[0].seats.get(), now=NOW + DAY).hold_expires_at == NOW + 2 * DAY
    assert grant_seat(seat=asked[1].seats.get(), now=NOW + DAY).hold_expires_at == NOW + 2 * DAY
    assert confirm_over_capacity(seat=asked[2].seats.get(), now=NOW + DAY).hold_expires_at is None
    assert confirm_over_capacity(seat=asked[1].seats.get(), now=NOW + DAY).hold_expires_at is None


def test_later_parts_are_held_as_others():
    event = EventFactory()
    first = PartFactory(event=event)
    stranger = registered(first, now=NOW, later_parts=True)
    known = registered(first, now=NOW, number=2, later_parts=True, verified=True)
    later = PartFactory(event=event, capacity=5, date=datetime.date(2026, 12, 17))
    add_seats_in_later_parts(parts=lock_parts(event_id=event.pk), now=NOW + HOUR)
    assert stranger.seats.get(part=later).hold_expires_at == NOW + 25 * HOUR
    assert known.seats.get(part=later).hold_expires_at is None
    outbox.send_due(now=NOW + HOUR)
    assert work(NOW + 25 * HOUR) == 1
    assert add_seats_in_later_parts(parts=lock_parts(event_id=event.pk), now=NOW + 25 * HOUR) == []


def test_a_part_whose_limit_is_lifted_holds_nothing_any_more(registrar, admin_client):
    part = PartFactory(capacity=5)
    registration = registered(part, now=NOW)
    outbox.send_due(now=NOW)
    address = reverse("admin:events_part_change", args=[part.pk])
    given = form_data(admin_client, address)
    assert admin_client.post(address, {**given, "capacity": ""}).status_code == 302
    assert registration.seats.get().hold_expires_at is None
    assert work(NOW + 2 * DAY) == 0


@pytest.mark.parametrize("status", [Part.Status.CANCELLED, Part.Status.REPLACED])
def test_nothing_is_released_in_what_is_called_off_or_has_begun(status):
    off, begun = PartFactory(capacity=5), PartFactory(capacity=5, date=datetime.date(2026, 11, 24))
    for part in (off, begun):
        registered(part, now=NOW)
    outbox.send_due(now=NOW)
    Part.objects.filter(pk=off.pk).update(status=status)
    Seat.objects.filter(part=begun).update(hold_expires_at=NOW + 3 * DAY)
    assert work(NOW + 4 * DAY) == 0


def test_nobody_is_reminded_of_what_was_released():
    part = PartFactory(capacity=5)
    registered(part, now=NOW)
    registered(part, now=NOW, number=2, verified=True)
    work(NOW)
    work(NOW + DAY)
    queue_due_reminders(now=START - DAY)
    assert OutboxMail.objects.filter(kind="reminder").count() == 1


def test_who_cancels_or_changes_by_the_link_keeps_the_rest():
    event = EventFactory()
    one, two = PartFactory(event=event, capacity=5), PartFactory(event=event, capacity=5)
    registration = registered([one, two], now=NOW)
    outbox.send_due(now=NOW)
    given = {key: value for key, value in TYPED.items() if key not in ("email", "privacy")}
    Client().post(page_of(registration), {**given, "do": "change", "parts": ["2"]})
    assert work(NOW + 2 * DAY) == 0
    assert {seat.part: seat.state for seat in registration.seats.all()} == {one: "cancelled", two: "confirmed"}


def test_the_page_after_registering_is_the_same_for_a_known_address(client):
    event = EventFactory(with_part__capacity=5)
    registered(event.parts.get(), now=NOW, email="known@city.example", verified=True)
    pages = [text(send(client, event, follow=True, email=f"{name}@city.example")) for name in ("known", "new")]
    assert pages[0] == pages[1]
    assert f"Keep it by {UNTIL}" in pages[0]


def test_an_hour_of_a_ministry_is_held_for_all_of_it():
    """100 people of one ministry behind one address still register unhindered."""
    event = EventFactory(with_part__capacity=200)
    for number in range(100):
        extra = {"REMOTE_ADDR": "192.0.2.1"}
        typed = {"name": f"Observer {number}", "email": f"observer{number}@ministry.example"}
        assert send(Client(), event, extra=extra, **typed).status_code == 302
    assert event.parts.get().seats.filter(hold_expires_at=NOW + DAY).count() == 100


def test_the_worker_asks_once_where_nothing_is_due():
    for number in range(3):
        registered(PartFactory(capacity=5), now=NOW, number=number)
    with CaptureQueriesContext(connection) as queries:
        assert release_expired_holds(now=NOW) == 0
    assert len(queries) == 1


def test_a_part_that_is_moved_forward_holds_no_longer_than_a_new_one(mailoutbox):
    part = PartFactory(capacity=5, event__hold_hours=240)
    registration = registered(part, now=NOW)
    send_all(mailoutbox, NOW)
    sooner = PartSchedule(datetime.date(2026, 11, 25), datetime.time(15), "Asia/Seoul", datetime.time(16))
    reschedule(event=part.event, staff=None, now=NOW, schedules={part.pk: sooner})
    assert registration.seats.get().hold_expires_at == datetime.datetime(2026, 11, 25, 3, tzinfo=datetime.UTC)
    (mail,) = send_all(mailoutbox, NOW)
    assert "Keep it by 25 November 2026, 12:00, Seoul time" in body(mail)
