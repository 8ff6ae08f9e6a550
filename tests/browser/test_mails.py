"""Every kind of mail in three languages, as a mail program draws it.

    MAIL_PICTURES=/tmp/mails pytest tests/browser/test_mails.py

leaves a picture of each in that folder, 600 pixels wide, to be looked at, with its subject and text beside it.
"""

import dataclasses
import datetime
import email
import email.policy
import html
import os
import re
from pathlib import Path

import html5lib
import pytest
from django.utils import translation
from django.utils.translation import gettext

from events.domain.address_verification import verify_address
from events.domain.invitation import Addressee, invite
from events.domain.later_parts import add_seats_in_later_parts
from events.domain.personal_data import send_data_link
from events.domain.registration import cancel, cancel_seats, change, register, send_personal_link
from events.domain.release import release_expired_holds
from events.domain.reminders import queue_due_reminders
from events.domain.reschedule import PartSchedule, cancel_event, postpone, reschedule
from events.domain.seat import confirm_over_capacity, decline_seat, grant_seat, lock_parts
from events.domain.thanks import queue_thanks
from events.models import Event, Part, Registration, Seat
from tests.english import english_in, english_left
from tests.factories.events import (
    YES_OR_NO,
    CueFactory,
    EventFactory,
    PartFactory,
    QuestionFactory,
    RecordingFactory,
    TranscriptFactory,
)
from tests.factories.registrations import details, registered
from tests.moments import DAY, HOUR, NOW, START
from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

pytestmark = [pytest.mark.browser, pytest.mark.django_db]

BY_STAFF = (
    "We keep these places for the cities that host.",
    "The speakers are at a meeting of the council on that day.",
    "These places are for the cities that host.",
)
NAMES = {"en": "Ada Lovelace", "ja": "山田 花子", "ko": "김민지"}


class Scene:
    """An event of two parts, the second of which is full, and what happens to one registrant of it."""

    def __init__(self, language):
        self.event = EventFactory(
            title_en="Smart City 101: how three cities put their data to work",
            title_ja="スマートシティ101:三つの都市のデータ活用",
            title_ko="스마트시티 101: 세 도시의 데이터 활용",
        )
        self.one = PartFactory(event=self.event, title_en="Planning", title_ja="計画", title_ko="계획")
        self.one.room_url = "https://rooms.example.org/r"
        self.one.save()
        self.two = PartFactory(event=self.event, capacity=1, date=datetime.date(2026, 12, 17))
        self.details = details(1, name=NAMES[language], language=language)
        self.holder = registered(self.two, now=NOW, number=9)

    def come_in(self, verified=False):
        """The registrant with a confirmed place in the first part and a position on the waitlist of the second."""
        given = self.details
        register(event=self.event, parts=[self.one, self.two], details=given, now=NOW)
        registration = self.event.registrations.get(contact__email=given.email)
        if verified:
            verify_address(registration=registration, now=NOW, with_preferences=True)
        return registration

    def leave(self, *, came):
        """The event, after it, with what is left of it."""
        registration = self.come_in()
        if came:
            registration.seats.filter(part=self.one).update(entered_at=START)
        cancel(registration=registration, parts=[self.two], now=NOW)
        RecordingFactory(part=self.one)
        CueFactory(transcript=TranscriptFactory(part=self.one))
        queue_thanks(now=START + DAY)


def already(scene):
    scene.come_in()
    register(event=scene.event, parts=[scene.one], details=scene.details, now=NOW)


def on_site(scene):
    Event.objects.filter(pk=scene.event.pk).update(mode="hybrid", venue="COEX, hall B")
    scene.event.refresh_from_db()
    scene.come_in()


def unmissable(scene):
    scene.event.mode = "hybrid"
    scene.event.save()
    scene.leave(came=False)


def ask(scene):
    """The registrant asks for the second part, of an event that is for others."""
    Event.objects.filter(pk=scene.event.pk).update(access="audience", audience_countries="KR")
    question = QuestionFactory(
        event=scene.event, choices=YES_OR_NO, label_en="Interpretation?", label_ja="通訳", label_ko="통역"
    )
    reason = "We build the same platform and would like to compare what it costs."
    given = dataclasses.replace(
        scene.details, request=reason, answers={question: [question.choices.get(label_en="Yes")]}
    )
    register(event=scene.event, parts=[scene.two], details=given, now=NOW)


