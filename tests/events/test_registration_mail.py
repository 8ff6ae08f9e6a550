import datetime
import email
import email.policy
import re

import pytest

from events.domain.registration import cancel, change, register
from events.emails import queue_link
from events.models import Registration
from tests.factories.events import EventFactory, PartFactory
from tests.factories.registrations import details, registered
from tests.moments import MINUTE, NOW
from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

from .calendar_reader import moment, read, value
from .mail_reading import body, calendars, send_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def post(mailoutbox):
    """Send what is due and return the mails as their receivers' programs read them."""

    def collect():
        return send_all(mailoutbox, NOW + 60 * MINUTE)

    return collect


def test_the_first_mail_has_places_entries_link_and_what_was_said(post):
    event = EventFactory(title_en="Cities & data")
    one, two = PartFactory(event=event, title_en="How three cities work"), PartFactory(event=event, capacity=1)
    three = PartFactory(event=event, date=datetime.date(2026, 12, 17))
    registered(two, now=NOW, number=9)
    post()
    registration = registered([one, two, three], now=NOW, name="Ada <Lovelace>", verified=True)
    (mail,) = post()
    assert (mail["To"], mail["Subject"]) == ("observer1@city.example", "You are registered: Cities & data")
    assert mail["Auto-Submitted"] == "auto-generated"
    for kind, name in (("plain", "Dear Ada <Lovelace>,"), ("html", "Dear Ada &lt;Lovelace&gt;,")):
        read_text = body(mail, kind)
        assert name in read_text
        assert f"http://127.0.0.1:8000/registrations/{registration.token}/" in read_text
        for words in ("Part 1: How three cities work", "Thursday 10 December 2026", "15:00 to 16:30, Seoul time"):
            assert words in read_text
        for words in ("Your place is confirmed", "Waiting list, number 1", "City of Example", "Japan"):
            assert words in read_text
    assert "Cities &amp; data" in body(mail, "html")
    entries = calendars(mail)
    assert [method for method, _entry in entries] == ["REQUEST", "REQUEST"]
    seats = [registration.seats.get(part=one), registration.seats.get(part=three)]
    assert [value(entry, "UID") for _method, entry in entries] == [seat.uid for seat in seats]
    assert moment(entries[1][1], "DTSTART") == datetime.datetime(2026, 12, 17, 6, tzinfo=datetime.UTC)
    assert "observer1@city.example" in value(entries[0][1], "ATTENDEE")
    assert registration.token not in str([part.get_content() for part in mail.iter_attachments()])


@pytest.mark.parametrize(
    ("capacity", "subject"),
    [(None, "Your place is confirmed: Event"), (1, "You are on the waiting list: Event")],
)
def test_the_subject_says_the_most_important(post, capacity, subject):
    part = PartFactory(event=EventFactory(title_en="Event"), capacity=capacity)
    if capacity:
        registered(part, now=NOW, number=9)
        post()
    registered(part, now=NOW)
    (mail,) = post()
    assert mail["Subject"] == subject
    assert len(calendars(mail)) == (0 if capacity else 1)


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_it_is_in_the_registrants_language(post, language):
    event = EventFactory(title_en="Cities", title_ja="都市", title_ko="도시")
    registration = registered(PartFactory(event=event), now=NOW, language=language, name="山田 花子")
    (mail,) = post()
    assert {"ja": "都市", "ko": "도시"}[language] in mail["Subject"]
    assert f"/{language}/registrations/{registration.token}/" in body(mail)
    assert f'<html lang="{language}">' in body(mail, "html")
    assert mail["Content-Language"] == language
    assert {"ja": "12月", "ko": "12월"}[language] in body(mail)


def test_calendar_lines_end_as_the_standard_says():
    registered(PartFactory(), now=NOW, name="山田 花子")
    message = outbox._renderers["registration_received"](OutboxMail.objects.get())
    wire = message.message().as_bytes(linesep="\r\n")
    (attachment,) = email.message_from_bytes(wire, policy=email.policy.SMTP).iter_attachments()
    read(attachment.get_payload(decode=True))


def test_only_the_owner_is_notified_of_being_registered_already(post):
    part = PartFactory(capacity=1)
    registration = registered(part, now=NOW, verified=True)
    post()
    register(event=part.event, parts=[part], details=details(1, name="Mallory"), now=NOW + MINUTE)
    (mail,) = post()
    assert mail["Subject"].startswith("You are registered already: ")
    assert "Your place is confirmed" in body(mail)
    assert registration.token in body(mail)
    assert "Mallory" not in mail.as_string()
    assert calendars(mail) == []


def test_a_change_brings_entries_for_what_is_new_and_takes_away_what_is_gone(post):
    event = EventFactory()
    one, two, three = (PartFactory(event=event) for _ in range(3))
    registration = registered([one, two], now=NOW)
    post()
    change(registration=registration, parts=[two, three], details=details(), now=NOW + MINUTE)
    (mail,) = post()
    assert mail["Subject"].startswith("Your registration was changed: ")
    said = body(mail)
    assert [said.index(each) for each in ("Part 2", "Part 3", "Part 1")] == sorted(
        said.index(each) for each in ("Part 1", "Part 2", "Part 3")
    )
    assert "Cancelled by you" in said.partition("Part 1")[2]
    seats = {seat.part: seat for seat in registration.seats.all()}
    found = {method: (value(entry, "UID"), value(entry, "SEQUENCE")) for method, entry in calendars(mail)}
    assert found == {
        "REQUEST": (seats[three].uid, "0"),
        "CANCEL": (seats[one].uid, "1"),
    }


