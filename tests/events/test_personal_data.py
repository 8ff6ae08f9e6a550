"""What a person may ask for by the personal link, and another link where it was lost."""

import datetime
import json
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.domain.contact import stop_invitations
from events.models import Answer, Contact, Invitation, Question, Registration
from organizations.models import Inquiry
from tests.factories.events import EventFactory, PartFactory
from tests.factories.registrations import registered
from tests.moments import DAY, NOW
from wego_portal.foundation.models import OutboxMail
from wego_portal.foundation.outbox import send_due

from .form_filling import fetched, text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LOST = "/registrations/lost-link/"


@pytest.fixture
def ada():
    """Somebody of whom everything is kept that can be."""
    part = PartFactory(event=EventFactory(title_en="Cities together"))
    given = {"name": "Ada Lovelace", "email": "ada@city.example", "invite_text": "Invite me to later events"}
    registration = registered(part, now=NOW, verified=True, **given)
    question = Question.objects.create(event=part.event, label_en="Diet")
    Answer.objects.create(registration=registration, question=question, text="None")
    registered(PartFactory(event=EventFactory(title_en="Another")), now=NOW, email="ada@city.example", name="Ada L.")
    Invitation.objects.create(
        event=EventFactory(title_en="Third"), contact=registration.contact, number=1, created_at=NOW,
        expires_at=NOW + DAY,
    )  # fmt: skip
    Inquiry.objects.create(
        kind="other", name="Ada", email="ada@city.example", organization_name="x", sector="municipal", country="JP",
        message="Hello", language="en", consent_text="I agree", sent_at=NOW,
    )  # fmt: skip
    registered(part, now=NOW, number=2)
    return registration


def page_of(registration, name=""):
    return f"/registrations/{registration.token}/{name}"


def fresh_link(client, registration, mailoutbox, now=NOW):
    """The page behind the fresh link that is mailed to who asks on the page of the registration."""
    mailoutbox.clear()
    OutboxMail.objects.all().delete()
    client.post(page_of(registration, "data/"))
    send_due(now=now)
    (mail,) = mailoutbox
    assert mail.to == [registration.contact.email]
    return re.search(r"http://[^/]+(/personal-data/\S+/)", mail.body)[1]


@pytest.fixture
def link_of(client, mailoutbox):
    return lambda registration: fresh_link(client, registration, mailoutbox)


class TestFreshLink:
    def test_the_personal_page_asks_for_a_mail_and_shows_nothing_of_other_events(self, client, ada, mailoutbox):
        assert page_of(ada, "data/") in client.get(page_of(ada)).content.decode()
        mails = OutboxMail.objects.count()
        page = client.get(page_of(ada, "data/"))
        assert "no-store" in page["Cache-Control"]
        assert "noindex" in page["X-Robots-Tag"]
        assert "Another" not in text(page)
        assert OutboxMail.objects.count() == mails
        asked = client.post(page_of(ada, "data/"), follow=True)
        assert "We are emailing a link to the address of this registration." in text(asked)
        assert Registration.objects.filter(erased_at__isnull=True).count() == 3
        send_due(now=NOW)
        mail = mailoutbox[-1]
        assert (mail.to, mail.subject) == (["ada@city.example"], "Export or delete all your data")
        assert "Ada" not in mail.message().as_string().replace("ada@city.example", "")

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_where_links_of_earlier_times_led_nothing_is_erased_any_more(self, client, ada, method):
        response = getattr(client, method)(page_of(ada, "erase/"))
        assert (response.status_code, response["Location"]) == (302, page_of(ada, "data/"))
        assert not Registration.objects.filter(erased_at__isnull=False).exists()

    def test_it_is_mailed_once_in_ten_minutes(self, client, clock, ada):
        for minutes in (0, 3, 9, 10):
            clock.move_to(NOW + datetime.timedelta(minutes=minutes))
            client.post(page_of(ada, "data/"))
        assert OutboxMail.objects.filter(kind="personal_data_link").count() == 2

    def test_it_ends_after_an_hour(self, client, clock, ada, link_of):
        link = link_of(ada)
        clock.move_to(NOW + datetime.timedelta(minutes=59))
        assert client.get(link).status_code == client.get(f"{link}file/").status_code == 200
        clock.move_to(NOW + datetime.timedelta(minutes=61))
        for response in (client.get(link), client.get(f"{link}file/"), client.post(link)):
            assert response.status_code == 404
            assert "This link has ended" in text(response)
        assert not Registration.objects.filter(erased_at__isnull=False).exists()

    def test_no_other_link_opens_it(self, client, ada, link_of):
        link = link_of(ada)
        tokens = [ada.token, ada.contact.unsubscribe_token, link.split("/")[-2][:-1], "1"]
        for token in tokens:
            for name in ("", "file/"):
                assert client.get(f"/personal-data/{token}/{name}").status_code == 404
        fresh = link.split("/")[-2]
        for address in (f"/registrations/{fresh}/", f"/registrations/{fresh}/data/", f"/unsubscribe/{fresh}/"):
            assert client.get(address).status_code == 404
        for name in ("data/", "erase/"):
            answer = client.get(f"/registrations/{ada.token[:-1]}/{name}")
            assert answer.status_code == 404
            assert "This link no longer works" in text(answer)

    def test_its_mail_is_in_the_language_of_the_contact(self, client, ada, mailoutbox):
        Contact.objects.filter(pk=ada.contact_id).update(language="ko")
        client.post(page_of(ada, "data/"))
        send_due(now=NOW)
        assert "/ko/personal-data/" in mailoutbox[-1].body


