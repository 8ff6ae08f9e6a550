import dataclasses
import datetime
import email
import email.policy
import re

import pytest
from django.test import Client
from django.utils import timezone

from events.domain.contact import stop_invitations
from events.domain.invitation import Addressee, SkipReason, invite, withdraw_invitation
from events.domain.registration import cancel, register
from events.domain.reschedule import PartSchedule, cancel_event, reschedule
from events.models import Contact, Event, Invitation, Registration, ScheduleChange, Suppression
from tests.factories.events import EventFactory, PartFactory
from tests.factories.registrations import details, registered
from tests.moments import DAY, HOUR, NOW
from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

from .form_filling import TYPED, fetched, form_of, text
from .mail_reading import body
from .reschedule_forms import preview_and_confirm

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

ADDRESS = "guest@city.example"


@pytest.fixture
def event():
    return EventFactory(
        title_en="Round table", access=Event.Access.INVITATION, takes_registrations=False, with_part=True
    )


def asked(event, *addresses, language="en", now=NOW):
    addressees = [Addressee(address, language) for address in addresses or (ADDRESS,)]
    return invite(event=event, addressees=addressees, expires_at=now + 7 * DAY, now=now)


def page_of(event, address=ADDRESS):
    return f"/invitations/{event.invitations.get(contact__email=address).token}/"


def sent(mailoutbox):
    mailoutbox.clear()
    outbox.send_due(now=timezone.now())
    assert not OutboxMail.objects.exclude(error="").exists()
    return [email.message_from_bytes(each.message().as_bytes(), policy=email.policy.default) for each in mailoutbox]


def binding_in(response):
    return re.search(r'name="invitation" value="([^"]+)"', response.content.decode())[1]


def bound_form(client, event, address=ADDRESS):
    response = client.post(page_of(event, address), {"email": address, **fetched()})
    typed = {name: value for name, value in TYPED.items() if name != "email"}
    return response, {**typed, **fetched(), "invitation": binding_in(response)}


class TestInvite:
    def test_each_address_once_numbered_and_mailed(self, event, mailoutbox):
        selection = asked(event, "One@City.example", "two@city.example", " one@city.example")
        assert [each.email for each in selection.addressees] == ["one@city.example", "two@city.example"]
        assert selection.skipped[SkipReason.DUPLICATE] == 1
        assert list(event.invitations.values_list("number", "contact__email")) == [
            (1, "one@city.example"),
            (2, "two@city.example"),
        ]
        assert [mail["To"] for mail in sent(mailoutbox)] == ["one@city.example", "two@city.example"]

    def test_who_is_registered_invited_or_wants_none_is_left_out_and_counted(self, mailoutbox):
        event = EventFactory(with_part=True)
        registered(event.parts.get(), now=NOW, number=1)
        asked(event, "invited@city.example")
        Suppression.objects.create(address_hash=Suppression.hash_of("stopped@city.example"), since=NOW)
        OutboxMail.objects.all().delete()
        selection = asked(event, "observer1@city.example", "invited@city.example", "Stopped@city.example")
        assert selection.addressees == []
        left_out = {reason: count for reason, count in selection.skipped.items() if count}
        assert left_out == {SkipReason.REGISTERED: 1, SkipReason.INVITED: 1, SkipReason.STOPPED: 1}
        assert sent(mailoutbox) == []

    def test_an_invitation_that_ended_is_renewed_with_another_link(self, event, client):
        asked(event, now=NOW - 10 * DAY)
        old = page_of(event)
        assert client.get(old).status_code == 410
        asked(event)
        assert event.invitations.get().number == 2
        assert client.get(page_of(event)).status_code == 200
        assert client.get(old).status_code == 404

    def test_its_cost_does_not_grow_by_asking_for_each(self, event, django_assert_max_num_queries):
        asked(event, "one@city.example")
        with django_assert_max_num_queries(12 + 2 * 40):  # a row and a mail each
            asked(event, *(f"guest{number}@city.example" for number in range(40)))


