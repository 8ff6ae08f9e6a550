import datetime

import pytest
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


def come_in(part, number=1, now=NOW, **changes):
    """Register, with the first mail sent already."""
    registration = registered(part, now=now, number=number, **changes)
    outbox.send_due(now=now)
    return registration


def test_a_day_and_an_hour_before(run_worker):
    come_in(PartFactory(event__title_en="Cities"))
    assert run_worker(START - DAY - MINUTE) == []
    assert run_worker(START - DAY) == [("observer1@city.example", "A reminder: Cities")]
    assert run_worker(START - DAY + MINUTE) == []
    assert run_worker(START - HOUR - MINUTE) == []
    assert run_worker(START - HOUR) == [("observer1@city.example", "It begins soon: Cities")]
    assert run_worker(START - HOUR + MINUTE) == []
    assert run_worker(START) == []


def test_each_part_has_its_own(run_worker):
    event = EventFactory(title_en="Cities")
    one, two = PartFactory(event=event), PartFactory(event=event, date=datetime.date(2026, 12, 17))
    come_in([one, two])
    come_in(two, number=2)
    assert [to for to, _subject in run_worker(START - DAY)] == ["observer1@city.example"]
    assert len(run_worker(START + 6 * DAY)) == 2


def test_it_says_when_and_where_and_leads_to_the_room(run_worker, mailoutbox):
    event = EventFactory(title_en="Cities", title_ja="都市")
    one, two = PartFactory(event=event, room_url="https://rooms.example.org/r"), PartFactory(event=event, capacity=1)
    come_in(two, number=9, verified=True)
    registration = come_in([one, two], language="ja", name="山田 花子", verified=True)
    run_worker(START - HOUR)
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


def test_what_is_held_on_site_has_nothing_to_join(run_worker, mailoutbox):
    come_in(PartFactory(event__mode=Event.Mode.ONSITE))
    run_worker(START - DAY)
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
def test_who_has_just_got_the_place_is_not_reminded_of_it(run_worker, taken, moment, count):
    come_in(PartFactory(), now=taken)
    assert len(run_worker(moment)) == count


def test_a_worker_that_comes_late_still_reminds_but_not_too_late(run_worker):
    come_in(PartFactory(event__title_en="Cities"))
    assert run_worker(START - 6 * HOUR) == []
    assert run_worker(START - MINUTE) == [("observer1@city.example", "It begins soon: Cities")]
    other = PartFactory(date=datetime.date(2026, 12, 20))
    come_in(other, number=2)
    assert len(run_worker(START + 10 * DAY - 7 * HOUR)) == 1


def test_who_has_no_place_is_not_reminded(run_worker):
    part = PartFactory(capacity=2)
    come_in(part, verified=True)
    gone = come_in(part, number=2, verified=True)
    come_in(part, number=3, verified=True)
    cancel(registration=gone, now=NOW)  # the third moves up
    outbox.send_due(now=NOW)
    come_in(part, number=4, verified=True)
    assert [to for to, _subject in run_worker(START - DAY)] == ["observer1@city.example", "observer3@city.example"]


def test_a_moved_part_moves_its_reminders(run_worker):
    part = PartFactory()
    come_in(part)
    assert len(run_worker(START - DAY)) == 1
    part.date = datetime.date(2026, 12, 15)
    part.save()
    assert run_worker(START - HOUR) == []
    assert len(run_worker(START + 4 * DAY)) == 1
    assert run_worker(START + 4 * DAY + MINUTE) == []
    assert len(run_worker(START + 5 * DAY - HOUR)) == 1


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
    def test_another_plan_drops_it(self, run_worker, changes):
        part = PartFactory()
        come_in(part)
        queue_due_reminders(now=START - HOUR)
        for name, value in changes.items():
            setattr(part, name, value)
        part.save()
        assert run_worker(START - HOUR + MINUTE) == []
        assert OutboxMail.objects.get(kind="reminder").state == "dropped"

    def test_a_place_given_back_drops_it(self, run_worker):
        registration = come_in(PartFactory())
        queue_due_reminders(now=START - HOUR)
        cancel(registration=registration, now=START - HOUR)
        assert [subject.split(":")[0] for _to, subject in run_worker(START - HOUR + MINUTE)] == [
            "Your registration is cancelled"
        ]

    def test_an_erased_registration_drops_it(self, run_worker):
        come_in(PartFactory())
        queue_due_reminders(now=START - HOUR)
        Registration.objects.all().delete()
        assert run_worker(START - HOUR + MINUTE) == []

    @pytest.mark.parametrize(("queued", "sent"), [(START - HOUR, START), (START - DAY, START - 6 * HOUR)])
    def test_too_late_drops_it(self, run_worker, queued, sent):
        come_in(PartFactory())
        queue_due_reminders(now=queued)
        assert run_worker(sent) == []


def test_several_workers_and_one_that_was_killed_remind_everybody_once(run_worker, monkeypatch):
    part = PartFactory()
    for number in range(5):
        come_in(part, number=number)
    monkeypatch.setattr("events.domain.reminders.BATCH_SIZE", 2)
    queue_due_reminders(now=START - DAY)
    OutboxMail.objects.filter(kind="reminder").order_by("-pk")[0].delete()  # killed before the last of them
    queue_due_reminders(now=START - DAY)
    queue_due_reminders(now=START - DAY)
    assert len(run_worker(START - DAY)) == 5


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