class TestDownload:
    def test_it_has_everything_about_this_person_alone(self, client, ada, link_of):
        link = link_of(ada)
        assert f"{link}file/" in client.get(link).content.decode()
        response = client.get(f"{link}file/")
        assert response["Content-Type"] == "application/json"
        assert "attachment" in response["Content-Disposition"]
        assert "no-store" in response["Cache-Control"]
        assert "noindex" in response["X-Robots-Tag"]
        kept = json.loads(response.content)
        assert kept["email"] == "ada@city.example"
        assert kept["consent_to_invitations"] == {
            "given_at": "2026-11-23T09:00:00Z",
            "text": "Invite me to later events",
        }
        assert [row["event"] for row in kept["registrations"]] == ["Cities together", "Another"]
        first = kept["registrations"][0]
        assert (first["name"], first["country"], first["seats"][0]["state"]) == ("Ada Lovelace", "JP", "confirmed")
        assert first["answers"] == [{"question": "Diet", "answer": ["None"]}]
        assert first["consent_to_privacy"]["text"] == "I agree."
        assert [row["event"] for row in kept["invitations"]] == ["Third"]
        assert [row["message"] for row in kept["inquiries"]] == ["Hello"]
        assert "observer2" not in response.content.decode()
        assert ada.token not in response.content.decode()
        assert ada.reference not in response.content.decode()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries(self, client, link_of, rows):
        for _ in range(rows):
            registration = registered(PartFactory(), now=NOW)
        link = link_of(registration)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{link}file/").status_code == 200
        # Contact; whether stopped; registrations, seats with parts, answers; invitations, inquiries.
        assert len(queries) == 7

    def test_it_says_that_invitations_were_stopped(self, client, ada, link_of):
        link = link_of(ada)
        assert client.get(f"{link}file/").json()["invitations_stopped_at"] is None
        stop_invitations(contact=ada.contact, now=NOW)
        assert client.get(f"{link}file/").json()["invitations_stopped_at"] == "2026-11-23T09:00:00Z"

    def test_it_is_only_read(self, client, ada, link_of):
        assert client.post(f"{link_of(ada)}file/").status_code == 405


class TestErase:
    def test_looking_changes_nothing_and_pressing_erases_everything(self, client, ada, link_of):
        link = link_of(ada)
        page = client.get(link)
        assert "ada@city.example" in text(page)
        assert text(page).index("Cities together") < text(page).index("Another")
        assert "no-store" in page["Cache-Control"]
        assert Registration.objects.filter(erased_at__isnull=True).count() == 3
        response = client.post(link)
        assert "All your data is deleted" in text(response)
        assert [row.name for row in Registration.objects.filter(erased_at__isnull=True)] == ["Observer 2"]
        assert not Contact.objects.filter(email="ada@city.example").exists()
        assert not Inquiry.objects.exists()
        assert client.get(page_of(ada)).status_code == 404

    def test_it_ends_with_the_erasure_also_for_who_registers_again(self, client, ada, link_of):
        link = link_of(ada)
        client.post(link)
        registered(PartFactory(), now=NOW, email="ada@city.example")
        for response in (client.get(link), client.post(link), client.get(f"{link}file/")):
            assert response.status_code == 404
        assert Contact.objects.filter(email="ada@city.example").exists()

    def test_seats_go_to_the_next_on_the_waitlist(self, client, link_of):
        part = PartFactory(capacity=1)
        first, second = registered(part, now=NOW), registered(part, now=NOW, number=2)
        client.post(link_of(first))
        assert second.seats.get().state == "confirmed"

    def test_it_needs_its_token(self, ada, link_of):
        assert Client(enforce_csrf_checks=True).post(link_of(ada)).status_code == 403
        assert not Registration.objects.filter(erased_at__isnull=False).exists()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries(self, client, link_of, rows):
        for _ in range(rows):
            registration = registered(PartFactory(), now=NOW)
        link = link_of(registration)
        with CaptureQueriesContext(connection) as queries:
            client.get(link)
        assert len(queries) == 2  # contact; registrations with their events