class TestMail:
    def test_it_says_what_when_and_until_when_in_the_contacts_language_and_stops_by_one_press(self, event, mailoutbox):
        asked(event, language="ja")
        (mail,) = sent(mailoutbox)
        assert mail["Content-Language"] == "ja"
        assert "Round table" in mail["Subject"]
        stop = mail["List-Unsubscribe"].strip(" <>")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        for kind in ("plain", "html"):
            body = mail.get_body((kind,)).get_content()
            assert f"http://127.0.0.1:8000/ja{page_of(event)}" in body
            assert stop in body
            assert "2026" in body
            assert "/registrations/" not in body
        assert stop.startswith("http://127.0.0.1:8000/ja/unsubscribe/")

    @pytest.mark.parametrize("what", ["withdrawn", "expired", "stopped", "draft"])
    def test_it_is_dropped_where_it_is_not_due_any_more(self, event, mailoutbox, what, clock):
        asked(event)
        invitation = event.invitations.get()
        if what == "withdrawn":
            assert withdraw_invitation(invitation=invitation, now=NOW)
        elif what == "expired":
            clock.move_to(NOW + 8 * DAY)
        elif what == "stopped":
            stop_invitations(contact=invitation.contact, now=NOW)
        else:
            Event.objects.update(publication="draft")
        assert sent(mailoutbox) == []
        assert OutboxMail.objects.get().state == "dropped"


class TestPage:
    def test_a_forwarded_link_gives_away_nothing(self, event, client):
        asked(event)
        response = client.get(page_of(event))
        assert "Round table" in text(response)
        assert ADDRESS not in response.content.decode()
        wrong = client.post(page_of(event), {"email": "friend@city.example", **fetched()})
        assert wrong.status_code == 422
        assert "This invitation is to another address." in text(wrong)
        assert 'value="friend@city.example"' in wrong.content.decode()
        assert ADDRESS not in wrong.content.decode()
        assert event.invitations.get().opened_at is None
        assert response["X-Robots-Tag"].startswith("noindex")
        assert "no-store" in response["Cache-Control"]

    def test_it_is_opened_by_the_right_address_and_not_by_looking(self, event, client):
        asked(event)
        client.get(page_of(event))
        client.head(page_of(event))
        assert event.invitations.get().opened_at is None
        assert client.post(page_of(event), {"email": " Guest@City.example ", **fetched()}).status_code == 200
        assert event.invitations.get().opened_at == NOW

    def test_the_form_is_bound_to_the_address(self, event, client):
        asked(event)
        response, typed = bound_form(client, event)
        assert 'name="email"' not in response.content.decode()
        assert ADDRESS in response.content.decode()
        answer = client.post(form_of(event), {**typed, "email": "friend@city.example"})
        assert answer.status_code == 302
        registration = Registration.objects.get()
        assert registration.contact.email == ADDRESS
        assert registration.seats.get().state == "confirmed"
        assert event.invitations.get().registration == registration
        assert client.cookies.get("sessionid") is None

    def test_what_is_wrong_keeps_the_binding_and_what_was_typed(self, event, client):
        asked(event)
        _response, typed = bound_form(client, event)
        response = client.post(form_of(event), {**typed, "name": "", "position": "Mayor"})
        assert response.status_code == 422
        assert 'value="Mayor"' in response.content.decode()
        again = {**typed, "invitation": binding_in(response)}
        assert client.post(form_of(event), again).status_code == 302

    @pytest.mark.parametrize("binding", ["", "forged", "aW52:1abc:xyz"])
    def test_by_invitation_means_only_that_way(self, event, client, binding):
        response = client.post(form_of(event), {**TYPED, **fetched(), "invitation": binding})
        assert response.status_code == 403
        assert not Registration.objects.exists()

    def test_a_binding_lasts_four_hours_and_ends_with_its_invitation(self, event, client, clock):
        asked(event)
        _response, typed = bound_form(client, event)
        clock.move_to(NOW + datetime.timedelta(hours=4, seconds=1))
        assert client.post(form_of(event), typed).status_code == 403
        _response, typed = bound_form(client, event)
        withdraw_invitation(invitation=event.invitations.get(), now=NOW)
        assert client.post(form_of(event), typed).status_code == 403
        assert not Registration.objects.exists()

    def test_a_binding_is_good_for_its_event_alone(self, event, client):
        asked(event)
        _response, typed = bound_form(client, event)
        other = EventFactory(access=Event.Access.INVITATION, with_part=True)
        assert client.post(form_of(other), typed).status_code == 403

    def test_one_that_ended_says_so(self, event, client, clock):
        asked(event, ADDRESS, "other@city.example")
        withdraw_invitation(invitation=event.invitations.get(number=2), now=NOW)
        gone = client.get(page_of(event, "other@city.example"))
        assert (gone.status_code, "This invitation was withdrawn" in text(gone)) == (410, True)
        _response, typed = bound_form(client, event)
        client.post(form_of(event), typed)
        assert client.get(page_of(event)).status_code == 200  # that it was used is for the invited only
        used = client.post(page_of(event), {"email": ADDRESS, **fetched()})
        assert (used.status_code, "This invitation has been used" in text(used)) == (410, True)
        clock.move_to(NOW + 8 * DAY)
        late = client.get(page_of(event))
        assert (late.status_code, "This invitation has expired" in text(late)) == (410, True)

    def test_who_cancelled_may_come_back_by_it(self, event, client):
        asked(event)
        _response, typed = bound_form(client, event)
        client.post(form_of(event), typed)
        cancel(registration=Registration.objects.get(), now=NOW)
        _response, typed = bound_form(client, event)
        assert client.post(form_of(event), typed).status_code == 302
        assert Registration.objects.get().seats.get().state == "confirmed"

    def test_the_personal_page_lets_the_invited_take_another_part(self, event, client):
        PartFactory(event=event)
        asked(event)
        _response, typed = bound_form(client, event)
        client.post(form_of(event), typed)
        registration = Registration.objects.get()
        changed = {**TYPED, "parts": ["1", "2"], "do": "change"}
        assert client.post(f"/registrations/{registration.token}/", changed).status_code == 302
        assert registration.seats.confirmed().count() == 2

    @pytest.mark.parametrize("how", ["withdrawn", "expired"])
    def test_one_that_ended_unused_gives_nothing_to_who_registers_by_the_form(self, client, how):
        event = EventFactory(access=Event.Access.AUDIENCE, audience_countries=["KR"], with_part=True)
        later = PartFactory(event=event)
        asked(event, now=NOW - 8 * DAY if how == "expired" else NOW)
        if how == "withdrawn":
            withdraw_invitation(invitation=event.invitations.get(), now=NOW)
        registration = registered(event.parts.first(), now=NOW, email=ADDRESS, country="JP", request="Please")
        client.post(f"/registrations/{registration.token}/", {**TYPED, "parts": ["1", "2"], "do": "change"})
        assert registration.seats.get(part=later).state == "requested"
        assert event.invitations.with_state(NOW).get().state == how

    def test_who_guesses_addresses_is_asked_a_question(self, event, client):
        asked(event)
        office = {"REMOTE_ADDR": "203.0.113.5"}
        for number in range(30):
            client.post(page_of(event), {"email": f"guess{number}@city.example", **fetched()}, **office)
        response = client.post(page_of(event), {"email": ADDRESS, **fetched()}, **office)
        assert (response.status_code, "How much is" in text(response)) == (422, True)
        assert event.invitations.get().opened_at is None

    @pytest.mark.parametrize("token", ["x", "abc.1.def", "%F0%9F%8E%88"])
    def test_a_forged_link_leads_nowhere(self, client, token):
        assert client.get(f"/invitations/{token}/").status_code == 404
        assert client.post(f"/invitations/{token}/", {"email": ADDRESS, **fetched()}).status_code == 404

    @pytest.mark.parametrize("address", ["", "nobody", "a@b", "\u202e@city.example", "x" * 300 + "@city.example"])
    def test_no_input_breaks_it(self, event, client, address):
        asked(event)
        assert client.post(page_of(event), {"email": address, **fetched()}).status_code == 422

    def test_an_event_that_is_not_public_shows_nothing(self, event, client):
        asked(event)
        Event.objects.update(publication="draft")
        assert client.get(page_of(event)).status_code == 404

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries(self, event, client, rows, django_assert_num_queries):
        for _ in range(rows - 1):
            PartFactory(event=event)
        asked(event)
        address = page_of(event)
        with django_assert_num_queries(3):  # invitation and contact, event, parts
            client.get(address)


