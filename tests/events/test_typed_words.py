"""Nothing that was typed goes into a mail to an address that has not shown itself to be the sender's.

Every kind of mail that is sent about a registration is made, for a registrant all of whose words are bait.
"""

import datetime

import pytest

from events.domain.contact import stop_invitations
from events.domain.invitation import Addressee, invitation_binding, invite
from events.domain.later_parts import add_seats_in_later_parts
from events.domain.privacy import erase_registration
from events.domain.registration import cancel, cancel_seats, change, register, send_personal_link
from events.domain.release import release_expired_holds
from events.domain.reminders import queue_due_reminders
from events.domain.reschedule import PartSchedule, cancel_event, postpone, reschedule
from events.domain.seat import confirm_over_capacity, decline_seat, grant_seat, lock_parts
from events.domain.thanks import queue_thanks
from events.models import Contact, Event, Invitation, Seat
from tests.factories.events import CueFactory, EventFactory, PartFactory, QuestionFactory, TranscriptFactory
from tests.factories.registrations import details, registered
from tests.markup import markup
from tests.moments import DAY, HOUR, NOW, START
from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

from .form_filling import TYPED, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

BAIT = "Your account is blocked. Verify at evil.example"
WORDS = ("blocked", "Verify", "evil.example", "phish")
ADDRESS = "victim@city.example"
LATER = PartSchedule(datetime.date(2027, 1, 14), datetime.time(16), "Asia/Seoul", datetime.time(17, 30))


class Scene:
    """An event of two parts, the second of which is full, and a stranger who typed another's address."""

    def __init__(self):
        self.event = EventFactory(title_en="Cities")
        self.one = PartFactory(event=self.event, capacity=9, room_url="https://rooms.example.org/r")
        self.two = PartFactory(event=self.event, capacity=1, date=datetime.date(2026, 12, 17))
        self.holder = registered(self.two, now=NOW, number=9, verified=True)
        text = QuestionFactory(event=self.event)
        choice = QuestionFactory(event=self.event, choices=[(f"phish {BAIT}", "")])
        self.details = details(
            1,
            email=ADDRESS,
            name=BAIT,
            organization_name=f"phish {BAIT}",
            position=f"phish {BAIT}",
            request=f"phish {BAIT}",
            answers={text: BAIT, choice: list(choice.choices.all())},
            later_parts=True,
        )

    def come(self, *parts):
        parts = list(parts) or [self.one, self.two]
        register(event=self.event, parts=parts, details=self.details, now=NOW)
        return self.event.registrations.get(contact__email=ADDRESS)

    def ask(self):
        Event.objects.filter(pk=self.event.pk).update(access="audience", audience_countries="KR")
        return self.come(self.two).seats.get()

    def release(self):
        registration = self.come()
        outbox.send_due(now=NOW)
        assert release_expired_holds(now=NOW + DAY) == 2
        return registration

    def leave(self):
        registration = self.come(self.one)
        Seat.objects.filter(registration=registration).update(hold_expires_at=None)
        CueFactory(transcript=TranscriptFactory(part=self.one))
        queue_thanks(now=START + DAY)


def staff_cancels(scene):
    cancel_seats(seats=scene.come().seats.all(), reason="For the cities that host.", now=NOW)


def follow(scene):
    scene.come(scene.one)
    PartFactory(event=scene.event, date=datetime.date(2027, 1, 21))
    add_seats_in_later_parts(parts=lock_parts(event_id=scene.event.pk), now=NOW)


def remind(scene, before):
    scene.come()
    Seat.objects.update(hold_expires_at=None)
    queue_due_reminders(now=START - before)


def plan(scene, verb, **changes):
    scene.come()
    verb(event=scene.event, part=scene.one, staff=None, now=NOW, message="Sorry.", **changes)


def already(scene):
    scene.come()
    scene.come()


def change_it(scene):
    registration = scene.come()
    change(registration=registration, parts=[scene.one], details=scene.details, now=NOW + HOUR)
    type(registration).objects.update(address_verified_at=None)


def invite_stranger(scene):
    return invite(event=scene.event, addressees=[Addressee(ADDRESS, "en", BAIT)], expires_at=NOW + DAY, now=NOW)


def cancel_after(scene):
    outbox.send_due(now=NOW)
    cancel_event(event=scene.event, staff=None, now=NOW, message="Sorry.")


