import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from events.domain.privacy import erase_registration
from events.domain.registration import cancel
from events.domain.thanks import queue_thanks
from events.models import Event, Part, Recording, Seat, Suppression, Transcript
from tests.factories.events import CueFactory, EventFactory, PartFactory, RecordingFactory, TranscriptFactory
from tests.factories.registrations import registered
from tests.moments import DAY, END, MINUTE, NOW
from wego_portal.foundation import outbox
from wego_portal.foundation.publication import Publication

pytestmark = pytest.mark.django_db

ROOM = "https://rooms.example.org/r"


def come_in(part, number=1, **changes):
    """Register, with the first mail sent already."""
    registration = registered(part, now=NOW, number=number, **changes)
    outbox.send_due(now=NOW)
    return registration


def entered(registration):
    registration.seats.update(entered_at=END - 90 * MINUTE)
    return registration


def transcript_of(part, **changes):
    transcript = TranscriptFactory(part=part, **changes)
    CueFactory(transcript=transcript)
    return transcript


def test_who_came_and_who_missed_it_read_different_words_once(run_worker, mailoutbox):
    part = PartFactory(event__title_en="Cities", room_url=ROOM)
    entered(come_in(part))
    come_in(part, number=2)
    assert run_worker(END + MINUTE) == []  # nothing is published yet
    recording = RecordingFactory(part=part)
    transcript = transcript_of(part, language__name_en="Korean")
    assert run_worker(END + DAY) == [
        ("observer1@city.example", "Thank you for coming: Cities"),
        ("observer2@city.example", "Recording and documents: Cities"),
    ]
    for mail in mailoutbox:
        for body in (mail.body, mail.alternatives[0].content):
            assert f"http://127.0.0.1:8000/events/{part.event.slug}/#recording-{recording.pk}" in body
            assert f"http://127.0.0.1:8000/events/{part.event.slug}/transcripts/{transcript.pk}/" in body
            assert "Read the transcript in Korean" in body
            assert ("we missed you" in body) == (mail.to == ["observer2@city.example"])
            assert "/registrations/" not in body  # it may be passed on
            assert "rooms.example.org" not in body
    assert run_worker(END + 2 * DAY) == []
    RecordingFactory(part=part)
    outbox.delete_old_mails(now=END + 40 * DAY)
    assert run_worker(END + 40 * DAY) == []


@pytest.mark.parametrize("mode", [Event.Mode.HYBRID, Event.Mode.ONSITE, ""])
def test_nobody_is_said_to_have_missed_what_could_be_entered_another_way(run_worker, mode):
    part = PartFactory(event__title_en="Cities", event__mode=mode, room_url=ROOM if mode == "hybrid" else "")
    come_in(part)
    RecordingFactory(part=part)
    assert run_worker(END) == [("observer1@city.example", "Thank you for your interest: Cities")]


def test_it_waits_for_the_last_part_of_the_registration(run_worker, mailoutbox):
    event = EventFactory()
    one, two = PartFactory(event=event), PartFactory(event=event, date=datetime.date(2026, 12, 17))
    come_in([one, two])
    come_in(one, number=2)
    RecordingFactory(part=one)
    assert [to for to, _subject in run_worker(END)] == ["observer2@city.example"]
    RecordingFactory(part=two)
    assert run_worker(END + 6 * DAY)[0][0] == "observer1@city.example"  # reminder of the second part
    assert [to for to, _subject in run_worker(END + 7 * DAY)] == ["observer1@city.example"]
    assert all(f"#recording-{recording.pk}" in mailoutbox[0].body for recording in Recording.objects.all())


@pytest.mark.parametrize("status", [Part.Status.POSTPONED, Part.Status.CANCELLED])
def test_a_part_that_is_not_held_is_not_waited_for(run_worker, status):
    event = EventFactory()
    one, two = PartFactory(event=event), PartFactory(event=event, date=datetime.date(2026, 12, 17))
    come_in([one, two])
    RecordingFactory(part=one)
    Part.objects.filter(pk=two.pk).update(status=status)
    assert len(run_worker(END)) == 1


@pytest.mark.parametrize(
    "what",
    [
        lambda part: RecordingFactory(part=part, publication=Publication.DRAFT),
        lambda part: RecordingFactory(part=part, url=""),
        lambda part: transcript_of(part, publication=Publication.DRAFT),
        lambda part: TranscriptFactory(part=part),
        lambda part: RecordingFactory(part=part) and Event.objects.update(publication=Publication.WITHDRAWN),
        lambda part: RecordingFactory(part=part) and Part.objects.update(status=Part.Status.CANCELLED),
        lambda part: RecordingFactory(),
    ],
)
def test_what_the_public_does_not_see_is_not_sent(run_worker, what):
    part = PartFactory()
    come_in(part)
    what(part)
    assert run_worker(END) == []