def test_cancelling_removes_the_calendar_entry_and_the_next_on_the_waitlist_gets_one(post):
    part = PartFactory(capacity=1)
    holder, waiting = registered(part, now=NOW), registered(part, now=NOW, number=2)
    post()
    cancel(registration=holder, now=NOW + MINUTE)
    mails = {mail["To"]: mail for mail in post()}
    gone, come = mails["observer1@city.example"], mails["observer2@city.example"]
    assert gone["Subject"].startswith("Your registration is cancelled: ")
    ((method, entry),) = calendars(gone)
    assert (method, value(entry, "STATUS"), value(entry, "SEQUENCE")) == ("CANCEL", "CANCELLED", "1")
    assert value(entry, "UID") == holder.seats.get().uid
    assert come["Subject"].startswith("You have a place: ")
    ((method, entry),) = calendars(come)
    assert (method, value(entry, "STATUS"), value(entry, "SEQUENCE")) == ("REQUEST", "CONFIRMED", "1")
    assert value(entry, "UID") == waiting.seats.get().uid


def test_who_only_waited_has_no_entry_to_take_away(post):
    part = PartFactory(capacity=1)
    registered(part, now=NOW, number=9)
    waiting = registered(part, now=NOW)
    post()
    cancel(registration=waiting, now=NOW + MINUTE)
    (mail,) = post()
    assert calendars(mail) == []


def test_promoted_seats_are_distinguished_from_other_seats(post):
    event = EventFactory(title_en="Cities")
    one, two = PartFactory(event=event), PartFactory(event=event, capacity=1, date=datetime.date(2026, 12, 17))
    holder = registered(two, now=NOW, number=9)
    registered([one, two], now=NOW)
    post()
    cancel(registration=holder, now=NOW + MINUTE)
    (mail,) = [mail for mail in post() if mail["To"] == "observer1@city.example"]
    assert mail["Subject"] == "You have a place in part 2: Cities"
    moved, rest = body(mail).split("The rest of your registration is as it was:")
    assert ("17 December" in moved, "10 December" in moved) == (True, False)
    assert ("17 December" in rest, "10 December" in rest) == (False, True)


def test_who_cancels_one_of_two_seats_is_notified_what_remains(post):
    event = EventFactory(title_en="Cities")
    one, two = PartFactory(event=event), PartFactory(event=event, date=datetime.date(2026, 12, 17))
    registration = registered([one, two], now=NOW)
    post()
    cancel(registration=registration, parts=[one], now=NOW + MINUTE)
    (mail,) = post()
    assert mail["Subject"] == "Your registration is partly cancelled: Cities"
    gone, rest = body(mail).split("The rest of your registration is as it was:")
    assert ("10 December" in gone, "17 December" in gone) == (True, False)
    assert ("10 December" in rest, "17 December" in rest) == (False, True)
    assert "Open the attached files to remove old entries from your calendar." in rest


@pytest.mark.parametrize(
    ("mode", "where"),
    [("online", None), ("onsite", "Where: COEX, hall B"), ("hybrid", "Where: COEX, hall B, and online")],
)
def test_it_says_where_people_meet(post, mode, where):
    event = EventFactory(mode=mode, venue="COEX, hall B", place=None)
    registered(PartFactory(event=event), now=NOW)
    (mail,) = post()
    for kind in ("plain", "html"):
        assert re.findall(r"Where: [^<\n]*", body(mail, kind)) == ([where] if where else [])


def test_what_is_no_longer_so_is_not_sent(post):
    part = PartFactory(capacity=1)
    holder, waiting = registered(part, now=NOW), registered(part, now=NOW, number=2)
    cancel(registration=holder, now=NOW)
    cancel(registration=waiting, now=NOW + MINUTE)
    register(event=part.event, parts=[part], details=details(1), now=NOW + 2 * MINUTE)
    sent = {(mail["To"], mail["Subject"].split(":")[0]) for mail in post()}
    # Observer 1 gave up and came back; observer 2 moved up and gave up. Each hears how it stands now.
    assert sent == {
        ("observer1@city.example", "Keep your place"),
        ("observer2@city.example", "Your registration is cancelled"),
    }
    assert OutboxMail.objects.filter(state="dropped").count() == 3


def test_mails_of_an_erased_registration_are_dropped(post):
    registration = registered(PartFactory(), now=NOW)
    queue_link(registration, now=NOW)
    Registration.objects.all().delete()
    assert post() == []
    assert set(OutboxMail.objects.values_list("state", flat=True)) == {"dropped"}


def test_no_header_can_be_added_by_what_staff_or_visitors_write(post):
    event = EventFactory(title_en="Cities\r\nBcc: all@city.example")
    registered(PartFactory(event=event), now=NOW, name="Ada")
    (mail,) = post()
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Your place is confirmed: Cities Bcc: all@city.example"


def test_the_outbox_holds_neither_address_nor_name():
    registered(PartFactory(), now=NOW, name="Ada Lovelace")
    row = str(OutboxMail.objects.values().get())
    assert not re.search("Lovelace|city.example", row)


def test_a_date_without_an_hour_is_not_made_up(post):
    part = PartFactory()
    registered(part, now=NOW)
    part.precision, part.start_time, part.end_time = "day", None, None
    part.save()
    (mail,) = post()
    assert "Thursday 10 December 2026\n" in body(mail)
    ((_method, entry),) = calendars(mail)
    assert moment(entry, "DTSTART") == datetime.date(2026, 12, 10)