SCENES = {
    "registration_received": Scene.come,
    "registration_requested": Scene.ask,
    "registration_later_parts": follow,
    "registration_already": already,
    "registration_changed": change_it,
    "registration_cancelled": lambda scene: cancel(registration=scene.come(), now=NOW),
    "registration_cancelled_by_staff": staff_cancels,
    "registration_link": lambda scene: send_personal_link(registration=scene.come(), now=NOW),
    "seat_moved_up": lambda scene: scene.come() and cancel(registration=scene.holder, now=NOW),
    "seat_granted": lambda scene: grant_seat(seat=scene.ask(), reason="Welcome.", now=NOW),
    "seat_granted, over capacity": lambda scene: confirm_over_capacity(seat=scene.ask(), reason="Welcome.", now=NOW),
    "seat_declined": lambda scene: decline_seat(seat=scene.ask(), reason="No place.", now=NOW),
    "seat_released": Scene.release,
    "event_rescheduled": lambda scene: plan(scene, reschedule, schedules={scene.one.pk: LATER}),
    "event_postponed": lambda scene: plan(scene, postpone),
    "event_cancelled": lambda scene: plan(scene, cancel_event),
    "reminder": lambda scene: remind(scene, DAY),
    "thanks": Scene.leave,
    "personal_data_link": lambda scene: None,
    "invitation": invite_stranger,
    "invitation_cancelled": lambda scene: invite_stranger(scene) and cancel_after(scene),
}


def everything_in(message):
    """All that a mail carries: headers, both texts and the calendar files, with folded lines joined."""
    texts = [f"{name}: {value}" for name, value in message.message().items()]
    texts += [message.subject, message.body, *(each.content for each in message.alternatives)]
    for _name, data, _kind in message.attachments:
        texts.append((data.decode() if isinstance(data, bytes) else data).replace("\r\n ", ""))
    return "\n".join(texts)


def mails_of(kind):
    rows = OutboxMail.objects.filter(kind=kind).order_by("pk")
    for row in rows:
        row.rendered_at = row.send_after
    messages = [outbox._renderers[kind](row) for row in rows]
    return [message for message in messages if message and message.to == [ADDRESS]]


@pytest.mark.parametrize("name", SCENES)
def test_no_word_of_a_stranger_is_in_a_mail(client, name):
    scene = Scene()
    SCENES[name](scene)
    if name == "personal_data_link":
        client.post(f"/registrations/{scene.come().token}/data/")
    messages = mails_of(name.partition(",")[0])
    assert messages
    for message in messages:
        carried = everything_in(message)
        assert not [word for word in WORDS if word in carried], carried
        if not name.startswith("invitation"):
            assert "Hello," in message.body
            assert "CN=" not in carried.replace("ORGANIZER;CN=", "")


def test_every_kind_of_mail_is_walked():
    foreign = {kind for kind, _words in outbox.kinds() if not outbox._renderers[kind].__module__.startswith("events.")}
    kinds = {kind for kind, _words in outbox.kinds()} - foreign
    assert kinds == {name.partition(",")[0] for name in SCENES}


@pytest.mark.parametrize(
    ("language", "greeting", "by_name"),
    [("en", "Hello,", "Dear Ada,"), ("ja", "お世話になっております。", "Ada 様"), ("ko", "안녕하십니까.", "Ada 귀하")],
)
def test_the_greeting_is_plain_until_a_button_was_pressed_and_by_name_from_then_on(
    client, mailoutbox, language, greeting, by_name
):
    event = EventFactory(with_part=True)
    send(client, event, name="Ada", language=language)
    outbox.send_due(now=NOW)
    assert mailoutbox[-1].body.startswith(greeting)
    assert f"<bdi>{greeting}</bdi>" in markup(mailoutbox[-1].alternatives[0].content)
    address = f"/registrations/{event.registrations.get().token}/"
    client.get(address)
    send_personal_link(registration=event.registrations.get(), now=NOW + HOUR)
    client.post(address, {"do": "keep"})
    send_personal_link(registration=event.registrations.get(), now=NOW + 2 * HOUR)
    outbox.send_due(now=NOW + 3 * HOUR)
    assert mailoutbox[-1].body.startswith(by_name)
    cancel(registration=event.registrations.get(), now=NOW + 4 * HOUR)
    outbox.send_due(now=NOW + 5 * HOUR)
    (_name, entry, _kind) = mailoutbox[-1].attachments[0]
    assert "CN=Ada" in entry.replace("\n ", "").replace("\r", "")


def test_opening_the_personal_page_verifies_nothing(client):
    event = EventFactory(with_part=True)
    send(client, event)
    registration = event.registrations.get()
    for name in ("", "data/", "join/1/", "parts/1/calendar.ics"):
        client.get(f"/registrations/{registration.token}/{name}")
        client.head(f"/registrations/{registration.token}/{name}")
    registration.refresh_from_db()
    assert registration.address_verified_at is None


@pytest.mark.parametrize(
    ("name", "typed"),
    [("", {"do": "keep"}), ("", {"do": "cancel"}), ("", {"do": "change"}), ("join/1/", {}), ("data/", {})],
)
def test_any_button_of_the_personal_page_verifies_the_address_of_its_registration_alone(client, name, typed):
    event, other = EventFactory(with_part=True), EventFactory(with_part=True)
    send(client, event)
    send(client, other)
    registration = event.registrations.get()
    client.post(f"/registrations/{registration.token}/{name}", typed)
    registration.refresh_from_db()
    assert registration.address_verified_at == NOW
    assert other.registrations.get().address_verified_at is None


