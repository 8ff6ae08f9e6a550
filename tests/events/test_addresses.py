"""One person, however the address is typed: at every door where one is taken, and in what was kept before."""

import importlib

import pytest
from django.apps import apps
from django.urls import reverse

from events.domain.address_list import read_addresses
from events.domain.invitation import Addressee, SkipReason, invite
from events.domain.registration import cancel
from events.models import Answer, Contact, FormerContact, Invitation, Registration, Seat, Suppression
from organizations.models import Inquiry
from tests.factories.events import EventFactory, PartFactory, QuestionFactory
from tests.factories.organizations import InquiryFactory
from tests.factories.registrations import registered
from tests.moments import DAY, NOW
from wego_portal.foundation.models import OutboxMail

from .calendar_reader import read
from .form_filling import fetched, send, text
from .mail_reading import send_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PLAIN, INTERNATIONAL = "user@city.example", "user@xn--bcher-kva.example"
SPELLINGS = [
    ("User@City.example\u202c", PLAIN),
    ("us\u200ber@ci\u00adty.example", PLAIN),
    ("\u3000ｕｓｅｒ＠ｃｉｔｙ．ｅｘａｍｐｌｅ\u3000", PLAIN),
    ("user@Bücher.example", INTERNATIONAL),
]
UNREACHABLE = ["user@localhost", "user@[127.0.0.1]", '"us\x01er"@city.example', "üser@city.example"]
LOST, INQUIRY = "/registrations/lost-link/", "/membership/"
STOPPED = reverse("admin:events_suppression_add"), reverse("admin:events_suppression_changelist")
ASKED = {
    "kind": "membership", "name": "Kim", "organization_name": "City", "sector": "municipal", "country": "KR",
    "message": "We would like to join.", "consent": "on",
}  # fmt: skip


@pytest.fixture
def event():
    return EventFactory(with_part=True)


@pytest.mark.parametrize(("typed", "kept"), SPELLINGS)
class TestDoors:
    def test_registration_and_its_mail(self, client, event, typed, kept, mailoutbox):
        registered(event.parts.get(), now=NOW, email=kept)
        OutboxMail.objects.all().delete()
        assert send(client, event, email=typed).status_code == 302
        assert [contact.email for contact in Contact.objects.all()] == [kept]
        assert Seat.objects.count() == 1
        (mail,) = send_all(mailoutbox, NOW)
        assert mail["To"] == kept

    def test_calendar_entry(self, client, event, typed, kept):
        assert send(client, event, email=typed).status_code == 302
        registration = Registration.objects.get()
        entry = client.get(reverse("events:registration_calendar_by_number", args=[registration.token, 1]))
        ((_parameters, attendee),) = read(entry.content)[1][0]["ATTENDEE"]
        assert attendee == f"mailto:{kept}"

    def test_lost_link(self, client, event, typed, kept):
        registered(event.parts.get(), now=NOW, email=kept)
        OutboxMail.objects.all().delete()
        assert client.post(LOST, {**fetched(), "email": typed}).status_code == 302
        assert OutboxMail.objects.count() == 1

    def test_inquiry_which_goes_with_its_person(self, client, event, typed, kept):
        registration = registered(event.parts.get(), now=NOW, email=kept)
        assert client.post(INQUIRY, {**ASKED, **fetched(), "email": typed}).status_code == 302
        assert Inquiry.objects.get().email == kept
        data = client.get(f"/personal-data/{registration.contact.data_token}/file/").json()
        assert [each["message"] for each in data["inquiries"]] == [ASKED["message"]]
        client.post(f"/personal-data/{registration.contact.data_token}/")
        assert not Inquiry.objects.exists()
        assert not Contact.objects.exists()

    def test_stop_list(self, registrar, event, typed, kept):
        add, found = STOPPED
        registrar.post(add, {"email": typed})
        assert Suppression.is_suppressed(kept)
        assert "stopped already" in text(registrar.post(add, {"email": kept}))
        assert len(registrar.get(found, {"q": typed}).context["cl"].result_list) == 1
        addressees, bad = read_addresses(f"email\n{typed}\n{kept}\n".encode())
        assert ([each.email for each in addressees], bad) == ([kept, kept], [])
        selection = invite(event=event, addressees=addressees, expires_at=NOW + DAY, now=NOW)
        left_out = {reason: count for reason, count in selection.skipped.items() if count}
        assert left_out == {SkipReason.STOPPED: 1, SkipReason.DUPLICATE: 1}

    def test_invitation(self, client, event, typed, kept):
        invite(event=event, addressees=[Addressee(kept)], expires_at=NOW + DAY, now=NOW)
        invitation = Invitation.objects.get()
        page = client.post(f"/invitations/{invitation.token}/", {"email": typed, **fetched()})
        assert 'name="invitation"' in page.content.decode()

    def test_unsubscribing_stops_every_spelling(self, client, event, typed, kept):
        send(client, event, email=typed, invite="on")
        registration = Registration.objects.get()
        client.post(f"/unsubscribe/{registration.contact.unsubscribe_token}/")
        selection = invite(
            event=EventFactory(with_part=True), addressees=[Addressee(kept)], expires_at=NOW + DAY, now=NOW
        )
        assert selection.skipped[SkipReason.STOPPED] == 1

    def test_search_in_the_admin(self, registrar, event, typed, kept):
        registered(event.parts.get(), now=NOW, email=kept)
        registered(event.parts.get(), now=NOW, number=2)
        invite(event=EventFactory(with_part=True), addressees=[Addressee(kept)], expires_at=NOW + DAY, now=NOW)
        InquiryFactory(email=kept), InquiryFactory()
        for name in (
            "events_contact",
            "events_registration",
            "events_seat",
            "events_invitation",
            "organizations_inquiry",
        ):
            rows = registrar.get(reverse(f"admin:{name}_changelist"), {"q": typed.strip()}).context["cl"].result_list
            assert len(rows) == 1, name


