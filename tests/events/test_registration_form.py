import datetime
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.models import Contact, Event, Part, Registration, Seat
from tests.factories.events import EventFactory, EventOrganizationFactory, PartFactory
from tests.factories.organizations import LanguageFactory, OrganizationFactory
from tests.factories.registrations import registered
from tests.markup import markup
from tests.moments import DAY, NOW
from wego_portal.foundation.publication import Publication

from .form_filling import TYPED, fetched, form_of, send, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def without_tokens(response):
    """The bytes of a page without what differs between any two."""
    return re.sub(rb'(name="csrfmiddlewaretoken" value=|nonce=)"[^"]*"', b"", response.content)


class TestForm:
    def test_it_offers_each_part_with_time_place_and_what_one_gets(self, client):
        event = EventFactory(title_en="Cities together")
        PartFactory(event=event, title_en="How three cities work", capacity=12)
        full = PartFactory(event=event, capacity=1)
        closed = PartFactory(event=event, capacity=1, has_waitlist=False)
        registered([full, closed], now=NOW, number=9)
        response = client.get(form_of(event))
        assert response.status_code == 200
        page = text(response)
        assert "Part 1: How three cities work Thursday 10 December 2026, 15:00 to 16:30, Seoul time" in page
        assert "Open, 12 places left." in page
        assert "Full: you will be first on the waiting list." in page
        assert "You cannot choose it: it is full and has no waiting list." in page
        boxes = re.findall(r'<input type="checkbox" name="parts"[^>]*>', markup(response))
        assert [("disabled" in box, "checked" in box) for box in boxes] == [
            (False, False),
            (False, False),
            (True, False),
        ]
        assert "no-store" in response["Cache-Control"]

    def test_a_single_part_is_chosen_and_bears_no_number(self, client):
        event = EventFactory(with_part=True)
        response = client.get(form_of(event))
        assert b'<input type="hidden" name="parts" value="1">' in response.content
        assert "Part 1" not in text(response)

    def test_fields_say_what_a_browser_may_fill_in(self, client):
        content = client.get(form_of(EventFactory(with_part=True))).content.decode()
        for name, value in {
            "name": "name",
            "email": "email",
            "organization_name": "organization",
            "country": "country",
            "position": "organization-title",
        }.items():
            (control,) = re.findall(rf'<(?:input|select)[^>]* name="{name}"[^>]*>', content)
            assert f'autocomplete="{value}"' in control
        assert 'data-suggest="/organizations/suggest/"' in content
        assert 'list="organization-names"' in content
        assert "Deleted 12 months after the event." in content

    @pytest.mark.parametrize(("language", "country"), [("ja", "日本"), ("ko", "일본")])
    def test_countries_and_mail_language_follow_the_page(self, client, language, country):
        content = client.get(f"/{language}{form_of(EventFactory(with_part=True))}").content.decode()
        assert f'<option value="JP">{country}</option>' in content
        assert f'<option value="{language}" selected>' in content

    def test_old_address_of_the_event_leads_to_its_form(self, client):
        event = EventFactory(with_part=True, slug="before")
        event.slug = "after"
        event.save()
        response = client.get("/events/before/register/")
        assert (response.status_code, response["Location"]) == (301, "/events/after/register/")

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries(self, client, rows):
        event = EventFactory()
        for _ in range(rows):
            PartFactory(event=event, capacity=5)
            EventOrganizationFactory(event=event, organization=OrganizationFactory())
        event.spoken_languages.add(*[LanguageFactory(code=code) for code in ["en", "ja", "ko"][:rows]])
        client.get(form_of(event))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(form_of(event))
        assert len(queries) == 6  # event, parts, seats, questions, hosts, languages


class TestNoForm:
    @pytest.mark.parametrize(
        ("given", "status", "words"),
        [
            ({"part": {"capacity": 1, "has_waitlist": False}, "seats": 1}, 409, "This event is full"),
            ({"event": {"access": Event.Access.INVITATION}}, 403, "This event is by invitation"),
            ({"part": {"registration_closes_at": NOW}}, 410, "Registration has closed"),
            ({"part": {"registration_opens_at": NOW + DAY}}, 409, "It opens on 24 November 2026, 18:00, Seoul time."),
            ({"part": {"status": Part.Status.CANCELLED}}, 410, "This event was cancelled"),
            ({"part": {"status": Part.Status.POSTPONED}}, 409, "This event was postponed"),
            ({"part": {"date": datetime.date(2026, 11, 1)}}, 410, "This event is over"),
            ({"event": {"takes_registrations": False}}, 404, "There is no registration here"),
        ],
    )
    def test_it_says_why_and_where_to_go(self, client, given, status, words):
        event = EventFactory(**given.get("event", {}))
        part = PartFactory(event=event, **given.get("part", {}))
        for number in range(given.get("seats", 0)):
            registered(part, now=NOW, number=90 + number)
        before = Seat.objects.count()
        for response in (client.get(form_of(event)), send(client, event)):
            assert response.status_code == status
            assert words in text(response)
            assert f'href="{event.get_absolute_url()}"'.encode() in response.content
        assert Seat.objects.count() == before

    @pytest.mark.parametrize("publication", [Publication.DRAFT, Publication.IN_REVIEW, Publication.WITHDRAWN])
    def test_the_form_of_what_the_public_does_not_see_is_not_there(self, client, publication):
        event = EventFactory(with_part=True, publication=publication)
        assert client.get(form_of(event)).status_code == 404
        assert send(client, event).status_code == 404
        assert not Registration.objects.exists()


