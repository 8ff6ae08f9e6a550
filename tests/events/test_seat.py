"""Seats as staff sees them: who is promoted and why nobody is, requests, and seats over capacity."""

import datetime
import re

import pytest
from django.urls import reverse

from events.domain.personal_data import personal_data_export
from events.domain.registration import cancel, register
from events.domain.reschedule import postpone
from events.domain.seat import confirm_over_capacity, decline_seat, grant_seat, promote
from events.models import Part, Seat
from tests.admin_forms import confirm_action, field_errors, form_data, run_action
from tests.factories.events import PartFactory
from tests.factories.registrations import details, registered
from tests.moments import NOW
from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

from .calendar_reader import value
from .form_filling import text
from .mail_reading import body, calendars

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

SEATS = reverse("admin:events_seat_changelist")
CONFIRMED, WAITING = Seat.State.CONFIRMED, Seat.State.WAITING
REQUESTED, DECLINED = Seat.State.REQUESTED, Seat.State.DECLINED


def asked(part, number):
    """Somebody from outside the audience has asked for a place in the part."""
    registration = registered(part, now=NOW, number=number)
    registration.seats.update(state=REQUESTED, waitlist_number=None, hold_expires_at=None)
    OutboxMail.objects.filter(parameters__registration=registration.pk).delete()
    return registration


def seats_of(part):
    return list(part.seats.order_by("pk").values_list("state", flat=True))


def save_capacity(client, part, capacity, page="part"):
    key, prefix = (part.pk, "") if page == "part" else (part.event_id, "parts-0-")
    url = reverse(f"admin:events_{page}_change", args=[key])
    response = client.post(url, form_data(client, url) | {f"{prefix}capacity": capacity}, follow=True)
    assert response.redirect_chain, field_errors(response)
    return text(response)


@pytest.mark.parametrize("page", ["part", "event"])
def test_more_capacity_promotes_the_first_on_the_waitlist_and_notifies_them(admin_client, send_mails, page):
    part = PartFactory(capacity=1)
    for number in range(1, 5):
        registered(part, now=NOW, number=number)
    send_mails()
    promoted = "2 people are confirmed from the waiting list and notified by email."
    assert promoted in save_capacity(admin_client, part, "3", page)
    assert seats_of(part) == [CONFIRMED, CONFIRMED, CONFIRMED, WAITING]
    mails = send_mails()
    assert set(mails) == {"observer2@city.example", "observer3@city.example"}
    assert "you were first on the waiting list" in body(mails["observer2@city.example"])
    assert [method for method, _entry in calendars(mails["observer2@city.example"])] == ["REQUEST"]


@pytest.mark.parametrize("page", ["part", "event"])
def test_fewer_places_take_none_away_and_it_is_shown(admin_client, send_mails, page):
    part = PartFactory(capacity=3)
    for number in range(1, 5):
        registered(part, now=NOW, number=number)
    send_mails()
    assert "more are confirmed than there are places" in save_capacity(admin_client, part, "1", page)
    assert seats_of(part) == [CONFIRMED, CONFIRMED, CONFIRMED, WAITING]
    assert send_mails() == {}


def test_staff_reads_the_same_waitlist_position_as_the_person(registrar):
    """The number that the line gave out only grows; once the first left it, the second is number one."""
    part = PartFactory(capacity=1)
    _holder, left, first, second = (registered(part, now=NOW, number=number) for number in range(1, 5))
    cancel(registration=left, now=NOW)
    assert [row.seats.get().waitlist_number for row in (first, second)] == [2, 3]
    for name in ("events_seat", "events_registration"):
        listed = text(registrar.get(reverse(f"admin:{name}_changelist")))
        assert ("Waiting list (1)" in listed, "Waiting list (2)" in listed, "(3)" in listed) == (True, True, False)
    form = registrar.get(reverse("admin:events_registration_change", args=[second.pk])).content.decode()
    assert re.findall(r'field-position">\s*<p>(\d+)</p>', form) == ["2"]
    for action in ("cancel_seats", "confirm"):
        asked_first = text(decide(registrar, action, [second.seats.get()]))
        assert "Waiting list (2)" in asked_first
    page = {"action": "cancel_all", "_selected_action": [second.pk]}
    assert "Waiting list (2)" in text(registrar.post(reverse("admin:events_registration_changelist"), page))
    assert [row["seats"][0]["waitlist_position"] for row in personal_data_export(second.contact)["registrations"]] == [
        2
    ]
    assert "number 2" in text(registrar.get(f"/registrations/{second.token}/"))


@pytest.mark.parametrize("page", ["part", "event"])
@pytest.mark.parametrize("status", ["planned", "postponed"])
def test_fewer_places_than_are_confirmed_are_warned_of_though_nobody_waits(admin_client, page, status):
    part = PartFactory(capacity=3)
    for number in range(1, 4):
        registered(part, now=NOW, number=number)
    Part.objects.update(status=status)
    assert "more are confirmed than" not in save_capacity(admin_client, part, "3", page)
    assert "more are confirmed than there are places" in save_capacity(admin_client, part, "2", page)
    shown = text(admin_client.get(reverse("admin:events_part_change", args=[part.pk])))
    counts = "3 confirmed (0 of them over capacity), 0 waiting, 0 requested."
    assert f"{counts} Nobody is confirmed from the waiting list: more are" in shown


