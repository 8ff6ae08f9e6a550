import datetime
import io

import pytest
import time_machine
from django.core.management import call_command

from tests.moments import MINUTE, NOW
from wego_portal.foundation import periodic
from wego_portal.foundation.models import OutboxMail


@pytest.fixture
def jobs(monkeypatch):
    """No job but those of the test."""
    monkeypatch.setattr(periodic, "_jobs", {})


def test_a_job_is_done_at_once_and_then_at_its_interval(jobs):
    done = []
    periodic.every(10 * MINUTE)(lambda now: done.append(now))
    schedule = periodic.Schedule()
    for minutes in (0, 1, 9, 10, 11, 25, 30, 35):
        schedule.do_due(now=NOW + minutes * MINUTE)
    assert [(now - NOW) // MINUTE for now in done] == [0, 10, 25, 35]


def test_one_that_fails_is_logged_and_tried_again_soon_and_the_others_are_done(jobs, caplog):
    tried, done = [], []

    @periodic.every(60 * MINUTE)
    def broken(*, now):
        tried.append(now)
        raise ValueError("broken")

    periodic.every(60 * MINUTE)(lambda now: done.append(now))
    schedule = periodic.Schedule()
    for minutes in (0, 4, 5, 6):
        schedule.do_due(now=NOW + minutes * MINUTE)
    assert ([(now - NOW) // MINUTE for now in tried], len(done)) == ([0, 5], 1)
    assert [record.getMessage() for record in caplog.records] == [f"job {broken.__qualname__} failed"] * 2


@pytest.mark.django_db
def test_the_worker_does_them():
    old = NOW - datetime.timedelta(days=40)
    OutboxMail.objects.create(kind="x", deduplication_key="x", state="dropped", created_at=old, send_after=old)
    with time_machine.travel(NOW, tick=False):
        call_command("worker", "--once", stdout=io.StringIO())
    assert not OutboxMail.objects.exists()