class TestSending:
    def test_it_books_and_shows_what_was_booked(self, client):
        event = EventFactory()
        PartFactory(event=event)
        registered(PartFactory(event=event, capacity=1), now=NOW, number=9)
        response = send(client, event, follow=True, parts=["1", "2"], invite="on")
        assert response.redirect_chain[0][1] == 302
        assert response.status_code == 200
        page = text(response)
        assert "You are registered" in page
        assert "Part 1 Thursday 10 December 2026, 15:00 to 16:30, Seoul time Your place is confirmed" in page
        assert "Waiting list, number 1" in page
        registration = Registration.objects.get(contact__email=TYPED["email"])
        assert registration.privacy_consent_text == (
            "I agree that WeGO keeps these details for this event. Deleted 12 months after the event."
        )
        assert (registration.privacy_consent_at, registration.registered_at) == (NOW, NOW)
        # Anybody can type an address: it is agreed to once a button behind its link was pressed.
        assert (registration.pending_consent_text, registration.pending_consent_at) == (
            "Invite me to later events",
            NOW,
        )
        assert registration.contact.invite_consent_at is None

    def test_consent_is_kept_in_the_language_it_was_shown_in(self, client):
        event = EventFactory(with_part=True)
        client.post(f"/ja{form_of(event)}", {**TYPED, **fetched(), "language": "ko"})
        registration = Registration.objects.get()
        assert registration.language == "ko"
        shown = markup(client.get(f"/ja{form_of(event)}"))
        assert registration.privacy_consent_text.split(". ")[0] in shown

    def test_without_the_second_consent_nobody_is_invited(self, client):
        send(client, EventFactory(with_part=True))
        assert Contact.objects.get().invite_consent_at is None

    def test_a_second_registration_reveals_nothing(self, client):
        event = EventFactory()
        PartFactory(event=event, capacity=2)
        send(client, event)
        pages = []
        for address in ("observer1@city.example", "nobody@city.example"):
            form = Client().post(form_of(event), {**TYPED, "email": address, "name": ""})
            response = send(Client(), event, email=address)
            shown = Client().get(response["Location"])
            pages.append((response.status_code, response["Location"], dict(response.headers), without_tokens(shown)))
            pages[-1] += (dict(shown.headers), text(form).replace(address, ""))
            Registration.objects.filter(contact__email="nobody@city.example").delete()
        assert pages[0] == pages[1]

    def test_a_part_that_fills_up_meanwhile_is_said_beside_the_parts(self, client, monkeypatch):
        event = EventFactory()
        PartFactory(event=event)
        last = PartFactory(event=event, capacity=1, has_waitlist=False)
        from events.domain import registration as registrations

        def faster(**arguments):
            monkeypatch.undo()
            registered(last, now=NOW, number=50)
            return registrations.register(**arguments)

        monkeypatch.setattr(registrations, "register", faster)
        response = send(client, event, parts=["1", "2"])
        assert response.status_code == 422
        assert "Part 2 cannot be chosen: it is full and has no waiting list." in text(response)
        assert b'value="Observer 1"' in response.content

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries(self, client, rows):
        event = EventFactory()
        for _ in range(rows):
            PartFactory(event=event, capacity=5)
        send(client, event, email="first@city.example")
        with CaptureQueriesContext(connection) as queries:
            assert send(client, event, parts=[str(n + 1) for n in range(rows)]).status_code == 302
        # Event, parts, seats, questions, attempts, organization of that name; then under the lock: parts, what is to be
        # released, seats, contact, registration, seats, mail; and the savepoint that stands for the transaction (2).
        assert len(queries) == 15

    def test_page_after_it_lasts_an_hour_and_belongs_to_its_event(self, client, clock):
        event, other = EventFactory(with_part=True), EventFactory(with_part=True)
        address = send(client, event)["Location"]
        assert client.get(address).status_code == 200
        assert client.get(address.replace(event.slug, other.slug)).status_code == 404
        assert client.get(address[:-3] + "/").status_code == 404
        clock.shift(3601)
        late = client.get(address)
        assert late.status_code == 404
        assert "Check your email" in text(late)

    def test_the_page_after_it_reveals_nothing_of_the_person(self, client):
        response = send(client, EventFactory(with_part=True), follow=True, name="Ada Lovelace")
        assert b"Lovelace" not in response.content
        assert b"observer1" not in response.content