class TestStop:
    def stop_of(self, contact):
        return f"/unsubscribe/{contact.unsubscribe_token}/"

    def test_looking_changes_nothing_and_a_bare_post_stops(self, event):
        contact = Contact.objects.create(
            email=ADDRESS, created_at=NOW, invite_consent_at=NOW, invite_consent_text="Invite me"
        )
        client = Client(enforce_csrf_checks=True)
        page = client.get(self.stop_of(contact))
        assert (page.status_code, b'<form method="post"' in page.content) == (200, True)
        assert not Suppression.objects.exists()
        done = client.post(self.stop_of(contact), {"List-Unsubscribe": "One-Click"})
        assert (done.status_code, "Invitations are stopped" in text(done)) == (200, True)
        assert not Contact.objects.exists()
        assert asked(event).skipped[SkipReason.STOPPED] == 1
        assert client.post(self.stop_of(contact)).status_code == 200  # pressed twice
        assert Suppression.objects.count() == 1

    def test_a_contact_with_a_registration_or_an_invitation_stays_without_consent(self, event):
        registration = registered(PartFactory(), now=NOW, email=ADDRESS, invite_text="Invite me", verified=True)
        Client().post(self.stop_of(registration.contact))
        contact = Contact.objects.get()
        assert (contact.invite_consent_at, contact.invite_consent_text) == (None, "")
        assert registration.seats.get().state == "confirmed"

    def test_only_the_personal_page_takes_invitations_again(self, client):
        Suppression.objects.create(address_hash=Suppression.hash_of("observer1@city.example"), since=NOW)
        event = EventFactory(with_part=True)
        client.post(form_of(event), {**TYPED, **fetched(), "invite": "on"})
        assert Contact.objects.get().invite_consent_at is None
        assert Suppression.objects.exists()
        registration = Registration.objects.get()
        client.post(f"/registrations/{registration.token}/", {**TYPED, "invite": "on", "do": "change"})
        assert Contact.objects.get().invite_consent_at == NOW
        assert not Suppression.objects.exists()

    def test_a_forged_link_leads_nowhere(self, client):
        assert client.get("/unsubscribe/1.forged/").status_code == 404
        assert client.post("/unsubscribe/1.forged/").status_code == 404

    def test_number_of_queries(self, event, client, django_assert_num_queries):
        asked(event)
        address = self.stop_of(Invitation.objects.get().contact)
        with django_assert_num_queries(0):
            client.get(address)