def follow(scene):
    """The registrant wants all later parts, and two are added, one of them full."""
    given = dataclasses.replace(scene.details, later_parts=True)
    register(event=scene.event, parts=[scene.one], details=given, now=NOW)
    for day, capacity in ((21, None), (28, 0)):
        PartFactory(event=scene.event, capacity=capacity, date=datetime.date(2027, 1, day))
    add_seats_in_later_parts(parts=lock_parts(event_id=scene.event.pk), now=NOW)


def decided(scene, decide):
    ask(scene)
    decide(seat=Seat.objects.get(state="requested"), reason=BY_STAFF[0], now=NOW)


def planned(scene, verb, **plan):
    scene.come_in()
    verb(event=scene.event, part=scene.one, staff=None, now=NOW, message=BY_STAFF[1], **plan)


def cancelled_by_staff(scene, **parts):
    seats = scene.come_in().seats.filter(**parts)
    cancel_seats(seats=seats, reason=BY_STAFF[2], now=NOW)


def invited_in_vain(scene):
    MAILS["invitation"](scene)
    OutboxMail.objects.update(state="sent", sent_at=NOW)
    cancel_event(event=scene.event, staff=None, message=BY_STAFF[1], now=NOW)


def release(scene, keeps_one=False):
    """The address is not confirmed in time; with `keeps_one` the place in the first part is not limited."""
    if not keeps_one:
        Part.objects.filter(pk=scene.one.pk).update(capacity=9)
    scene.come_in()
    OutboxMail.objects.update(state="sent", sent_at=NOW)
    release_expired_holds(now=NOW + DAY)


LATER = PartSchedule(datetime.date(2027, 1, 14), datetime.time(16), "Asia/Seoul", datetime.time(17, 30))

MAILS = {
    "invitation": lambda scene: invite(
        event=scene.event,
        addressees=[Addressee(scene.details.email, scene.details.language)],
        expires_at=NOW + 7 * DAY,
        now=NOW,
    ),
    "invitation_cancelled": invited_in_vain,
    "registration_received": lambda scene: scene.come_in(),
    "registration_received, waiting": lambda scene: register(
        event=scene.event, parts=[scene.two], details=scene.details, now=NOW
    ),
    "registration_received, on site": on_site,
    "registration_requested": ask,
    "registration_later_parts": follow,
    "registration_already": already,
    "registration_changed": lambda scene: change(
        registration=scene.come_in(), parts=[scene.one], details=scene.details, now=NOW
    ),
    "registration_cancelled": lambda scene: cancel(registration=scene.come_in(), now=NOW),
    "registration_cancelled, in part": lambda scene: cancel(registration=scene.come_in(), parts=[scene.one], now=NOW),
    "registration_cancelled_by_staff": cancelled_by_staff,
    "registration_cancelled_by_staff, in part": lambda scene: cancelled_by_staff(scene, part=scene.one),
    "registration_link": lambda scene: send_personal_link(registration=scene.come_in(), now=NOW),
    "seat_released": release,
    "seat_released, in part": lambda scene: release(scene, keeps_one=True),
    "personal_data_link": lambda scene: send_data_link(contact=scene.come_in().contact, now=NOW),
    "registration_received, confirmed": lambda scene: scene.come_in(verified=True),
    "seat_moved_up": lambda scene: scene.come_in() and cancel(registration=scene.holder, now=NOW),
    "seat_granted": lambda scene: decided(scene, confirm_over_capacity),
    "seat_granted, waiting": lambda scene: decided(scene, grant_seat),
    "seat_declined": lambda scene: decided(scene, decline_seat),
    "event_rescheduled": lambda scene: planned(scene, reschedule, schedules={scene.one.pk: LATER}),
    "event_postponed": lambda scene: planned(scene, postpone),
    "event_cancelled": lambda scene: planned(scene, cancel_event),
    "reminder, a day before": lambda scene: scene.come_in() and queue_due_reminders(now=START - DAY),
    "reminder, an hour before": lambda scene: scene.come_in() and queue_due_reminders(now=START - HOUR),
    "thanks, who came": lambda scene: scene.leave(came=True),
    "thanks, who missed it": lambda scene: scene.leave(came=False),
    "thanks, not known": unmissable,
}


