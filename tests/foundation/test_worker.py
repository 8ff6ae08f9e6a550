"""The worker as a process of its own, on the test's database, against a real mail server."""

import datetime
import os
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.utils import timezone

from events.models import Part
from tests.factories.events import PartFactory
from tests.factories.registrations import registered
from tests.serving import database_url
from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE = 60  # seconds; polled, not slept through


# A worker that kills itself as `kill -9` would, at a point of its third mail. The command is the portal's own; what it
# calls is wrapped in the child alone.
KILLED_AT = """
import os, signal, sys
import django
from django.core.mail.backends.smtp import EmailBackend
from django.core.management import call_command

django.setup()
from wego_portal.foundation import outbox

def killed(owner, name, *, after, calls=[]):
    function = getattr(owner, name)
    def counted(*args, **kwargs):
        calls.append(1)
        if len(calls) == 3 and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = function(*args, **kwargs)
        if len(calls) == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(owner, name, counted)

owner, name, moment = sys.argv[1:]
killed({"outbox": outbox, "backend": EmailBackend}[owner], name, after=moment == "after")
call_command("worker")
"""
# point: what is wrapped, mails at the sink by then, mails marked as sent, mails held by the dead worker
POINTS = {
    "before the lease": ("outbox _lease_next before", 2, 2, 0),
    "after the lease": ("outbox _lease_next after", 2, 2, 1),
    "before sending": ("backend send_messages before", 2, 2, 1),
    "after sending, before marking": ("backend send_messages after", 3, 2, 1),
    "after marking": ("outbox _finish after", 3, 3, 0),
}

# A worker in a hurry: it waits for the mail server, and for mails, a tenth of a second.
HASTY = """
import datetime
import django
from django.core.management import call_command

django.setup()
from wego_portal.foundation import outbox
from wego_portal.foundation.management.commands import worker

outbox.SERVER_RETRY_DELAY, worker.IDLE_SECONDS = datetime.timedelta(seconds=0.1), 0.1
call_command("worker")
"""


def registrations(*numbers):
    """Register observers with these numbers for a part that lies ahead by the clock of the worker's process."""
    now = timezone.now()
    part = Part.objects.first() or PartFactory(date=now.date() + datetime.timedelta(days=30))
    for number in numbers:
        registered(part, now=now, number=number)


@pytest.fixture
def start(server):
    running = []

    def begin(*arguments, code=None):
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(connection),
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "wego_portal.settings",
        }
        given = ["-c", code] if code else ["manage.py", "worker"]
        command = [sys.executable, *given, *arguments]
        process = subprocess.Popen(
            command, cwd=django_settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait()


def wait_for(condition):
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def test_it_sends_what_is_queued_and_stops_on_a_signal(start, server):
    registrations(1)
    worker = start()
    wait_for(lambda: len(server.received) == 1)
    registrations(2)
    wait_for(lambda: len(server.received) == 2)
    wait_for(lambda: OutboxMail.objects.filter(state="sent").count() == 2)
    worker.send_signal(signal.SIGTERM)
    output, _ = worker.communicate(timeout=DEADLINE)
    assert worker.returncode == 0, output
    assert output.decode().splitlines()[-1] == "worker stopped"


@pytest.fixture
def queued():
    """Six registrations with their mails; the Message-ID that each mail has to have."""
    registrations(*range(6))
    return {mail.message_id for mail in OutboxMail.objects.all()}


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_it_loses_nothing_and_repeats_at_most_the_mail_in_flight(start, server, queued, point):
    wrapped, arrived, marked, held = POINTS[point]
    worker = start(*wrapped.split(), code=KILLED_AT)
    assert worker.wait(timeout=DEADLINE) == -signal.SIGKILL, worker.stdout.read()
    assert len(server.received) == arrived
    assert OutboxMail.objects.filter(state="sent").count() == marked
    assert OutboxMail.objects.filter(leased_until__isnull=False).count() == held
    # While the dead worker's lease lasts its mail is left alone, and the others leave.
    outbox.send_due()
    assert OutboxMail.objects.exclude(state="sent").count() == held
    outbox.send_due(now=timezone.now() + outbox.LEASE_DURATION)
    assert set(OutboxMail.objects.values_list("state", flat=True)) == {"sent"}
    received = [message["Message-ID"] for message in server.received]
    assert set(received) == queued
    assert len(received) == len(queued) + arrived - marked


def test_a_mail_server_that_is_away_for_a_while_costs_no_mail(start, server, queued):
    server.stop()
    start(code=HASTY)
    wait_for(lambda: OutboxMail.objects.exclude(error="").count() == len(queued))
    assert set(OutboxMail.objects.values_list("state", "attempts")) == {("queued", 0)}
    server.start()
    wait_for(lambda: OutboxMail.objects.filter(state="sent").count() == len(queued))
    received = [message["Message-ID"] for message in server.received]
    assert (set(received), len(received)) == (queued, len(queued))


def test_several_workers_send_each_mail_once(start, server, queued):
    registrations(*range(6, 46))
    workers = [start("--once") for _ in range(3)]
    assert [worker.wait(timeout=DEADLINE) for worker in workers] == [0, 0, 0]
    assert set(OutboxMail.objects.values_list("state", flat=True)) == {"sent"}
    received = [message["Message-ID"] for message in server.received]
    assert len(received) == len(set(received)) == 46
