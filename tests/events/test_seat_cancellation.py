"""Seats that staff cancels: the registrant is notified that the organizers did it, and why."""

import html
import re

import pytest
from django.urls import reverse

from events.domain.registration import cancel, register
from tests.admin_forms import confirm_action, run_action
from tests.factories.events import EventFactory, PartFactory
from tests.factories.registrations import details, registered
from tests.moments import HOUR, NOW
from wego_portal.foundation.models import OutboxMail

from .form_filling import text
from .mail_reading import body, calendars, send_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

REASON = "These places are for <cities> that host."


@pytest.mark.parametrize("reason", [REASON, ""])
@pytest.mark.parametrize(("name", "action"), [("events_seat", "cancel_seats"), ("events_registration", "cancel_all")])
def test_the_person_learns_that_the_organizers_did_it_and_why(registrar, mailoutbox, name, action, reason):
    registration = registered(PartFactory(event=EventFactory(title_en="Cities")), now=NOW)
    send_all(mailoutbox, NOW)
    row = registration if name == "events_registration" else registration.seats.get()
    page = run_action(registrar, action, row, name=name)
    assert "Stands in the mail as it is, in every language." in text(page)
    confirm_action(registrar, page, name=name, reason=reason)
    (mail,) = send_all(mailoutbox, NOW + HOUR)
    assert mail["Subject"] == "The organizers have cancelled your registration: Cities"
    words = body(mail)
    assert "The organizers have cancelled these places of yours:" in words
    assert (f"The organizers write:\n{REASON}" in words, "The organizers write:" in words) == (bool(reason),) * 2
    assert [method for method, _entry in calendars(mail)] == ["CANCEL"]
    assert (registration.seats.get().state, registration.seats.get().reason) == ("cancelled", reason)
    personal = registrar.get(f"/registrations/{registration.token}/").content.decode()
    assert (html.escape(REASON) in personal) is bool(reason)
    kind = OutboxMail.objects.latest("pk").kind
    assert "Places cancelled by the organizers" in text(
        registrar.get(reverse("admin:foundation_outboxmail_changelist"), {"kind": kind})
    )


def test_one_of_two_places_is_cancelled_in_the_language_of_the_person(registrar, mailoutbox):
    event = EventFactory(title_en="Cities")
    one, two = PartFactory(event=event), PartFactory(event=event)
    registration = registered([one, two], now=NOW, language="ko", verified=True)
    send_all(mailoutbox, NOW)
    page = run_action(registrar, "cancel_seats", registration.seats.get(part=one), name="events_seat")
    confirm_action(registrar, page, name="events_seat", reason=REASON)
    (mail,) = send_all(mailoutbox, NOW + HOUR)
    assert mail["Subject"].strip() == "주최 측에서 참가 등록의 일부를 취소했습니다: Cities"
    assert REASON in body(mail)
    assert [method for method, _entry in calendars(mail)] == ["CANCEL"]


def test_a_reason_that_is_too_long_is_said_beside_it_and_nothing_is_done(registrar):
    registration = registered(PartFactory(), now=NOW)
    page = run_action(registrar, "cancel_all", registration)
    again = confirm_action(registrar, page, name="events_registration", reason="x" * 501)
    assert "at most 500 characters" in text(again)
    assert "Observer 1" in text(again)
    assert registration.seats.get().state == "confirmed"
    confirm_action(registrar, again, name="events_registration", reason=REASON)
    assert registration.seats.get().reason == REASON


def test_deleting_lists_the_seats_and_says_that_no_mail_is_sent(registrar):
    event = EventFactory(title_en="Cities")
    one, two = PartFactory(event=event), PartFactory(event=event, capacity=0)
    registration = registered([one, two], now=NOW, name="Ada Lovelace")
    registered(two, now=NOW, number=2)
    address = reverse("admin:events_registration_delete", args=[registration.pk])
    page = registrar.get(address)
    words = text(page)
    for part in (
        "Ada Lovelace",
        "observer1@city.example",
        "for Cities",
        f"{one}: Confirmed",
        f"{two}: Waiting list (1)",
        "The person gets no mail about it, and the entry in their calendar stays.",
    ):
        assert part in words
    (link,) = re.findall(r'href="([^"]*id__exact=[^"]*)"', page.content.decode())
    assert registrar.get(html.unescape(link)).context["cl"].result_list.get() == registration
    cancel(registration=registration, now=NOW)
    assert "No place is cancelled." in text(registrar.get(address))
    count = OutboxMail.objects.count()
    assert registrar.post(address, {"post": "yes"}).status_code == 302
    registration.refresh_from_db()
    assert (registration.erased_at, OutboxMail.objects.count()) == (NOW, count)


def test_who_comes_again_leaves_the_reason_behind(registrar):
    registration = registered(PartFactory(), now=NOW)
    page = run_action(registrar, "cancel_all", registration)
    confirm_action(registrar, page, name="events_registration", reason=REASON)
    seat = registration.seats.get()
    register(event=registration.event, parts=[seat.part], details=details(1), now=NOW + HOUR)
    seat.refresh_from_db()
    assert (seat.state, seat.reason) == ("confirmed", "")