def test_the_end_of_an_address_and_other_words_are_searched_too(registrar, event):
    registered(event.parts.get(), now=NOW, email=INTERNATIONAL, name="Ada Lovelace")
    registered(event.parts.get(), now=NOW, number=2)
    address = reverse("admin:events_registration_changelist")
    for words in ("@bücher.example", "Lovelace user@BÜCHER.example", "Lovelace", "xn--bcher", "user@"):
        rows = registrar.get(address, {"q": words}).context["cl"].result_list
        assert [row.name for row in rows] == ["Ada Lovelace"], words


@pytest.mark.parametrize("typed", UNREACHABLE)
def test_an_undeliverable_address_is_refused_by_every_form(client, registrar, event, typed):
    pages = [
        send(client, event, email=typed),
        client.post(LOST, {**fetched(), "email": typed}),
        client.post(INQUIRY, {**ASKED, **fetched(), "email": typed}),
        registrar.post(STOPPED[0], {"email": typed}),
    ]
    for page in pages:
        assert any(words in text(page) for words in ("Before the @", "No mail can be sent")), page
    assert not Registration.objects.exists()
    assert not Inquiry.objects.exists()
    assert not Suppression.objects.exists()
    # Quotes in a table stand for themselves when they are doubled.
    addressees, (bad,) = read_addresses('email\n"{}"\n'.format(typed.replace('"', '""')).encode())
    assert (addressees, bad.number) == ([], 2)
    assert not registrar.get(STOPPED[1], {"q": typed}).context["cl"].result_list


