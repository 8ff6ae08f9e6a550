import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.domain.registration import cancel
from events.domain.reschedule import PartSchedule, reschedule
from events.models import Event, Part, Registration, Seat
from tests.factories.events import EventFactory, PartFactory, SeriesFactory
from tests.factories.registrations import registered
from tests.moments import MINUTE, NOW, SECOND, START
from wego_portal.foundation import outbox

from .form_filling import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

ROOM = "https://rooms.example.org/j/123?pwd=secret"


def join_of(registration, number=1):
    return f"/registrations/{registration.token}/join/{number}/"


def room_of(registration, part):
    return f"/registrations/{registration.token}/rooms/{part.pk}/"


def has_button(response):
    return b"<form" in response.content


class TestWhen:
    @pytest.mark.parametrize("moment", [START - 30 * MINUTE, START, START + 90 * MINUTE - SECOND])
    def test_from_half_an_hour_before_the_start_until_the_end_there_is_a_button(self, client, clock, moment):
        registration = registered(PartFactory(room_url=ROOM), now=NOW)
        clock.move_to(moment)
        page = client.get(join_of(registration))
        assert (page.status_code, has_button(page)) == (200, True)
        assert "The room is open" in text(page)
        assert registration.seats.get().entered_at is None
        entered = client.post(join_of(registration))
        assert (entered.status_code, entered["Location"]) == (303, ROOM)
        assert registration.seats.get().entered_at == moment

    def test_too_early_it_says_when_to_come_back(self, client, clock):
        registration = registered(PartFactory(room_url=ROOM), now=NOW)
        clock.move_to(START - 30 * MINUTE - SECOND)
        page = client.get(join_of(registration))
        assert (page.status_code, has_button(page)) == (200, False)
        assert "Come back to this page from 10 December 2026, 14:30, Seoul time." in text(page)
        # portal.js turns it into the reader's own time.
        assert b'data-instant="2026-12-10T14:30:00+09:00" data-zone="Asia/Seoul"' in page.content
        self.assert_refused(client, registration)

    def test_the_zone_is_that_of_the_event(self, client):
        registration = registered(PartFactory(room_url=ROOM, time_zone="America/New_York"), now=NOW)
        assert "10 December 2026, 14:30, New York time" in text(client.get(join_of(registration)))

    def test_after_the_end_it_is_over(self, client, clock):
        registration = registered(PartFactory(room_url=ROOM), now=NOW)
        clock.move_to(START + 90 * MINUTE)
        assert "It is over" in text(client.get(join_of(registration)))
        self.assert_refused(client, registration)

    def test_without_a_known_end_it_stays_open_until_staff_says_that_it_was_held(self, client, clock):
        registration = registered(PartFactory(room_url=ROOM, end_time=None), now=NOW)
        clock.move_to(START + 5 * 60 * MINUTE)
        assert has_button(client.get(join_of(registration)))
        Part.objects.update(status=Part.Status.HELD)
        assert "It is over" in text(client.get(join_of(registration)))
        self.assert_refused(client, registration)

    def test_a_rescheduled_part_moves_its_room_access(self, client, clock):
        part = PartFactory(room_url=ROOM)
        registration = registered(part, now=NOW)
        part.date = datetime.date(2026, 12, 11)
        part.save()
        clock.move_to(START)
        assert "11 December 2026, 14:30, Seoul time" in text(client.get(join_of(registration)))
        clock.move_to(START + 24 * 60 * MINUTE)
        assert has_button(client.get(join_of(registration)))

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"status": Part.Status.POSTPONED}, "It was postponed"),
            ({"status": Part.Status.CANCELLED}, "It was cancelled"),
            ({"status": Part.Status.REPLACED}, "It was cancelled"),
            ({"room_url": ""}, "The room is not ready yet"),
        ],
    )
    def test_what_else_keeps_it_shut_is_said(self, client, clock, changes, words):
        registration = registered(PartFactory(room_url=ROOM), now=NOW)
        Part.objects.update(**changes)
        clock.move_to(START)
        assert words in text(client.get(join_of(registration)))
        self.assert_refused(client, registration)

    def test_an_hour_that_became_unknown_is_not_made_up(self, client, clock):
        part = PartFactory(room_url=ROOM)
        registration = registered(part, now=NOW)
        part.precision, part.start_time, part.end_time = "day", None, None
        part.save()
        clock.move_to(START)
        assert "The hour is not known yet" in text(client.get(join_of(registration)))
        self.assert_refused(client, registration)

    def test_what_is_held_on_site_has_no_room(self, client, clock):
        registration = registered(PartFactory(event__mode=Event.Mode.ONSITE), now=NOW)
        clock.move_to(START)
        assert "It is not held online" in text(client.get(join_of(registration)))
        assert "/rooms/" not in client.get(f"/registrations/{registration.token}/").content.decode()

    def assert_refused(self, client, registration):
        answer = client.post(join_of(registration))
        assert answer.status_code == 409
        assert ROOM not in answer.content.decode()
        assert registration.seats.get().entered_at is None