REGISTERED = "Thank you for registering. Your registration:"
RELEASED = "This address was not confirmed in time, so these places were released to the waiting list:"
MOVED_OFF = "The organizers have postponed this event. Your registration stays valid, and we will email you as"
# The sentence that says what happened, in the language of the source, and the day in December of the part it is about.
SAYS = {
    "invitation": ("You are invited to:", 10),
    "invitation_cancelled": (
        "You were invited to this. It does not take place: the organizers have cancelled it.",
        10,
    ),
    "registration_received": (REGISTERED, 10),
    "registration_received, waiting": (REGISTERED, 17),
    "registration_received, confirmed": (REGISTERED, 10),
    "registration_received, on site": (REGISTERED, 10),
    "registration_requested": (
        "You asked for a place in an event with a limited audience. The organizers decide, and we will email you:",
        17,
    ),
    "registration_later_parts": ("You asked for this and all later parts. These have been added:", None),
    "registration_already": (
        "Somebody, probably you, has just registered with this address. It is registered already, so nothing was"
        " changed. This is what you have now:",
        10,
    ),
    "registration_changed": ("Your changes are saved. Your registration is now:", 10),
    "registration_cancelled": ("Cancelled:", 10),
    "registration_cancelled, in part": ("Cancelled:", 10),
    "registration_cancelled_by_staff": ("The organizers have cancelled these places of yours:", 10),
    "registration_cancelled_by_staff, in part": ("The organizers have cancelled these places of yours:", 10),
    "registration_link": ("This is your registration, with the link by which you reach it:", 10),
    "seat_released": (RELEASED, 10),
    "seat_released, in part": (RELEASED, 17),
    "personal_data_link": (
        "Somebody, probably you, asked for all data that we keep about you. With this link you can view, download or"
        " delete it:",
        None,
    ),
    "seat_moved_up": (
        "A place has become free, and you were first on the waiting list. You are now registered for:",
        17,
    ),
    "seat_granted": ("The organizers have given you a place:", 17),
    "seat_granted, waiting": (
        "The organizers have said yes to your request. All places are taken at the moment, so you are on the waiting"
        " list:",
        17,
    ),
    "seat_declined": ("You asked for a place. We are sorry that the organizers could not offer you one:", 17),
    "event_rescheduled": ("There is a new date. Your registration stays valid:", 10),
    "event_postponed": (f"{MOVED_OFF} soon as there is a new date:", 10),
    "event_cancelled": ("We are sorry: the organizers have cancelled:", 10),
    "reminder, a day before": ("You are registered for:", 10),
    "reminder, an hour before": ("You are registered for:", 10),
    "thanks, who came": ("It was good to have you with us. Here is what you can watch, read and pass on:", 10),
    "thanks, who missed it": (
        "You had a place, and we missed you. Here is what you can catch up with and pass on:",
        10,
    ),
    "thanks, not known": ("You had a place. Here is what you can watch, read and pass on:", 10),
}
DATES = {"en": "{} December 2026", "ja": "2026年12月{}日", "ko": "2026년 12월 {}일"}
NEW_DATES = {"en": "14 January 2027", "ja": "2027年1月14日", "ko": "2027년 1월 14일"}