class TestJoining:
    """What the migration does with contacts that were one person in several spellings."""

    OLD = "user@bücher.example"

    @pytest.fixture
    def join(self, monkeypatch):
        migration = importlib.import_module("events.migrations.0012_normalised_addresses")
        # The migration runs before a later one renames this field.
        monkeypatch.setattr(Seat, "line_number", property(lambda seat: seat.waitlist_number), raising=False)
        return lambda: migration.join_contacts(apps, None)

    def kept_as(self, registration, email):
        """The registration, with its address as it was kept before."""
        Contact.objects.filter(pk=registration.contact_id).update(email=email)
        return registration

    def twice(self, *parts, **more):
        """One person's registrations for the parts, first as the domain is read and then as it is encoded."""
        first = self.kept_as(registered(list(parts), now=NOW - DAY, email=INTERNATIONAL, **more), self.OLD)
        return first, registered(list(parts), now=NOW, email=INTERNATIONAL)

    def test_an_address_alone_is_respelled(self, join, event):
        self.kept_as(registered(event.parts.get(), now=NOW), "us\u200ber@city.example\u202c")
        join()
        assert Contact.objects.get().email == PLAIN

    def test_one_to_which_no_mail_goes_is_left_and_breaks_nothing(self, join, event, client, registrar):
        registration = self.kept_as(registered(event.parts.get(), now=NOW), "user@localhost")
        join()
        assert Contact.objects.get().email == "user@localhost"
        selection = invite(event=event, addressees=[Addressee("user@localhost")], expires_at=NOW + DAY, now=NOW)
        assert selection.skipped[SkipReason.UNREACHABLE] == 1
        assert client.get(f"/personal-data/{registration.contact.data_token}/file/").json()["email"] == "user@localhost"
        client.post(f"/personal-data/{registration.contact.data_token}/")
        assert not Contact.objects.exists()

    def test_registrations_of_different_events_are_one_persons(self, join, event):
        first = self.kept_as(registered(event.parts.get(), now=NOW - DAY, email=INTERNATIONAL), self.OLD)
        second = registered(PartFactory(), now=NOW, email=INTERNATIONAL)
        join()
        contact = Contact.objects.get()
        assert contact.email == INTERNATIONAL
        assert contact.created_at == NOW - DAY
        assert set(contact.registrations.all()) == {first, second}

    def test_of_two_for_one_event_the_better_stays_with_the_better_seats(self, join, event):
        full = PartFactory(event=event, capacity=1)
        free = event.parts.exclude(pk=full.pk).get()
        question = QuestionFactory(event=event)
        first, second = self.twice(full, answers={question: ["Costs"]})
        assert second.seats.get().state == "waiting"
        extra = registered(full, now=NOW, number=7)
        Seat.objects.filter(registration=second).update(entered_at=NOW)
        Seat.objects.create(registration=second, part=free, state="confirmed", changed_at=NOW)
        join()
        (kept,) = Contact.objects.get(email=INTERNATIONAL).registrations.all()
        assert kept == first
        assert {seat.part: seat.state for seat in kept.seats.all()} == {full: "confirmed", free: "confirmed"}
        assert kept.seats.get(part=full).entered_at == NOW
        assert Answer.objects.get().registration == kept
        assert full.seats.confirmed().count() == 1
        assert extra.seats.with_position().get().position == 1

    def test_who_cancelled_one_and_kept_the_other_keeps_it(self, join, event):
        first, second = self.twice(event.parts.get())
        cancel(registration=first, now=NOW)
        join()
        assert Registration.objects.get() == second
        assert Seat.objects.get().state == "confirmed"

    def test_both_waiting_keep_the_earlier_number(self, join, event):
        full = PartFactory(event=event, capacity=0)
        self.twice(full)
        earlier = full.seats.order_by("waitlist_number").first()
        join()
        assert full.seats.get() == earlier

    def test_an_invitation_that_was_used_stays_with_its_registration(self, join, event):
        first, second = self.twice(event.parts.get())
        given = {"event": event, "created_at": NOW, "expires_at": NOW + DAY}
        used = Invitation.objects.create(number=1, contact=first.contact, registration=first, **given)
        Invitation.objects.create(number=2, contact=second.contact, **given)
        join()
        contact = Contact.objects.get()
        assert contact.invitations.get() == used
        assert contact.invitations.get().registration == contact.registrations.get()

    def test_of_two_consents_the_last_counts(self, join, event):
        self.twice(event.parts.get(), invite_text="Invite me", language="ko", verified=True)
        join()
        contact = Contact.objects.get()
        assert (contact.invite_consent_text, contact.language) == ("Invite me", "ko")

    @pytest.mark.parametrize("stopped", ["old", "new"])
    def test_a_stop_of_either_wins(self, join, event, stopped):
        self.twice(event.parts.get(), invite_text="Invite me")
        spelling = self.OLD if stopped == "old" else INTERNATIONAL
        Suppression.objects.create(address_hash=Suppression.hash_of(spelling), since=NOW - DAY)
        join()
        assert Contact.objects.get().invite_consent_at is None
        assert Suppression.objects.get().address_hash == Suppression.hash_of(INTERNATIONAL)
        assert Suppression.objects.get().since == NOW - DAY

    def test_the_links_of_both_go_on_stopping(self, join, event, client):
        first, second = self.twice(event.parts.get())
        tokens = {first.contact.unsubscribe_token, second.contact.unsubscribe_token}
        join()
        assert FormerContact.objects.count() == 1
        for token in tokens:
            Suppression.objects.all().delete()
            client.post(f"/unsubscribe/{token}/")
            assert Suppression.is_suppressed(INTERNATIONAL)

    def test_a_stop_of_somebody_who_is_not_kept_is_known_under_the_new_spelling(self, event):
        Suppression.objects.create(address_hash=Suppression.hash_of(self.OLD), since=NOW)
        selection = invite(event=event, addressees=[Addressee(INTERNATIONAL)], expires_at=NOW + DAY, now=NOW)
        assert selection.skipped[SkipReason.STOPPED] == 1

    def test_inquiries_are_respelled(self):
        migration = importlib.import_module("organizations.migrations.0005_normalised_addresses")
        InquiryFactory(email=self.OLD), InquiryFactory(email="user@localhost")
        migration.respell(apps, None)
        assert sorted(Inquiry.objects.values_list("email", flat=True)) == ["user@localhost", INTERNATIONAL]


def test_a_changed_secret_key_forgets_nobody_who_stopped(client, event, settings):
    registration = registered(event.parts.get(), now=NOW, email=PLAIN)
    client.post(f"/unsubscribe/{registration.contact.unsubscribe_token}/")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another" * 8, [settings.SECRET_KEY]
    selection = invite(event=EventFactory(with_part=True), addressees=[Addressee(PLAIN)], expires_at=NOW + DAY, now=NOW)
    assert selection.skipped[SkipReason.STOPPED] == 1
    settings.HASH_KEYS = ["0" * 64, *settings.HASH_KEYS]  # a new key, with the old one after it
    assert Suppression.is_suppressed(PLAIN)