class TestEnd:
    def test_it_ends_when_the_last_part_starts_however_long_staff_wanted(self, event, client, clock, mailoutbox):
        part = event.parts.get()
        invite(event=event, addressees=[Addressee(ADDRESS)], expires_at=part.starts_at + 9 * HOUR, now=NOW)
        assert Invitation.objects.get().expires_at == part.starts_at
        (mail,) = sent(mailoutbox)
        assert "It is valid until 10 December 2026, 15:00, Seoul time." in body(mail)
        clock.move_to(part.starts_at)
        assert client.get(page_of(event)).status_code == 410

    def test_it_moves_with_the_start(self, event):
        part = event.parts.get()
        invite(event=event, addressees=[Addressee(ADDRESS)], expires_at=part.starts_at + 9 * HOUR, now=NOW)
        invite(event=event, addressees=[Addressee("early@city.example")], expires_at=NOW + DAY, now=NOW)
        for day in (17, 3):
            when = dataclasses.replace(PartSchedule.from_part(event.parts.get()), date=datetime.date(2026, 12, day))
            reschedule(event=event, staff=None, schedules={part.pk: when}, now=NOW)
            start = event.parts.get().starts_at
            assert set(Invitation.objects.values_list("expires_at", flat=True)) == {start, NOW + DAY}


class TestCancelledEvent:
    def test_who_was_invited_and_has_not_registered_is_notified(self, event, admin_client, mailoutbox):
        asked(event, ADDRESS, "used@city.example", "stopped@city.example", language="ja")
        used = event.invitations.get(contact__email="used@city.example")
        given = details(email="used@city.example")
        register(event=event, parts=list(event.parts.all()), details=given, now=NOW, invitation=used)
        sent(mailoutbox)
        stop_invitations(contact=Contact.objects.get(email="stopped@city.example"), now=NOW)
        looked, _done = preview_and_confirm(admin_client, event, kind="cancelled", message="We are sorry.")
        assert "1 person with a seat is notified by email." in text(looked)
        assert "2 people who were invited and have not registered are notified by email." in text(looked)
        assert ScheduleChange.objects.get().notified_count == 3
        mails = {mail["To"]: mail for mail in sent(mailoutbox)}
        assert set(mails) == {ADDRESS, "used@city.example"}
        mail = mails[ADDRESS]
        assert mail["Content-Language"] == "ja"
        assert "中止" in mail["Subject"]
        assert "ご招待していた" in body(mail)
        assert "ご招待していた" in body(mail, "html")
        assert "We are sorry." in body(mail)
        assert "/invitations/" not in body(mail)
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    def test_an_invitation_that_never_left_is_dropped_and_so_is_the_word_of_its_end(self, event, mailoutbox):
        asked(event)
        cancel_event(event=event, staff=None, now=NOW)
        assert sent(mailoutbox) == []
        assert set(OutboxMail.objects.values_list("state", flat=True)) == {"dropped"}

    def test_nobody_invited_is_notified_while_another_part_takes_place(self, event, mailoutbox):
        PartFactory(event=event)
        asked(event)
        sent(mailoutbox)
        cancel_event(event=event, part=event.parts.first(), staff=None, now=NOW)
        assert sent(mailoutbox) == []
