import datetime
import re
from urllib.parse import urlencode, urlsplit

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.models import Contact, Event, Part, Registration, Seat
from tests.factories.events import EventFactory, EventOrganizationFactory, PartFactory
from tests.factories.organizations import LanguageFactory, OrganizationFactory
from tests.factories.registrations import registered
from wego_portal.foundation.models import OutboxMail
from wego_portal.foundation.publication import Publication

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
TYPED = {
    "parts": ["1"],
    "name": "Observer 1",
    "email": "observer1@city.example",
    "organization_name": "City of Example",
    "sector": "municipal",
    "country": "JP",
    "position": "",
    "language": "en",
    "privacy": "on",
}


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def form_of(event):
    return f"/events/{event.slug}/register/"


def send(client, event, follow=False, **typed):
    return client.post(form_of(event), {**TYPED, **typed}, follow=follow)


def text(response):
    """What a reader reads of a page, on one line."""
    content = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())


def without_tokens(response):
    """The bytes of a page without what differs between any two."""
    return re.sub(rb'(name="csrfmiddlewaretoken" value=|nonce=)"[^"]*"', b"", response.content)


class TestForm:
    def test_it_offers_each_part_with_time_place_and_what_one_gets(self, client):
        event = EventFactory(title_en="Cities together")
        PartFactory(event=event, title_en="How three cities work", capacity=12)
        full = PartFactory(event=event, capacity=1)
        closed = PartFactory(event=event, capacity=1, waiting_list=False)
        registered([full, closed], now=NOW, number=9)
        response = client.get(form_of(event))
        assert response.status_code == 200
        page = text(response)
        assert "Part 1: How three cities work Thursday 10 December 2026, 15:00 to 16:30, Seoul time" in page
        assert "Open, 12 places left." in page
        assert "Full: you join the waiting list, on which 0 people wait." in page
        assert "You cannot choose it: it is full and has no waiting list." in page
        boxes = re.findall(r'<input type="checkbox" name="parts"[^>]*>', response.content.decode())
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
            assert re.search(rf'name="{name}"[^>]*autocomplete="{value}"', content), name
        assert 'data-suggest="/organizations/suggest/"' in content
        assert 'list="organization-names"' in content
        assert "Erased 12 months after it." in content

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
        assert len(queries) == 5  # event, parts, seats, hosts, languages