def test_who_registers_again_after_cancelling_is_unverified_again(client, mailoutbox):
    event = EventFactory(with_part=True)
    registered(event.parts.get(), now=NOW, email=TYPED["email"], verified=True)
    cancel(registration=event.registrations.get(), now=NOW)
    send(client, event, name=BAIT)
    assert event.registrations.get().address_verified_at is None
    outbox.send_due(now=NOW + HOUR)
    assert not [word for word in WORDS if any(word in everything_in(mail) for mail in mailoutbox)]


class TestPreferences:
    """Language and consent to invitations cannot be given for another by typing their address."""

    def register(self, client, event, **typed):
        send(client, event, invite="on", language="ja", **typed)
        return event.registrations.get(contact__email=TYPED["email"])

    def test_they_count_once_the_button_was_pressed(self, client, mailoutbox):
        event = EventFactory(with_part=True)
        Contact.objects.create(email=TYPED["email"], language="ko", created_at=NOW)
        registration = self.register(client, event)
        contact = registration.contact
        assert (contact.language, contact.invite_consent_at) == ("ko", None)
        outbox.send_due(now=NOW)
        assert "/ko/registrations/" in mailoutbox[-1].body
        page = client.get(f"/registrations/{registration.token}/").content.decode()
        assert "“Invite me to later events” was ticked when this address was registered." in page.replace("\n", " ")
        client.post(f"/registrations/{registration.token}/", {"do": "keep"})
        contact.refresh_from_db()
        assert (contact.language, contact.invite_consent_at) == ("ja", NOW)
        assert contact.invite_consent_text == "Invite me to later events"
        registration.refresh_from_db()
        assert (registration.pending_consent_at, registration.pending_consent_text) == (None, "")

    @pytest.mark.parametrize(("name", "typed"), [("", {"do": "cancel"}), ("data/", {})])
    def test_who_only_cancels_or_asks_for_their_data_agrees_to_nothing(self, client, name, typed):
        event = EventFactory(with_part=True)
        Contact.objects.create(email=TYPED["email"], language="ko", created_at=NOW)
        registration = self.register(client, event)
        client.post(f"/registrations/{registration.token}/{name}", typed)
        contact = Contact.objects.get()
        assert (contact.language, contact.invite_consent_at) == ("ko", None)

    @pytest.mark.parametrize("invite", [{"invite": "on"}, {}])
    def test_who_saves_the_page_decides_by_its_own_box(self, client, invite):
        event = EventFactory(with_part=True)
        registration = self.register(client, event)
        given = {key: value for key, value in TYPED.items() if key not in ("email", "privacy")}
        client.post(f"/registrations/{registration.token}/", {**given, "do": "change", "language": "ja", **invite})
        registration.refresh_from_db()
        assert registration.pending_consent_at is None
        assert (Contact.objects.get().invite_consent_at is not None) == bool(invite)
        assert Contact.objects.get().language == "ja"

    def test_a_stop_wins_before_and_after(self, client):
        event, other = EventFactory(with_part=True), EventFactory(with_part=True)
        registration = self.register(client, event)
        stop_invitations(contact=registration.contact, now=NOW)
        client.post(f"/registrations/{registration.token}/", {"do": "keep"})
        again = self.register(client, other)
        assert again.pending_consent_at is None
        client.post(f"/registrations/{again.token}/", {"do": "keep"})
        assert Contact.objects.get().invite_consent_at is None

    def test_it_is_in_the_export_and_erased_with_the_registration(self, client):
        event = EventFactory(with_part=True)
        registration = self.register(client, event)
        kept = client.get(f"/personal-data/{registration.contact.data_token}/file/").json()["registrations"][0]
        assert kept["consent_to_invitations_to_confirm"]["text"] == "Invite me to later events"
        assert kept["address_confirmed_at"] is None
        erase_registration(registration=registration, now=NOW)
        registration.refresh_from_db()
        assert (registration.pending_consent_at, registration.pending_consent_text) == (None, "")


def test_an_invitation_verifies_the_address_at_once(client):
    event = EventFactory(with_part=True, access="invitation")
    invite(event=event, addressees=[Addressee(TYPED["email"], "ko")], expires_at=NOW + DAY, now=NOW)
    invited = Invitation.objects.get()
    send(client, event, invitation=invitation_binding(invited), invite="on", language="ja")
    registration = event.registrations.get()
    assert registration.address_verified_at == NOW
    assert (registration.contact.language, registration.contact.invite_consent_at) == ("ja", NOW)