class TestWho:
    def test_only_the_first_entering_is_kept(self, client, clock):
        registration = registered(PartFactory(room_url=ROOM), now=NOW)
        clock.move_to(START - MINUTE)
        client.post(join_of(registration))
        clock.move_to(START + 20 * MINUTE)
        assert "You have entered before" in text(client.get(join_of(registration)))
        assert client.post(join_of(registration))["Location"] == ROOM
        assert registration.seats.get().entered_at == START - MINUTE

    def test_a_part_is_entered_by_itself(self, client, clock):
        event = EventFactory()
        one = PartFactory(event=event, room_url=ROOM)
        two = PartFactory(event=event, room_url=ROOM + "2")
        registration, other = registered([one, two], now=NOW), registered([one, two], now=NOW, number=2)
        clock.move_to(START)
        assert client.post(join_of(registration, 2))["Location"] == ROOM + "2"
        assert [seat.pk for seat in Seat.objects.filter(entered_at__isnull=False)] == [
            registration.seats.get(part=two).pk
        ]
        assert not other.seats.filter(entered_at__isnull=False).exists()

    def test_who_is_on_the_waitlist_cannot_enter(self, client, clock):
        part = PartFactory(room_url=ROOM, capacity=1)
        registered(part, now=NOW, number=9)
        registration = registered(part, now=NOW)
        clock.move_to(START)
        assert "You are number 1 on the waiting list." in text(client.get(join_of(registration)))
        assert client.post(join_of(registration)).status_code == 409
        clock.move_to(START + 90 * MINUTE)
        assert "It is over" in text(client.get(join_of(registration)))

    @pytest.mark.parametrize("state", ["requested", "declined", "cancelled"])
    def test_who_has_no_place_cannot_enter(self, client, clock, state):
        registration = registered(PartFactory(room_url=ROOM), now=NOW)
        if state == "cancelled":
            cancel(registration=registration, now=NOW)
        Seat.objects.update(state=state)
        clock.move_to(START)
        page = client.get(join_of(registration))
        words = "Your request is not answered yet" if state == "requested" else "You have no place"
        assert (words in text(page), has_button(page)) == (True, False)
        assert client.post(join_of(registration)).status_code == 409
        assert registration.seats.get().entered_at is None

    def test_a_wrong_link_reveals_nothing(self, client, clock):
        part = PartFactory(room_url=ROOM)
        registration, other = registered(part, now=NOW), registered(part, now=NOW, number=2)
        clock.move_to(START)
        foreign = other.token.replace(other.reference, registration.reference)
        for token in (registration.token[:-1], "x", foreign, registration.token.swapcase()):
            for answer in (
                client.get(f"/registrations/{token}/join/1/"),
                client.post(f"/registrations/{token}/join/1/"),
            ):
                assert answer.status_code == 404
                assert "This link no longer works" in text(answer)
        assert client.get(join_of(registration, 2)).status_code == 404
        assert client.get(join_of(registration) + "x/").status_code == 404
        Registration.objects.update(link_version=2)
        assert client.post(join_of(registration)).status_code == 404
        assert not Seat.objects.filter(entered_at__isnull=False).exists()

    def test_pressing_needs_the_page_before_it(self, clock):
        registration = registered(PartFactory(room_url=ROOM), now=NOW)
        clock.move_to(START)
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(join_of(registration)).status_code == 403
        strict.get(join_of(registration))
        token = strict.cookies["csrftoken"].value
        assert strict.post(join_of(registration), {"csrfmiddlewaretoken": token}).status_code == 303

    def test_who_entered_before_it_was_moved_has_not_come_yet(self, client, clock):
        part = PartFactory(room_url=ROOM)
        registration = registered(part, now=NOW)
        clock.move_to(START)
        client.post(join_of(registration))
        later = PartSchedule(datetime.date(2026, 12, 17), datetime.time(15), "Asia/Seoul", datetime.time(16, 30))
        reschedule(event=part.event, schedules={part.pk: later}, staff=None, now=START + MINUTE)
        assert registration.seats.get().entered_at is None
        assert "17 December 2026, 14:30, Seoul time" in text(client.get(join_of(registration)))