class TestNoForm:
    @pytest.mark.parametrize(
        ("given", "status", "words"),
        [
            ({"part": {"capacity": 1, "waiting_list": False}, "seats": 1}, 409, "This event is full"),
            ({"event": {"access": Event.Access.INVITATION}}, 403, "This event is by invitation"),
            ({"part": {"registration_closes_at": NOW}}, 410, "Registration has closed"),
            ({"part": {"registration_opens_at": NOW + DAY}}, 409, "It opens on 24 November 2026, 18:00, Seoul time."),
            ({"part": {"course": Part.Course.CANCELLED}}, 410, "This event was cancelled"),
            ({"part": {"course": Part.Course.POSTPONED}}, 409, "This event was postponed"),
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
        assert "Waiting list, number 1 in line" in page
        registration = Registration.objects.get(contact__email=TYPED["email"])
        assert registration.privacy_consent_text == (
            "I agree that WeGO keeps these details for this event. Erased 12 months after it."
        )
        assert (registration.privacy_consent_at, registration.registered_at) == (NOW, NOW)
        assert registration.contact.invite_consent_text == "Invite me to later events"

    def test_consent_is_kept_in_the_language_it_was_shown_in(self, client):
        event = EventFactory(with_part=True)
        client.post(f"/ja{form_of(event)}", {**TYPED, "language": "ko"})
        registration = Registration.objects.get()
        assert registration.language == "ko"
        shown = client.get(f"/ja{form_of(event)}").content.decode()
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
        last = PartFactory(event=event, capacity=1, waiting_list=False)
        from events.views import registration as view

        def faster(**arguments):
            monkeypatch.undo()
            registered(last, now=NOW, number=50)
            return view.register_for(**arguments)

        monkeypatch.setattr(view, "register_for", faster)
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
        # Event, parts, seats; then under the lock: parts, seats, contact (2), registration, organization of that name,
        # registration, seats, mail; and the savepoint that stands for the transaction (2).
        assert len(queries) == 14

    def test_page_after_it_lasts_an_hour_and_belongs_to_its_event(self, client, clock):
        event, other = EventFactory(with_part=True), EventFactory(with_part=True)
        address = send(client, event)["Location"]
        assert client.get(address).status_code == 200
        assert client.get(address.replace(event.slug, other.slug)).status_code == 404
        assert client.get(address[:-3] + "/").status_code == 404
        clock.shift(3601)
        late = client.get(address)
        assert late.status_code == 404
        assert "Look into your mail" in text(late)

    def test_page_after_it_tells_nothing_of_the_person(self, client):
        response = send(client, EventFactory(with_part=True), follow=True, name="Ada Lovelace")
        assert b"Lovelace" not in response.content
        assert b"observer1" not in response.content


class TestBadInput:
    def refused(self, client, field, value, event=None):
        event = event or EventFactory(with_part=True)
        response = send(client, event, **{field: value})
        assert response.status_code == 422
        content = response.content.decode()
        assert "<title>Error: " in content
        assert re.search(r'role="alert".*href="#id_' + field, content, re.DOTALL)
        assert f'id="id_{field}_error"' in content or field == "parts"
        assert not Registration.objects.exists()
        return response

    @pytest.mark.parametrize(
        ("field", "value", "words"),
        [
            ("name", "", "Enter your name."),
            ("name", "​‏", "Enter your name."),
            ("name", "A" * 151, "at most 150 characters"),
            ("name", "Ada\r\nBcc: all@city.example", "Write it on one line"),
            ("name", "Ada\0", "Null characters are not allowed."),
            ("name", "Ada\u2028Lovelace", "Write it on one line"),
            ("email", "", "Enter your e-mail address."),
            ("email", "observer", "Enter an e-mail address like"),
            ("email", "a@city.example\nBcc: b@city.example", "Enter an e-mail address like"),
            ("email", "a@city.example, b@city.example", "Enter an e-mail address like"),
            ("email", "a" * 250 + "@city.example", "at most 254 characters"),
            ("email", "a\0@city.example", "Null characters are not allowed."),
            ("organization_name", " ", "Enter the name of your organization."),
            ("organization_name", "x" * 201, "at most 200 characters"),
            ("sector", "king", "Select a valid choice"),
            ("country", "", "Choose your country."),
            ("country", "XX", "Select a valid choice"),
            ("language", "tlh", "Select a valid choice"),
            ("privacy", "", "Tick this box"),
            ("position", "\x1b[31m", "Write it on one line"),
        ],
    )
    def test_what_is_wrong_is_said_beside_the_field_and_once_more_on_top(self, client, field, value, words):
        assert text(self.refused(client, field, value)).count(words) == 2

    @pytest.mark.parametrize(
        ("parts", "words"),
        [
            ([], "Choose at least one part."),
            (["7"], "This part is not offered."),
            (["1' OR 1=1"], "This part is not offered."),
            (["3"], "Part 3 cannot be chosen: registration has closed."),
        ],
    )
    def test_parts(self, client, parts, words):
        event = EventFactory()
        PartFactory(event=event)
        PartFactory(event=event)
        PartFactory(event=event, registration_closes_at=NOW)
        assert text(self.refused(client, "parts", parts, event)).count(words) == 2

    def test_what_was_typed_is_kept(self, client):
        event = EventFactory()
        PartFactory(event=event)
        PartFactory(event=event)
        response = send(client, event, email="wrong", name='Ada "the first"', parts=["2"], country="KR", invite="on")
        content = response.content.decode()
        assert 'value="Ada &quot;the first&quot;"' in content
        assert 'value="wrong"' in content
        assert '<option value="KR" selected>' in content
        boxes = re.findall(r'<input type="checkbox" name="(?:parts|invite|privacy)"[^>]*>', content)
        assert ["checked" in box for box in boxes] == [False, True, True, True]

    @pytest.mark.parametrize("name", ["مريم", "山田 花子", "👩‍🚀 Ada", "O'Neil-Łukasz", "<script>alert(1)</script>"])
    def test_any_writing_is_kept_as_it_is(self, client, name):
        send(client, EventFactory(with_part=True), name=name)
        registration = Registration.objects.get()
        assert registration.name == name
        page = client.get(f"/registrations/{registration.token}/")
        assert "<script>alert" not in page.content.decode()

    def test_addresses_that_mean_the_same_are_the_same(self, client):
        event = EventFactory(with_part=True)
        for address in ("Ada@City.example", " ada@city.example ", "ada＠city.example"):
            assert send(client, event, email=address).status_code == 302
        assert Contact.objects.get().email == "ada@city.example"

    def test_another_character_set_is_refused(self, client):
        event = EventFactory(with_part=True)
        kind = "application/x-www-form-urlencoded; charset=utf-16"
        response = client.generic("POST", form_of(event), "name=a".encode("utf-16"), content_type=kind)
        assert response.status_code == 415

    @pytest.mark.parametrize("body", [b"name=%FF%FE&parts=1", b"name=\xff\xfe&parts=1"])
    def test_bytes_that_are_no_text_are_refused(self, client, body):
        event = EventFactory(with_part=True)
        kind = "application/x-www-form-urlencoded"
        assert client.post(form_of(event), body, content_type=kind).status_code == 400

    def test_too_much_is_refused(self, client):
        assert send(client, EventFactory(with_part=True), name="x" * 3_000_000).status_code == 413

    def test_a_form_without_its_token_is_refused_and_nothing_is_lost(self):
        event = EventFactory(with_part=True)
        strict = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "same-origin"})
        typed, kind = urlencode(TYPED, doseq=True), "application/x-www-form-urlencoded"
        response = strict.post(form_of(event), typed, content_type=kind)
        assert response.status_code == 403
        assert b"Observer 1" in response.content
        assert not Registration.objects.exists()


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
        assert "Waiting list, number 1 in line" in page
        assert b'value="Ada Lovelace"' in response.content
        assert "no-store" in response["Cache-Control"]
        assert response["Referrer-Policy"] == "same-origin"
        assert "noindex" in response["X-Robots-Tag"]
        assert set(response.cookies) == {"csrftoken"}
        assert OutboxMail.objects.count() == mails
        assert {seat.state for seat in registration.seats.all()} == {"confirmed", "waiting"}
        assert registration.token not in re.sub(r'(?:action|href)="[^"]*"', "", response.content.decode())

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
        assert b"<title>Error: " in response.content
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
        assert "Waiting list, number 1 in line" in text(again)

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

    def test_a_cancelled_part_is_said_to_be(self, client):
        part = PartFactory()
        registration = registered(part, now=NOW)
        Part.objects.update(course=Part.Course.CANCELLED)
        assert "This part was cancelled by the organizers" in text(client.get(self.page_of(registration)))

    @pytest.mark.parametrize("publication", [Publication.WITHDRAWN, Publication.DRAFT])
    def test_it_stays_when_the_event_is_withdrawn(self, client, publication):
        registration = registered(PartFactory(), now=NOW)
        Event.objects.update(publication=publication)
        response = client.get(self.page_of(registration))
        assert response.status_code == 200
        assert registration.event.get_absolute_url() not in response.content.decode()

    def test_a_link_that_is_not_right_tells_nothing(self, client):
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
            "a" * 5000,
            "..",
            "%F0%9F%98%80",
            urlsplit(send(client, EventFactory(with_part=True), email="new@city.example")["Location"]).path.split("/")[
                -2
            ],
        ]
        answers = [client.get(f"/registrations/{each}/") for each in wrong]
        assert {answer.status_code for answer in answers} == {404}
        assert len({text(answer) for answer in answers}) == 1
        assert "This link leads nowhere" in text(answers[0])
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
        assert str(registration.seats.get(part=one).uid).encode() in response.content
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
        assert len(queries) == 5  # registration, parts, seats with positions, seats of parts, event published