def begun(part, holder, clock):
    clock.move_to(part.starts_at)


def postponed(part, holder, clock):
    postpone(event=part.event, staff=None, now=NOW)


def without_places(part, holder, clock):
    Part.objects.update(capacity=0)
    cancel(registration=holder, now=NOW)


def overfull(part, holder, clock):
    confirm_over_capacity(seat=registered(part, now=NOW, number=3).seats.get(), now=NOW)


def nobody_waiting(part, holder, clock):
    part.seats.filter(state=WAITING).delete()


@pytest.mark.parametrize(
    ("happening", "words"),
    [
        (begun, "Nobody is confirmed from the waiting list any more: the part has begun."),
        (postponed, "Nobody is confirmed from the waiting list while the part is postponed"),
        (without_places, "Nobody is confirmed from the waiting list: the part has 0 places."),
        (
            overfull,
            "2 confirmed (1 of them over capacity), 1 waiting, 0 requested. Nobody is confirmed from the waiting list:"
            " more are",
        ),
        (nobody_waiting, "1 confirmed (0 of them over capacity), 0 waiting, 0 requested. The waiting list is empty."),
        (lambda *_given: None, "Nobody is confirmed from the waiting list: all places are taken."),
    ],
)
def test_staff_sees_why_nobody_moves(admin_client, admin_user, clock, happening, words):
    part = PartFactory(capacity=1)
    holder = registered(part, now=NOW, number=1)
    registered(part, now=NOW, number=2)
    happening(part, holder, clock)
    admin_client.force_login(admin_user)
    part.refresh_from_db()
    assert promote(part=part, now=datetime.datetime.now(datetime.UTC)) == []
    assert words in text(admin_client.get(reverse("admin:events_part_change", args=[part.pk])))


def decide(client, action, seats, **given):
    """The preview of a decision on the seats; where fields of its form are given, the page after the confirmation."""
    preview = run_action(client, action, *seats, name="events_seat")
    if not given:
        return preview
    return confirm_action(client, preview, name="events_seat", **given)


def test_a_seat_over_capacity_is_an_explicit_choice_that_is_recorded_shown_and_notified(registrar, send_mails):
    part = PartFactory(capacity=1)
    registered(part, now=NOW, number=1)
    first, second = (registered(part, now=NOW, number=number).seats.get() for number in (2, 3))
    send_mails()
    page = decide(registrar, "confirm", [second])
    assert "Confirm although full" in text(page)
    assert "1 place. 1 confirmed (0 of them over capacity), 2 waiting" in text(page)
    assert seats_of(part) == [CONFIRMED, WAITING, WAITING]
    unticked = decide(registrar, "confirm", [second], reason="You speak there.")
    assert unticked.context["errors"] == {"although_full": ["This field is required."]}
    assert "You speak there." in unticked.content.decode()
    assert seats_of(part) == [CONFIRMED, WAITING, WAITING]
    done = decide(registrar, "confirm", [second], although_full="on", reason="You speak there.")
    assert "1 seat was decided on, and its registrant is notified by email." in text(done)
    second.refresh_from_db()
    assert (second.state, second.over_capacity, second.sequence) == (CONFIRMED, True, 1)
    (mail,) = send_mails().values()
    assert (mail["To"], mail["Subject"]) == ("observer3@city.example", f"You have a place: {part.event}")
    for words in ("The organizers have given you a place:", "You speak there."):
        assert words in body(mail)
        assert words in body(mail, "html")
    ((method, entry),) = calendars(mail)
    assert (method, value(entry, "SEQUENCE")) == ("REQUEST", "1")
    assert [seat.pk for seat in registrar.get(SEATS, {"over_capacity__exact": "1"}).context["cl"].result_list] == [
        second.pk
    ]
    assert "1: Confirmed over capacity" in text(registrar.get(reverse("admin:events_registration_changelist")))
    cancel(registration=second.registration, now=NOW)
    assert first.registration.seats.get().state == WAITING
    register(event=part.event, parts=[part], details=details(3), now=NOW)
    second.refresh_from_db()
    assert (second.state, second.over_capacity, second.reason) == (WAITING, False, "")


@pytest.mark.parametrize(("language", "request_word"), [("en", "request"), ("ja", "申請"), ("ko", "요청")])
def test_who_waited_and_is_given_a_place_reads_of_no_request(language, request_word, mailoutbox):
    part = PartFactory(capacity=1)
    registered(part, now=NOW, number=1)
    waiting = registered(part, now=NOW, number=2, language=language)
    outbox.send_due(now=NOW)
    mailoutbox.clear()
    confirm_over_capacity(seat=waiting.seats.get(), now=NOW)
    outbox.send_due(now=NOW)
    (mail,) = mailoutbox
    assert mail.to == ["observer2@city.example"]
    assert request_word not in mail.subject + mail.body + mail.alternatives[0].content