def _shown(page):
    """What a reader reads of HTML, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<style.*?</style>", "", page, flags=re.S))).split())


def _assert_says_what_happened(mail, page, *, name, language):
    """What and when: the title, the sentence, the day and the hour, in text and HTML."""
    sentence, day = SAYS[name]
    with translation.override(language):
        said = gettext(sentence)
    assert language == "en" or said != sentence
    title = {"en": "Smart City 101:", "ja": "スマートシティ101", "ko": "스마트시티 101"}[language]
    wanted = [said] if name != "invitation" else []
    wanted += [title] if name != "personal_data_link" else []
    wanted += [DATES[language].format(day)] if day else []
    wanted += ["15:00", "16:30"] if not name.startswith(("thanks", "personal_data")) else []
    wanted += [NEW_DATES[language], "16:00", "17:30"] if name == "event_rescheduled" else []
    text = " ".join(mail.body.split())
    assert [words for words in wanted if words not in text] == []
    assert [words for words in wanted if words not in _shown(page)] == []
    if language != "en":
        for words in BY_STAFF:
            page, text = page.replace(words, ""), text.replace(words, "")
        document = html5lib.HTMLParser().parse(page)
        assert english_left(document, language) + english_in(text, language) == []


def _assert_names_who_confirmed_the_address(row, mail, *, language):
    """The name stands in the greeting once the address was confirmed, and nowhere before."""
    registration = Registration.objects.get(contact__email=mail.to[0])
    if not registration.has_verified_address:
        assert NAMES[language] not in mail.body + mail.alternatives[0].content
        Registration.objects.filter(pk=registration.pk).update(address_verified_at=NOW)
        mail = outbox._renderers[row.kind](row)
    assert NAMES[language] in mail.body
    assert NAMES[language] in mail.alternatives[0].content


@pytest.fixture(scope="module")
def paper(browser):
    """A page to draw every mail on: a new one a mail would be most of the work."""
    page = browser.new_page()
    yield page
    page.context.close()


def _to(row):
    row.rendered_at = row.send_after
    message = outbox._renderers[row.kind](row)
    return message and message.to[0]


def _on_the_wire(message):
    wire = message.message().as_bytes(linesep="\r\n")
    assert max(map(len, wire.split(b"\r\n"))) <= 998  # RFC 5322
    return email.message_from_bytes(wire, policy=email.policy.default)


def _assert_well_formed(mail, *, language):
    """One alternative of text and HTML, beside it the calendar files, one a UID; headers that programs act on."""
    assert (mail["Auto-Submitted"], mail["Content-Language"]) == ("auto-generated", language)
    files = list(mail.iter_attachments()) if mail.get_content_type() == "multipart/mixed" else []
    whole = next(mail.iter_parts()) if files else mail
    assert whole.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in whole.iter_parts()] == ["text/plain", "text/html"]
    for part in [*whole.iter_parts(), *files]:
        assert part.get_param("charset") == "utf-8"
    for file in files:
        start = {"REQUEST": "invite", "CANCEL": "cancel"}[file.get_param("method")]
        assert file.get_content_type() == "text/calendar"
        assert re.fullmatch(rf"{start}(-\d)?\.ics", file.get_filename())


@pytest.mark.parametrize("language", ["en", "ja", "ko"])
@pytest.mark.parametrize("name", MAILS)
def test_mail_is_drawn_whole(paper, name, language):
    scene = Scene(language)
    MAILS[name](scene)
    rows = OutboxMail.objects.filter(kind=name.partition(",")[0])
    row = next(row for row in rows.order_by("-pk") if _to(row) == scene.details.email)
    row.rendered_at = row.send_after
    mail = outbox._renderers[row.kind](row)
    assert mail.to == ["observer1@city.example"]
    if language != "en":
        assert not re.match(r"[A-Z]", mail.subject), "translations are not compiled"
    received = _on_the_wire(mail)
    assert received["Subject"].strip() == mail.subject  # a long one is folded after its name
    _assert_well_formed(received, language=language)
    may_be_stopped = row.kind in ("invitation", "invitation_cancelled", "thanks")
    assert ("List-Unsubscribe" in received, "List-Unsubscribe-Post" in received) == (may_be_stopped, may_be_stopped)
    (page,) = (each.content for each in mail.alternatives)
    assert not re.search(r"%\(|\{\{|\{%|None", mail.subject + mail.body + page)
    _assert_says_what_happened(mail, page, name=name, language=language)
    if not name.startswith(("invitation", "personal_data")):
        _assert_names_who_confirmed_the_address(row, mail, language=language)
    assert not re.search(r"\n\n\n|[^-] \n", mail.body), mail.body
    paper.set_viewport_size({"width": 600, "height": 400})
    paper.set_content(page)
    assert paper.title() == mail.subject
    preheader = paper.evaluate("document.body.firstElementChild.textContent.trim()")
    assert preheader
    if folder := os.environ.get("MAIL_PICTURES"):
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        stem = f"{name.replace(', ', '-').replace(' ', '-')}.{language}"
        paper.screenshot(path=place / f"{stem}.png", full_page=True)
        (place / f"{stem}.txt").write_text(f"Subject: {mail.subject}\nPreheader: {preheader}\n\n{mail.body}")
    paper.set_viewport_size({"width": 320, "height": 400})
    assert paper.evaluate("document.documentElement.scrollWidth") <= 320
