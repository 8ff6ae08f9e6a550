"""Sessions that are over go with the worker."""

import datetime

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone


@pytest.mark.django_db
def test_the_worker_deletes_sessions_that_are_over():
    for days in (-1, 1):
        session = SessionStore()
        session.set_expiry(timezone.now() + datetime.timedelta(days=days))
        session.save()
    call_command("worker", once=True)
    assert Session.objects.get().expire_date > timezone.now()
