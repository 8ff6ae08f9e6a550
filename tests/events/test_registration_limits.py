"""What programs meet that fill in the form, and what people notice of it: next to nothing."""

import datetime
import email.policy
import re

import pytest

from events.forms import LostLinkForm, RegistrationForm
from events.models import Event, Registration
from organizations.forms import InquiryForm
from tests.factories.events import EventFactory
from tests.factories.registrations import registered
from tests.markup import markup
from tests.moments import NOW, SECOND
from wego_portal.foundation.abuse_guard import Limits, stamp
from wego_portal.foundation.models import OutboxMail
from wego_portal.foundation.outbox import send_due
from wego_portal.foundation.rate_limit import Attempt

from .form_filling import TYPED, fetched, form_of, send, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

MINISTRY = {"REMOTE_ADDR": "203.0.113.5"}
INQUIRY = {
    "kind": "membership", "name": "Kim", "email": "kim@city.example", "organization_name": "City",
    "sector": "municipal", "country": "KR", "message": "Hello", "consent": "on",
}  # fmt: skip
OPEN_FORMS = {
    "/membership/": (InquiryForm, INQUIRY),
    "/registrations/lost-link/": (LostLinkForm, {"email": "kim@city.example"}),
}


@pytest.fixture
def event():
    return EventFactory(with_part=True)


def hidden(response):
    """The stamp of the form on a page, as the browser sends it."""
    return re.search(r'name="stamp" value="([^"]+)"', markup(response))[1]


def answer_of(response):
    """The answer to the question on a page."""
    one, two = re.search(r"How much is (\d) plus (\d)\?", text(response)).groups()
    return str(int(one) + int(two))


def limit(monkeypatch, form, **changes):
    kept = {"scope": "test", "by_address": 10, "by_network": 150} | changes
    monkeypatch.setattr(form, "limits", Limits(**kept))


class TestTime:
    def test_a_form_fetched_and_sent_by_a_person_passes(self, client, event, clock):
        given = hidden(client.get(form_of(event)))
        clock.shift(2 * SECOND)
        assert send(client, event, stamp=given).status_code == 302

    def test_too_fast_is_asked_to_send_it_again_and_keeps_what_was_typed(self, client, event, clock):
        given = hidden(client.get(form_of(event)))
        clock.shift(SECOND)
        response = send(client, event, stamp=given, name="Ada Lovelace", privacy="on")
        assert response.status_code == 422
        assert "Please check your answers and press the button once more." in text(response)
        assert 'value="Ada Lovelace"' in markup(response)
        assert not Registration.objects.exists()
        assert not Attempt.objects.exists()
        clock.shift(SECOND)
        assert send(client, event, stamp=hidden(response)).status_code == 302

    def test_a_page_open_since_yesterday_asks_once_more_and_keeps_what_was_typed(self, client, event, clock):
        given = hidden(client.get(form_of(event)))
        clock.shift(datetime.timedelta(hours=24, seconds=1))
        response = send(client, event, stamp=given, name="Ada Lovelace")
        assert response.status_code == 422
        assert "has been open for more than a day" in text(response)
        assert 'value="Ada Lovelace"' in markup(response)
        clock.shift(3 * SECOND)
        assert send(client, event, stamp=hidden(response)).status_code == 302

    def test_a_page_open_for_most_of_a_day_passes(self, client, event, clock):
        given = hidden(client.get(form_of(event)))
        clock.shift(datetime.timedelta(hours=23))
        assert send(client, event, stamp=given).status_code == 302

    def test_the_time_goes_on_over_a_mistake(self, client, event, clock):
        given = hidden(client.get(form_of(event)))
        clock.shift(60 * SECOND)
        response = send(client, event, stamp=given, name="")
        assert hidden(response) == given

    @pytest.mark.parametrize("given", ["", "1", "x" * 4000, "1:x", stamp(NOW) + "x", "é"])
    def test_a_time_that_is_not_ours_does_not_count(self, client, event, given):
        assert send(client, event, stamp=given).status_code == 422
        assert not Registration.objects.exists()


class TestField:
    def test_people_do_not_meet_the_field_that_programs_fill_in(self, client, event):
        page = markup(client.get(form_of(event)))
        box = re.search(r'<div class="visually-hidden" aria-hidden="true">.*?</div>', page, re.DOTALL)[0]
        assert 'name="comment"' in box
        assert 'tabindex="-1" autocomplete="off"' in box

    def test_who_fills_it_in_is_asked_and_no_more(self, client, event):
        response = send(client, event, comment="Buy now", name="Ada Lovelace")
        assert response.status_code == 422
        assert 'value="Ada Lovelace"' in markup(response)
        assert "Buy now" not in markup(response)
        assert send(client, event, person=answer_of(response)).status_code == 302