class TestThePage:
    @pytest.mark.parametrize("method", ["get", "head"])
    def test_looking_changes_nothing(self, client, clock, method):
        registration = registered(PartFactory(room_url=ROOM), now=NOW)
        clock.move_to(START)
        before = list(Seat.objects.values())
        assert getattr(client, method)(join_of(registration)).status_code == 200
        assert list(Seat.objects.values()) == before
        assert client.put(join_of(registration)).status_code == 405

    def test_it_is_private_and_leads_to_other_sites(self, client, clock):
        registration = registered(PartFactory(room_url=ROOM), now=NOW)
        clock.move_to(START)
        for response in (client.get(join_of(registration)), client.post(join_of(registration))):
            assert "no-store" in response["Cache-Control"]
            assert response["Referrer-Policy"] == "same-origin"
            assert "noindex" in response["X-Robots-Tag"]
            assert "form-action 'self' https: http:" in response["Content-Security-Policy"]

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries(self, client, clock, rows):
        event = EventFactory()
        parts = [PartFactory(event=event, room_url=ROOM) for _ in range(rows)]
        registration = registered(parts, now=NOW, verified=True)
        clock.move_to(START)
        with CaptureQueriesContext(connection) as looking:
            client.get(join_of(registration))
        assert len(looking) == 3  # registration with its event, parts, seat
        with CaptureQueriesContext(connection) as pressing:
            client.post(join_of(registration))
        assert len(pressing) == 4  # the same, and who came

    def test_it_leads_to_the_same_part_when_numbers_are_exchanged(self, client):
        event = EventFactory()
        one, two = PartFactory(event=event, room_url=ROOM), PartFactory(event=event)
        registration = registered(one, now=NOW)
        entry = f"/registrations/{registration.token}/entries/{one.pk}/calendar.ics"
        for numbers in ((1, 2), (9, 2), (9, 1), (2, 1)):
            for part, number in zip((one, two), numbers, strict=True):
                Part.objects.filter(pk=part.pk).update(number=number)
            assert client.get(room_of(registration, one)).context["part"] == one
            assert client.get(room_of(registration, two)).status_code == 404
            assert client.get(entry).status_code == 200

    def test_the_personal_page_and_the_mails_lead_to_it(self, client, clock, mailoutbox):
        event = EventFactory()
        one, full = PartFactory(event=event, room_url=ROOM), PartFactory(event=event, capacity=1)
        registered(full, now=NOW, number=9)
        mailoutbox.clear()
        registration = registered([one, full], now=NOW, language="ja")
        outbox.send_due(now=NOW)
        (mail,) = [each for each in mailoutbox if each.to == ["observer1@city.example"]]
        for body in (mail.body, mail.alternatives[0].content):
            assert f"http://127.0.0.1:8000/ja{room_of(registration, one)}" in body
            assert f"/rooms/{full.pk}/" not in body
        personal = f"/registrations/{registration.token}/"
        assert room_of(registration, one) in client.get(personal).content.decode()
        assert f"/rooms/{full.pk}/" not in client.get(personal).content.decode()
        clock.move_to(START + 90 * MINUTE)
        assert "/rooms/" not in client.get(personal).content.decode()


def test_the_address_of_the_room_is_nowhere_but_behind_the_button(client, clock, mailoutbox):
    part = PartFactory(event=EventFactory(series=SeriesFactory()), room_url=ROOM)
    event = part.event
    registration = registered(part, now=NOW)
    outbox.send_due(now=NOW)
    cancel(registration=registration, now=NOW + MINUTE)
    outbox.send_due(now=NOW + MINUTE)
    assert len(mailoutbox) == 2
    for mail in mailoutbox:
        assert "rooms.example.org" not in "".join(
            str(each.get_payload(decode=True)) for each in mail.message().walk() if not each.is_multipart()
        )
    registration = registered(part, now=NOW + MINUTE)
    clock.move_to(START)
    personal = f"/registrations/{registration.token}/"
    for address in (
        "/",
        "/events/",
        f"/events/{event.slug}/",
        f"/events/{event.slug}/calendar.ics",
        f"/events/{event.slug}/parts/1/calendar.ics",
        "/events/calendar.ics",
        f"/series/{event.series.slug}/",
        f"/series/{event.series.slug}/calendar.ics",
        "/sitemap.xml",
        personal,
        f"{personal}parts/1/calendar.ics",
        join_of(registration),
    ):
        response = client.get(address)
        assert response.status_code == 200, address
        unfolded = response.getvalue().decode().replace("\r\n ", "")  # a calendar's lines break anywhere
        assert "rooms.example.org" not in unfolded + str(response.headers), address
