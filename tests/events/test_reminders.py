import datetime
import io

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.domain.registration import cancel
from events.domain.reminders import queue_due_reminders
from events.models import Event, Part, Registration
from tests.factories.events import EventFactory, PartFactory
from tests.factories.registrations import registered
from tests.moments import DAY, HOUR, MINUTE, NOW, START
from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

pytestmark = pytest.mark.django_db


@pytest.fixture
def work(mailoutbox):
    """Let a worker go round at a moment; returns the addresses and subjects of the reminders it sends."""

    def go_round(moment):
        mailoutbox.clear()
        with time_machine.travel(moment, tick=False):
            call_command("worker", "--once", stdout=io.StringIO())
        assert not OutboxMail.objects.exclude(error="").exists()
        return sorted((mail.to[0], mail.subject) for mail in mailoutbox)

    return go_round


def come_in(part, number=1, now=NOW, **changes):
    """Register, with the first mail sent already."""
    registration = registered(part, now=now, number=number, **changes)
    outbox.send_due(now=now)
    return registration


def test_a_day_and_an_hour_before(work):
    come_in(PartFactory(event__title_en="Cities"))
    assert work(START - DAY - MINUTE) == []
    assert work(START - DAY) == [("observer1@city.example", "A reminder: Cities")]
    assert work(START - DAY + MINUTE) == []
    assert work(START - HOUR - MINUTE) == []
    assert work(START - HOUR) == [("observer1@city.example", "It begins soon: Cities")]
    assert work(START - HOUR + MINUTE) == []
    assert work(START) == []


def test_each_part_has_its_own(work):
    event = EventFactory(title_en="Cities")
    one, two = PartFactory(event=event), PartFactory(event=event, date=datetime.date(2026, 12, 17))
    come_in([one, two])
    come_in(two, number=2)
    assert [to for to, _subject in work(START - DAY)] == ["observer1@city.example"]
    assert len(work(START + 6 * DAY)) == 2


def test_it_says_when_and_where_and_leads_to_the_room(work, mailoutbox):
    event = EventFactory(title_en="Cities", title_ja="都市")
    one, two = PartFactory(event=event, room_url="https://rooms.example.org/r"), PartFactory(event=event, capacity=1)
    come_in(two, number=9, verified=True)
    registration = come_in([one, two], language="ja", name="山田 花子", verified=True)
    work(START - HOUR)
    (mail,) = [mail for mail in mailoutbox if mail.to == ["observer1@city.example"]]
    assert "都市" in mail.subject
    assert mail.attachments == []
    for body in (mail.body, mail.alternatives[0].content):
        assert "山田 花子" in body
        assert "12月" in body
        assert "15:00" in body
        assert f"/ja/registrations/{registration.token}/rooms/{one.pk}/" in body
        assert f"/ja/registrations/{registration.token}/" in body
        assert "rooms.example.org" not in body
        assert f"/rooms/{two.pk}/" not in body


def test_what_is_held_on_site_has_nothing_to_join(work, mailoutbox):
    come_in(PartFactory(event__mode=Event.Mode.ONSITE))
    work(START - DAY)
    assert "/rooms/" not in mailoutbox[0].body + mailoutbox[0].alternatives[0].content


@pytest.mark.parametrize(
    ("taken", "moment", "count"),
    [
        (START - DAY - HOUR, START - DAY, 1),
        (START - DAY - HOUR + MINUTE, START - DAY, 0),  # the mail about the place came less than an hour ago
        (START - 3 * HOUR, START - 2 * HOUR, 0),
        (START - 2 * HOUR, START - HOUR, 1),
        (START - 2 * HOUR + MINUTE, START - HOUR, 0),
        (START - 10 * MINUTE, START - MINUTE, 0),
    ],
)
def test_who_has_just_got_the_place_is_not_reminded_of_it(work, taken, moment, count):
    come_in(PartFactory(), now=taken)
    assert len(work(moment)) == count