class TestLimits:
    def test_a_hundred_people_of_one_ministry_register_unhindered(self, client, event):
        answers = {
            send(client, event, email=f"observer{number}@city.example", extra=MINISTRY).status_code
            for number in range(100)
        }
        assert answers == {302}
        assert Registration.objects.count() == 100

    def test_beyond_the_limit_of_the_network_a_question_is_asked_and_nothing_is_lost(self, client, event, monkeypatch):
        limit(monkeypatch, RegistrationForm, by_network=2)
        for number in (1, 2):
            assert send(client, event, email=f"{number}@city.example", extra=MINISTRY).status_code == 302
        neighbour = {"REMOTE_ADDR": "203.0.113.250"}
        response = send(client, event, email="3@city.example", name="Ada Lovelace", extra=neighbour)
        content = markup(response)
        assert response.status_code == 422
        assert 'value="Ada Lovelace"' in content
        assert '<a href="#id_person">' in content
        assert re.search(r'<label for="id_person">How much is \d plus \d\?</label>', content)
        assert 'aria-describedby="id_person_helptext id_person_error"' in content
        assert send(client, event, email="3@city.example", person="1", extra=neighbour).status_code == 422
        right = answer_of(response)
        # A mistake elsewhere loses neither the question nor its answer.
        again = send(client, event, email="3@city.example", person=right, name="", extra=neighbour)
        assert f'value="{right}"' in markup(again)
        assert answer_of(again) == right
        assert send(client, event, email="3@city.example", person=right, extra=neighbour).status_code == 302
        elsewhere = {"REMOTE_ADDR": "198.51.100.1"}
        assert send(client, event, email="4@city.example", extra=elsewhere).status_code == 302

    def test_it_is_over_after_ten_minutes(self, client, event, monkeypatch, clock):
        limit(monkeypatch, RegistrationForm, by_address=1)
        assert [send(client, event).status_code for _ in range(2)] == [302, 422]
        clock.shift(600 * SECOND)
        assert send(client, event).status_code == 302

    @pytest.mark.parametrize("person", ["", "x", "9" * 5000, "１２３", "-1", "مرحبا"])
    def test_any_answer_but_the_right_one_asks_again(self, client, event, monkeypatch, person):
        limit(monkeypatch, RegistrationForm, by_address=0)
        assert send(client, event, person=person).status_code == 422
        assert not Registration.objects.exists()

    def test_the_right_one_may_be_typed_in_full_width(self, client, event, monkeypatch):
        limit(monkeypatch, RegistrationForm, by_address=0)
        wide = answer_of(send(client, event)).translate({ord("0") + n: ord("０") + n for n in range(10)})
        assert send(client, event, person=wide).status_code == 302

    def test_an_address_in_another_spelling_has_the_same_question(self, client, event, monkeypatch):
        limit(monkeypatch, RegistrationForm, by_address=0)
        answer = answer_of(send(client, event, email="kim@bücher.example"))
        assert answer_of(send(client, event, email="ＫＩＭ@BÜCHER.example")) == answer
        assert send(client, event, email="kim@xn--bcher-kva.example", person=answer).status_code == 302

    def test_mistakes_are_not_counted(self, client, event, monkeypatch):
        limit(monkeypatch, RegistrationForm, by_address=1)
        for _ in range(3):
            assert send(client, event, name="").status_code == 422
        assert send(client, event).status_code == 302

    def test_the_question_reveals_to_nobody_who_is_registered(self, client, event, monkeypatch):
        registered(event.parts.get(), now=NOW)
        limit(monkeypatch, RegistrationForm, by_address=0)
        pages = []
        for address in ("observer1@city.example", "observer2@city.example"):
            page = text(send(client, event, email=address))
            pages.append(re.sub(r"\d plus \d", "", page))
        assert pages[0] == pages[1]

    @pytest.mark.parametrize("address", OPEN_FORMS)
    def test_the_other_open_forms_are_guarded_too(self, client, address, monkeypatch):
        form, typed = OPEN_FORMS[address]
        limit(monkeypatch, form, by_address=1)
        assert client.post(address, typed).status_code == 422
        assert client.post(address, typed | fetched()).status_code == 302
        response = client.post(address, typed | fetched())
        assert response.status_code == 422
        assert f'value="{typed["email"]}"' in markup(response)
        assert client.post(address, typed | fetched() | {"person": answer_of(response)}).status_code == 302

    def test_without_a_script_and_in_japanese(self, client, event, monkeypatch):
        limit(monkeypatch, RegistrationForm, by_address=0)
        response = client.post(f"/ja{form_of(event)}", {**TYPED, **fetched()})
        assert response.status_code == 422
        assert b'id="id_person"' in response.content


def test_nothing_that_is_typed_becomes_a_header(mailoutbox):
    """Not even what no form lets through."""
    event = EventFactory(with_part=True)
    evil = "x\r\nBcc: all@city.example\r\n\r\nbody"
    registered(event.parts.get(), now=NOW, name=evil, organization_name=evil, position=evil)
    Event.objects.update(title_en=evil)
    assert send_due(now=NOW) == 1
    assert OutboxMail.objects.get().state == "sent"
    sent = email.message_from_bytes(mailoutbox[0].message().as_bytes(), policy=email.policy.default)
    assert sent["Bcc"] is None
    assert sent["To"] == "observer1@city.example"
    for part in sent.walk():
        assert "bcc" not in [name.lower() for name in part]
        if part.get_content_type() == "text/calendar":
            assert not re.search(r"(?im)^bcc:", part.get_content())
