import datetime
import re
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.models import Event, Part, Registration
from tests.factories.events import EventFactory, PartFactory
from tests.factories.registrations import registered
from tests.markup import markup
from tests.moments import NOW
from wego_portal.foundation.models import OutboxMail
from wego_portal.foundation.publication import Publication

from .form_filling import TYPED, send, text
from .mail_reading import body, send_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


class TestPersonalPage:
    def page_of(self, registration):
        return f"/registrations/{registration.token}/"

    def change(self, client, registration, **typed):
        given = {key: value for key, value in TYPED.items() if key not in ("email", "privacy")}
        return client.post(self.page_of(registration), {**given, "do": "change", **typed}, follow=True)

    def test_it_shows_what_is_held_and_changes_nothing(self, client):
        event = EventFactory()
        one, two = PartFactory(event=event), PartFactory(event=event, capacity=1)
        registered(two, now=NOW, number=9)
        registration = registered([one, two], now=NOW, name="Ada Lovelace")
        mails = OutboxMail.objects.count()
        response = client.get(self.page_of(registration))
        page = text(response)
        assert "Part 1 Thursday 10 December 2026, 15:00 to 16:30, Seoul time Your place is confirmed" in page
        assert "Waiting list, number 1" in page
        assert b'value="Ada Lovelace"' in response.content
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "same-origin"
        assert "noindex" in response["X-Robots-Tag"]
        assert set(response.cookies) == {"csrftoken"}
        assert OutboxMail.objects.count() == mails
        assert {seat.state for seat in registration.seats.all()} == {"confirmed", "waiting"}
        assert registration.token not in re.sub(r'(?:action|href)="[^"]*"', "", markup(response))

    def test_details_and_parts_can_be_changed(self, client):
        event = EventFactory()
        one, two = PartFactory(event=event), PartFactory(event=event)
        registration = registered(one, now=NOW)
        response = self.change(client, registration, parts=["2"], name="Renamed", invite="on")
        assert response.status_code == 200
        assert "Your changes are saved." in text(response)
        registration.refresh_from_db()
        assert registration.name == "Renamed"
        assert {seat.part: seat.state for seat in registration.seats.all()} == {one: "cancelled", two: "confirmed"}
        assert registration.contact.invite_consent_at == NOW
        again = self.change(client, registration, parts=["2"], name="Renamed", invite="on")
        assert "Nothing was different" in text(again)

    def test_wrong_input_is_said_and_kept(self, client):
        registration = registered(PartFactory(), now=NOW)
        response = self.change(client, registration, name="", organization_name="Typed before")
        assert response.status_code == 422
        assert text(response).count("Enter your name.") == 2
        assert "<title>Error: " in markup(response)
        assert b'value="Typed before"' in response.content

    def test_unticking_everything_asks_for_a_cancellation(self, client):
        event = EventFactory()
        registration = registered([PartFactory(event=event), PartFactory(event=event)], now=NOW)
        response = self.change(client, registration, parts=[])
        assert response.status_code == 422
        assert "Keep at least one part." in text(response)
        assert registration.seats.active().count() == 2

    def test_everything_can_be_cancelled_and_taken_again(self, client):
        part = PartFactory(capacity=1)
        registration, waiting = registered(part, now=NOW), registered(part, now=NOW, number=2)
        response = client.post(self.page_of(registration), {"do": "cancel"}, follow=True)
        assert response.redirect_chain[0][1] == 302
        assert "Your registration is cancelled." in text(response)
        assert b'value="cancel"' not in response.content
        assert waiting.seats.get().state == "confirmed"
        again = self.change(client, registration)
        assert "Waiting list, number 1" in text(again)

    @pytest.mark.parametrize("state", ["cancelled", "declined"])
    def test_saving_a_detail_without_a_place_takes_none(self, client, state):
        registration = registered(PartFactory(), now=NOW, invite_text="Invite me.")
        registration.seats.update(state=state)
        page = markup(client.get(self.page_of(registration)))
        box = page.partition('name="parts"')[2].partition(">")[0]
        assert 'type="checkbox" name="parts"' in page
        assert "checked" not in box
        saved = self.change(client, registration, parts=[], name="Ada")
        assert "Your changes are saved." in text(saved)
        assert "A mail confirms" not in text(saved)
        registration.refresh_from_db()
        assert (registration.name, registration.contact.invite_consent_at) == ("Ada", None)
        assert registration.seats.get().state == state

    def test_a_form_that_was_drawn_before_a_cancellation_undoes_nothing(self, client, clock):
        registration = registered(PartFactory(), now=NOW)
        page = markup(client.get(self.page_of(registration)))
        seen = page.partition('name="seen"')[2].partition('value="')[2].partition('"')[0]
        clock.shift(60)
        client.post(self.page_of(registration), {"do": "cancel"})
        late = self.change(client, registration, seen=seen, name="Ada")
        assert late.status_code == 422
        assert "This was changed meanwhile." in text(late)
        assert registration.seats.get().state == "cancelled"
        assert seen not in markup(late)

    def test_a_cancelled_part_is_no_choice_and_its_seat_is_not_cancelled(self, client, mailoutbox):
        event = EventFactory()
        parts = [PartFactory(event=event), PartFactory(event=event, date=datetime.date(2026, 12, 17))]
        registration = registered(parts, now=NOW)
        Part.objects.filter(pk=parts[0].pk).update(status=Part.Status.CANCELLED)
        boxes = markup(client.get(self.page_of(registration))).split('name="parts"')[1:]
        assert ['value="2"' in box.partition(">")[0] for box in boxes] == [True]
        done = client.post(self.page_of(registration), {"do": "cancel"}, follow=True)
        assert "Your registration is cancelled." in text(done)
        assert [seat.state for seat in registration.seats.order_by("part")] == ["confirmed", "cancelled"]
        mail = send_all(mailoutbox, NOW)[-1]
        assert mail["Subject"].startswith("Your registration is cancelled")
        assert "The rest of your registration" not in body(mail)

    def test_the_address_of_a_result_does_not_claim_it(self, client):
        registration = registered(PartFactory(), now=NOW)
        assert "is cancelled" not in text(client.get(self.page_of(registration) + "?done=cancelled"))

    def test_a_part_that_has_begun_stays_as_it_is(self, client, clock):
        event = EventFactory()
        registration = registered(
            [PartFactory(event=event), PartFactory(event=event, date=datetime.date(2026, 12, 17))], now=NOW
        )
        clock.move_to(datetime.datetime(2026, 12, 10, 6, 30, tzinfo=datetime.UTC))
        page = client.get(self.page_of(registration))
        assert "It has begun, so it cannot be changed here." in text(page)
        assert self.change(client, registration, parts=[]).status_code == 200
        assert [seat.state for seat in registration.seats.order_by("part")] == ["confirmed", "cancelled"]

    def test_after_the_event_there_is_nothing_to_change(self, client, clock):
        registration = registered(PartFactory(), now=NOW)
        clock.move_to(datetime.datetime(2026, 12, 11, tzinfo=datetime.UTC))
        response = client.get(self.page_of(registration))
        assert response.status_code == 200
        assert b"<form" not in response.content
        assert client.post(self.page_of(registration), {"do": "cancel"}).status_code == 302
        assert registration.seats.get().state == "confirmed"

    def test_a_part_that_was_cancelled_or_replaced_is_said_to_be(self, client):
        part = PartFactory()
        registration = registered(part, now=NOW)
        Part.objects.update(status=Part.Status.CANCELLED)
        assert "This part was cancelled by the organizers" in text(client.get(self.page_of(registration)))
        Part.objects.update(status=Part.Status.REPLACED)
        page = text(client.get(self.page_of(registration)))
        assert ("Replaced" in page, "Your place is confirmed" in page) == (True, False)

    @pytest.mark.parametrize("publication", [Publication.WITHDRAWN, Publication.DRAFT])
    def test_it_stays_when_the_event_is_withdrawn(self, client, publication):
        registration = registered(PartFactory(), now=NOW)
        Event.objects.update(publication=publication)
        response = client.get(self.page_of(registration))
        assert response.status_code == 200
        assert registration.event.get_absolute_url() not in markup(response)

    def test_a_wrong_link_reveals_nothing(self, client):
        registration, other = registered(PartFactory(), now=NOW), registered(PartFactory(), now=NOW, number=2)
        token = registration.token
        signature = token.rpartition(".")[2]
        wrong = [
            token[:-1],
            token[1:],
            token.swapcase(),
            f"{other.reference}.1.{signature}",
            f"{registration.reference}.2.{signature}",
            registration.reference,
            "x",
            "a" * 2000,
            "..",
            "%F0%9F%98%80",
            urlsplit(send(client, EventFactory(with_part=True), email="new@city.example")["Location"]).path.split("/")[
                -2
            ],
        ]
        answers = [client.get(f"/registrations/{each}/") for each in wrong]
        assert {answer.status_code for answer in answers} == {404}
        assert len({text(answer) for answer in answers}) == 1
        assert "This link no longer works" in text(answers[0])
        assert client.post(f"/registrations/{token[:-1]}/", {"do": "cancel"}).status_code == 404
        Registration.objects.update(link_version=2)
        assert client.get(f"/registrations/{token}/").status_code == 404

    def test_post_needs_its_token(self):
        registration = registered(PartFactory(), now=NOW)
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(self.page_of(registration), {"do": "cancel"}).status_code == 403
        strict.get(self.page_of(registration))
        token = strict.cookies["csrftoken"].value
        answer = strict.post(self.page_of(registration), {"do": "cancel", "csrfmiddlewaretoken": token})
        assert answer.status_code == 302
        assert registration.seats.get().state == "cancelled"

    def test_calendar_file_is_that_of_a_confirmed_seat(self, client):
        event = EventFactory()
        one, two = PartFactory(event=event), PartFactory(event=event, capacity=1)
        registered(two, now=NOW, number=9)
        registration = registered([one, two], now=NOW)
        response = client.get(f"{self.page_of(registration)}parts/1/calendar.ics")
        assert response.status_code == 200
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        assert registration.seats.get(part=one).uid.encode() in response.content
        assert registration.token.encode() not in response.content
        assert client.get(f"{self.page_of(registration)}parts/2/calendar.ics").status_code == 404
        assert client.get("/registrations/x/parts/1/calendar.ics").status_code == 404

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries(self, client, rows):
        event = EventFactory()
        parts = [PartFactory(event=event, capacity=1) for _ in range(rows)]
        registered(parts, now=NOW, number=9)
        registration = registered(parts, now=NOW)
        client.get(self.page_of(registration))
        with CaptureQueriesContext(connection) as queries:
            client.get(self.page_of(registration))
        # Registration, answers, seats with positions, parts, seats of parts, questions.
        assert len(queries) == 6