def test_a_worker_that_comes_late_still_reminds_but_not_too_late(work):
    come_in(PartFactory(event__title_en="Cities"))
    assert work(START - 6 * HOUR) == []
    assert work(START - MINUTE) == [("observer1@city.example", "It begins soon: Cities")]
    other = PartFactory(date=datetime.date(2026, 12, 20))
    come_in(other, number=2)
    assert len(work(START + 10 * DAY - 7 * HOUR)) == 1


def test_who_has_no_place_is_not_reminded(work):
    part = PartFactory(capacity=2)
    come_in(part, verified=True)
    gone = come_in(part, number=2, verified=True)
    come_in(part, number=3, verified=True)
    cancel(registration=gone, now=NOW)  # the third moves up
    outbox.send_due(now=NOW)
    come_in(part, number=4, verified=True)
    assert [to for to, _subject in work(START - DAY)] == ["observer1@city.example", "observer3@city.example"]


def test_a_moved_part_moves_its_reminders(work):
    part = PartFactory()
    come_in(part)
    assert len(work(START - DAY)) == 1
    part.date = datetime.date(2026, 12, 15)
    part.save()
    assert work(START - HOUR) == []
    assert len(work(START + 4 * DAY)) == 1
    assert work(START + 4 * DAY + MINUTE) == []
    assert len(work(START + 5 * DAY - HOUR)) == 1


class TestBetweenQueueingAndSending:
    """The mail server was away: what was queued is asked again when it is sent."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"date": datetime.date(2026, 12, 11)},
            {"status": Part.Status.POSTPONED},
            {"status": Part.Status.CANCELLED},
            {"status": Part.Status.HELD},
            {"precision": "day", "start_time": None, "end_time": None},
        ],
    )
    def test_another_plan_drops_it(self, work, changes):
        part = PartFactory()
        come_in(part)
        queue_due_reminders(now=START - HOUR)
        for name, value in changes.items():
            setattr(part, name, value)
        part.save()
        assert work(START - HOUR + MINUTE) == []
        assert OutboxMail.objects.get(kind="reminder").state == "dropped"

    def test_a_place_given_back_drops_it(self, work):
        registration = come_in(PartFactory())
        queue_due_reminders(now=START - HOUR)
        cancel(registration=registration, now=START - HOUR)
        assert [subject.split(":")[0] for _to, subject in work(START - HOUR + MINUTE)] == [
            "Your registration is cancelled"
        ]

    def test_an_erased_registration_drops_it(self, work):
        come_in(PartFactory())
        queue_due_reminders(now=START - HOUR)
        Registration.objects.all().delete()
        assert work(START - HOUR + MINUTE) == []

    @pytest.mark.parametrize(("queued", "sent"), [(START - HOUR, START), (START - DAY, START - 6 * HOUR)])
    def test_too_late_drops_it(self, work, queued, sent):
        come_in(PartFactory())
        queue_due_reminders(now=queued)
        assert work(sent) == []


def test_several_workers_and_one_that_was_killed_remind_everybody_once(work, monkeypatch):
    part = PartFactory()
    for number in range(5):
        come_in(part, number=number)
    monkeypatch.setattr("events.domain.reminders.BATCH_SIZE", 2)
    queue_due_reminders(now=START - DAY)
    OutboxMail.objects.filter(kind="reminder").order_by("-pk")[0].delete()  # killed before the last of them
    queue_due_reminders(now=START - DAY)
    queue_due_reminders(now=START - DAY)
    assert len(work(START - DAY)) == 5


@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries(rows):
    part = PartFactory()
    for number in range(rows):
        come_in(part, number=number)
    for moment, count in [
        (START - 2 * DAY, 1),  # nothing is due: the parts that begin within a day
        (START - DAY, 5),  # parts, the last seat, whether it has its mail; the seats, their mails
        (START - DAY, 3),  # all have theirs
    ]:
        with CaptureQueriesContext(connection) as queries:
            queue_due_reminders(now=moment)
        assert len(queries) == count, [query["sql"] for query in queries]
