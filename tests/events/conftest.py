"""Fixtures of the tests of events: a worker and what it mails."""

import io

import pytest
import time_machine
from django.core.management import call_command

from tests.moments import HOUR, NOW
from wego_portal.foundation.models import OutboxMail

from .mail_reading import send_all


@pytest.fixture
def send_mails(mailoutbox):
    """Send what is due an hour after NOW; returns the mails by their receivers."""
    return lambda: {mail["To"]: mail for mail in send_all(mailoutbox, NOW + HOUR)}


@pytest.fixture
def run_worker(mailoutbox):
    """Let a worker do all its jobs once at a moment; returns the sorted addresses and subjects of what it mails."""

    def run_at(moment):
        mailoutbox.clear()
        with time_machine.travel(moment, tick=False):
            call_command("worker", "--once", stdout=io.StringIO())
        assert not OutboxMail.objects.exclude(error="").exists()
        return sorted((mail.to[0], mail.subject) for mail in mailoutbox)

    return run_at