def test_who_had_no_place_is_not_written_to(run_worker):
    part = PartFactory(capacity=2)
    come_in(part)
    cancel(registration=come_in(part, number=2), now=NOW)
    erase_registration(registration=come_in(part, number=3), now=NOW)
    outbox.send_due(now=NOW)
    come_in(part, number=4)
    come_in(part, number=5)
    RecordingFactory(part=part)
    assert [to for to, _subject in run_worker(END)] == ["observer1@city.example", "observer4@city.example"]


def test_what_was_taken_back_before_it_left_drops_it(run_worker):
    part = PartFactory()
    come_in(part)
    recording = RecordingFactory(part=part)
    assert queue_thanks(now=END) == 1
    recording.publication = Publication.WITHDRAWN
    recording.save()
    assert run_worker(END) == []


def test_long_after_nobody_is_surprised(run_worker):
    part = PartFactory()
    come_in(part)
    RecordingFactory(part=part)
    assert queue_thanks(now=END + 181 * DAY) == 0


@pytest.mark.parametrize("language", ["ja", "ko"])
def test_its_links_are_in_the_registrants_language(run_worker, mailoutbox, language):
    part = PartFactory()
    come_in(part, language=language)
    transcript = transcript_of(part)
    run_worker(END)
    for body in (mailoutbox[0].body, mailoutbox[0].alternatives[0].content):
        assert f"http://127.0.0.1:8000/{language}/events/{part.event.slug}/transcripts/{transcript.pk}/" in body
        assert f"http://127.0.0.1:8000/{language}/unsubscribe/" in body


class TestStopping:
    """It is not about one's own place, so it can be stopped by one press (RFC 8058)."""

    def mail(self, run_worker, mailoutbox):
        part = PartFactory()
        come_in(part, invite_text="I agree.", verified=True)
        RecordingFactory(part=part)
        run_worker(END)
        return mailoutbox[0]

    def test_one_press_stops_and_looking_does_not(self, run_worker, mailoutbox):
        mail = self.mail(run_worker, mailoutbox)
        address = mail.extra_headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
        assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert address in mail.body
        program = Client(enforce_csrf_checks=True)  # knows neither a page nor a cookie
        assert program.get(address).status_code == 200
        assert not Suppression.objects.exists()
        answer = program.post(address, {"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, dict(answer.cookies)) == (200, {})
        contact = Seat.objects.get().registration.contact
        assert (contact.invite_consent_at, Suppression.objects.count()) == (None, 1)

    def test_nothing_more_comes_after_it_but_what_is_about_the_own_place(self, run_worker, mailoutbox):
        address = self.mail(run_worker, mailoutbox).extra_headers["List-Unsubscribe"].strip("<>")
        Client().post(address.removeprefix("http://127.0.0.1:8000"))
        part = PartFactory(date=datetime.date(2026, 12, 20))
        come_in(part)
        assert len(run_worker(END + 10 * DAY - 120 * MINUTE)) == 1  # a reminder
        transcript_of(part)
        assert run_worker(END + 12 * DAY) == []

    def test_mails_about_the_own_place_cannot_be_stopped_so(self, mailoutbox):
        come_in(PartFactory())
        assert "List-Unsubscribe" not in mailoutbox[0].extra_headers


def test_all_of_many_are_thanked_by_several_workers_once(run_worker, monkeypatch):
    monkeypatch.setattr("events.domain.thanks.BATCH_SIZE", 2)
    part = PartFactory()
    for number in range(5):
        come_in(part, number=number)
    RecordingFactory(part=part)
    assert [queue_thanks(now=END), queue_thanks(now=END)] == [5, 0]
    assert len(run_worker(END)) == 5


@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries(rows):
    event = EventFactory()
    for _number in range(rows):
        part = PartFactory(event=event)
        come_in(part, number=_number)
        RecordingFactory(part=part)
        transcript_of(part)
    for moment, count in [(END - MINUTE, 1), (END, 9), (END, 4)]:
        with CaptureQueriesContext(connection) as queries:
            queue_thanks(now=moment)
        statements = [query["sql"] for query in queries]
        assert len(statements) == count, statements
    assert Transcript.objects.count() == rows