def test_who_is_confirmed_while_a_place_is_free_is_not_over_capacity():
    part = PartFactory(capacity=2)
    seat = asked(part, 1).seats.get()
    assert not confirm_over_capacity(seat=seat, now=NOW).over_capacity


def test_requests_are_granted_within_capacity_then_join_the_end_of_the_waitlist(registrar, client, send_mails):
    part = PartFactory(capacity=2)
    registered(part, now=NOW, number=1)
    requests = [asked(part, number) for number in (2, 3)]
    OutboxMail.objects.all().delete()
    page = text(client.get(f"/registrations/{requests[0].token}/"))
    assert "You have asked for a place; the organizers decide" in page
    done = decide(registrar, "grant", [each.seats.get() for each in requests], reason="")
    assert "2 seats were decided on" in text(done)
    assert seats_of(part) == [CONFIRMED, CONFIRMED, WAITING]
    mails = send_mails()
    granted, in_line = (mails[f"observer{number}@city.example"] for number in (2, 3))
    assert granted["Subject"] == f"You have a place: {part.event}"
    assert [method for method, _entry in calendars(granted)] == ["REQUEST"]
    assert in_line["Subject"] == f"You are on the waiting list: {part.event}"
    assert "Waiting list, number 1" in body(in_line)
    assert calendars(in_line) == []


def test_a_request_is_declined_with_a_reason_that_is_mailed_and_shown(registrar, client, send_mails):
    request = asked(PartFactory(event__title_en="Cities"), 1)
    seat = request.seats.get()
    page = decide(registrar, "decline", [seat], reason=" ")
    assert page.context["errors"] == {"reason": ["This field is required."]}
    decide(registrar, "decline", [seat], reason="This one is for\ncities only.")
    seat.refresh_from_db()
    assert seat.state == DECLINED
    (mail,) = send_mails().values()
    assert mail["Subject"] == "We could not offer you a place: Cities"
    for kind in ("plain", "html"):
        for words in ("We are sorry that the organizers could not offer you", "cities only.", request.token):
            assert words in body(mail, kind)
    assert calendars(mail) == []
    page = text(client.get(f"/registrations/{request.token}/"))
    assert "We could not offer you a place" in page
    assert "This one is for cities only." in page
    assert send_mails() == {}


@pytest.mark.parametrize("verb", [grant_seat, decline_seat, confirm_over_capacity])
def test_nothing_is_decided_twice_or_once_the_part_has_begun_or_is_postponed(verb, send_mails):
    part = PartFactory()
    seat = asked(part, 1).seats.get()
    assert verb(seat=seat, reason="x", now=part.starts_at) is None
    Part.objects.update(status=Part.Status.POSTPONED)
    assert verb(seat=seat, reason="x", now=NOW) is None
    Part.objects.update(status=Part.Status.PLANNED)
    assert verb(seat=seat, reason="x", now=NOW)
    assert verb(seat=seat, reason="x", now=NOW) is None
    assert len(send_mails()) == 1


def test_what_could_not_be_decided_is_said(registrar):
    seat = registered(PartFactory(), now=NOW).seats.get()
    done = decide(registrar, "grant", [seat], reason="")
    assert "1 seat was left as it is" in text(done)
    assert "decided on" not in text(done)


def test_the_list_says_that_a_part_will_not_be_held(registrar):
    part = PartFactory()
    registered(part, now=NOW)
    Part.objects.filter(pk=part.pk).update(status="cancelled")
    assert "Confirmed (Cancelled)" in text(registrar.get(SEATS))


def test_who_only_views_decides_nothing(editor):
    seat = asked(PartFactory(), 1).seats.get()
    assert decide(editor, "grant", [seat]).status_code == 403
    seat.refresh_from_db()
    assert seat.state == REQUESTED


def test_the_page_of_decisions_takes_the_same_queries_for_one_seat_and_three(registrar, django_assert_num_queries):
    part = PartFactory()
    seats = [asked(part, number).seats.get() for number in (1, 2, 3)]
    decide(registrar, "grant", seats[:1])
    with django_assert_num_queries(9):
        decide(registrar, "grant", seats[:1])
    with django_assert_num_queries(9):
        decide(registrar, "grant", seats)


def test_the_page_of_a_seat_shows_it_and_changes_nothing(registrar):
    part = PartFactory()
    registered(part, now=NOW)
    seat = Seat.objects.get()
    url = reverse("admin:events_seat_change", args=[seat.pk])
    assert "State" in registrar.get(url).content.decode()
    registrar.post(url, {"state": "cancelled", "registration": seat.registration_id, "part": part.pk})
    seat.refresh_from_db()
    assert seat.state == Seat.State.CONFIRMED
