"""Signing in to the back office: guessing is slowed down, said in the log, and never takes the processors away."""

import contextlib
import logging
import threading
import unicodedata
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import UsernameField
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.bounds import BoundedCharField, BoundedMixin
from wego_portal.foundation.rate_limit import forget_attempts, network_of, record_attempts

logger = logging.getLogger(__name__)

MAX_USERNAME_LENGTH = 150  # characters, as the model of accounts has it
MAX_PASSWORD_LENGTH = 4_096

# Attempts within ten minutes. An office behind one address shares the second number, so one colleague's mistakes lock
# out nobody else; and an account is never locked for its owner by who guesses from elsewhere.
MAX_BY_ACCOUNT_AND_NETWORK = 10
MAX_BY_NETWORK = 100

# A hash takes a large part of a second of a processor. Each process computes one at a time, and lets few wait for it.
MAX_QUEUED_LOGINS = 3
_queue_slots = threading.BoundedSemaphore(MAX_QUEUED_LOGINS)
_hashing = threading.Lock()


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait for the one place where passwords are hashed. Raises ValidationError where too many wait already."""
    if not _queue_slots.acquire(blocking=False):
        raise ValidationError(
            _("Many people are signing in at this moment. Wait a few seconds and try again."), code="busy"
        )
    try:
        with _hashing:
            yield
    finally:
        _queue_slots.release()


class BoundedUsernameField(BoundedMixin, UsernameField):
    """The name of a login, of at most as many characters as one can have."""


class LoginForm(AdminAuthenticationForm):
    """The sign-in form of the back office. Beyond the limits no password is looked at, right or wrong."""

    username = BoundedUsernameField(max_length=MAX_USERNAME_LENGTH, widget=forms.TextInput(attrs={"autofocus": True}))
    password = BoundedCharField(
        label=AdminAuthenticationForm.base_fields["password"].label,
        strip=False,
        max_length=MAX_PASSWORD_LENGTH,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean(self) -> dict[str, Any]:
        """Count the attempt, then check name and password; what fails is logged, without what was typed."""
        if self.errors:
            return self.cleaned_data
        assert self.request is not None, "the sign-in view gives it"
        network = network_of(self.request) or "this machine"
        name = unicodedata.normalize("NFKC", self.cleaned_data["username"]).casefold()
        now = timezone.now()
        keys = (f"network:{network}", f"account:{name}:{network}")
        of_network, of_account = record_attempts("login", *keys, now=now)
        if of_network > MAX_BY_NETWORK or of_account > MAX_BY_ACCOUNT_AND_NETWORK:
            self._log("refused, too many attempts", network)
            raise ValidationError(
                _("Too many attempts. Wait ten minutes, or ask a colleague who manages accounts for a new password."),
                code="too_many",
            )
        try:
            with _one_at_a_time():
                cleaned = super().clean()
        except ValidationError:
            self._log("failed", network)
            raise
        forget_attempts("login", keys[1], now=now)
        return cleaned

    def _log(self, what: str, network: str) -> None:
        """Say which account it was by its number. What was typed is not said: it may be a password."""
        accounts = get_user_model().objects.filter(username=self.cleaned_data["username"])
        number = accounts.values_list("pk", flat=True).first()
        account = f"account {number}" if number else "an unknown account"
        logger.warning("sign-in %s: %s, from %s", what, account, network)
