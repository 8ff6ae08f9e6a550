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

from tests.factories.events import PartFactory
from tests.factories.registrations import registered
from wego_portal.foundation.models import OutboxMail

pytestmark = pytest.mark.django_db(transaction=True)

DEADLINE = 60  # seconds; polled, not slept through
NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)


def database_url():
    """The test's database as the worker's setting names it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    if given["HOST"].startswith("/"):  # a socket in this folder
        return f"postgres://{given['USER']}@/{given['HOST']}/{given['NAME']}"
    return f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


@pytest.fixture
def start(server):
    running = []

    def begin(*arguments):
        environment = {
            **os.environ,
            "DATABASE_URL": database_url(),
            "EMAIL_URL": f"smtp://127.0.0.1:{server.port}",
            "PYTHONUNBUFFERED": "1",
        }
        command = [sys.executable, "manage.py", "worker", *arguments]
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


def test_it_sends_what_is_queued_and_stops_when_told(start, server):
    part = PartFactory()
    registered(part, now=NOW, number=1)
    worker = start()
    wait_for(lambda: len(server.received) == 1)
    registered(part, now=NOW, number=2)
    wait_for(lambda: len(server.received) == 2)
    wait_for(lambda: OutboxMail.objects.filter(state="sent").count() == 2)
    worker.send_signal(signal.SIGTERM)
    output, _ = worker.communicate(timeout=DEADLINE)
    assert worker.returncode == 0, output
    assert output.decode().splitlines()[-1] == "worker stopped"


def test_killed_it_loses_nothing(start, server):
    part = PartFactory()
    for number in range(20):
        registered(part, now=NOW, number=number)
    first = start()
    wait_for(lambda: len(server.received) >= 3)
    first.kill()
    first.wait()
    # Its lease is over at once here rather than after five minutes.
    OutboxMail.objects.update(leased_until=None, leased_by=None)
    assert start("--once").wait(timeout=DEADLINE) == 0
    received = [message["Message-ID"] for message in server.received]
    assert len(set(received)) == 20
    assert len(received) <= 21