class TestLostLink:
    def links_to(self, address):
        registrations = Registration.objects.filter(contact__email=address).values_list("pk", flat=True)
        mails = OutboxMail.objects.filter(kind="registration_link").order_by("pk")
        return [mail.parameters["registration"] for mail in mails if mail.parameters["registration"] in registrations]

    def test_it_mails_the_links_of_what_lies_ahead(self, client, ada, mailoutbox):
        OutboxMail.objects.all().delete()
        response = client.post(LOST, {**fetched(), "email": " Ada@CITY.example "}, follow=True)
        assert response.redirect_chain == [(f"{LOST}sent/", 302)]
        send_due(now=NOW)
        assert [mail.to for mail in mailoutbox] == [["ada@city.example"]] * 2
        bodies = "".join(mail.body for mail in mailoutbox)
        for registration in ada.contact.registrations.all():
            assert registration.token in bodies

    def test_it_says_the_same_for_any_address(self, client, ada):
        answers = [
            client.post(LOST, {**fetched(), "email": address})
            for address in ("ada@city.example", "nobody@city.example")
        ]
        assert {(answer.status_code, answer["Location"], answer.content) for answer in answers} == {
            (302, f"{LOST}sent/", b"")
        }

    def test_each_link_goes_once_in_ten_minutes(self, client, clock):
        registered(PartFactory(), now=NOW)
        for minutes in (0, 3, 9, 10):
            clock.move_to(NOW + datetime.timedelta(minutes=minutes))
            client.post(LOST, {**fetched(), "email": "observer1@city.example"})
        assert len(self.links_to("observer1@city.example")) == 2

    def test_who_has_nothing_ahead_gets_the_latest(self, client, clock):
        registered(PartFactory(date=datetime.date(2026, 12, 1)), now=NOW)
        latest = registered(PartFactory(date=datetime.date(2026, 12, 2)), now=NOW)
        clock.move_to(NOW + 60 * DAY)
        client.post(LOST, {**fetched(), "email": "observer1@city.example"})
        assert self.links_to("observer1@city.example") == [latest.pk]

    @pytest.mark.parametrize(
        ("typed", "words"),
        [
            ("", "Enter your email address."),
            ("ada", "Enter an email address like"),
            ("a@city.example\r\nBcc: b@city.example", "Enter an email address like"),
        ],
    )
    def test_wrong_input_is_said(self, client, typed, words):
        response = client.post(LOST, {**fetched(), "email": typed})
        assert response.status_code == 422
        assert text(response).count(words) == 2

    def test_it_is_found(self, client):
        part = PartFactory()
        for address in (f"/events/{part.event.slug}/register/", "/registrations/x/", "/privacy/"):
            assert f'href="{LOST}"' in client.get(address).content.decode()
        assert client.get("/ja/registrations/lost-link/").status_code == 200


class TestStaff:
    def test_a_person_is_exported_in_one_place_by_the_registrar_alone(self, staff_with, ada):
        address = reverse("admin:events_contact_export", args=[ada.contact_id])
        for role, status in (("Editor", 403), ("Registrar", 200)):
            client = staff_with(role)
            assert client.get(address).status_code == status
        assert json.loads(client.get(address).content)["email"] == "ada@city.example"
        change = reverse("admin:events_contact_change", args=[ada.contact_id])
        assert address in client.get(change).content.decode()
        assert "@" not in LogEntry.objects.first().object_repr + LogEntry.objects.first().change_message
