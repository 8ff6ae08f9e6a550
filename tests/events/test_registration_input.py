import re
from urllib.parse import urlencode

import pytest
from django.test import Client

from events.models import Contact, Registration
from tests.factories.events import EventFactory, PartFactory
from tests.markup import markup
from tests.moments import NOW

from .form_filling import TYPED, form_of, send, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


class TestBadInput:
    def refused(self, client, field, value, event=None):
        event = event or EventFactory(with_part=True)
        response = send(client, event, **{field: value})
        assert response.status_code == 422
        content = markup(response)
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
            ("name", "You won! http://evil.example/x", "Write it without a web address."),
            ("name", "Claim it at WWW.evil.example", "Write it without a web address."),
            ("organization_name", "evil.example/login", "Write it without a web address."),
            ("name", "Ada\u2028Lovelace", "Write it on one line"),
            ("email", "", "Enter your email address."),
            ("email", "observer", "Enter an email address like"),
            ("email", "a@city.example\nBcc: b@city.example", "Enter an email address like"),
            ("email", "a@city.example, b@city.example", "Enter an email address like"),
            ("email", "a" * 250 + "@city.example", "at most 254 characters"),
            ("organization_name", " ", "Enter the name of your organization."),
            ("organization_name", "x" * 201, "at most 200 characters"),
            ("sector", "king", "Select a valid choice"),
            ("country", "", "Choose your country."),
            ("country", "XX", "Select a valid choice"),
            ("language", "tlh", "Select a valid choice"),
            ("privacy", "", "Please agree so that we can register you."),
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
        content = markup(response)
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
        assert "<script>alert" not in markup(page)

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
