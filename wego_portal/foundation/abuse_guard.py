"""Forms that programs like to fill in: slowed down, counted, and beyond a limit asked a question; never a wall.

Here because both apps have such forms. Nothing of it needs a script or a third party, and who is asked once more finds
everything that was typed.
"""

import dataclasses
import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .bounds import BoundedCharField, sent_text
from .email_address import MAX_LENGTH, normalise_address
from .rate_limit import network_of, record_attempts

MIN_FILL_TIME = datetime.timedelta(seconds=2)
MAX_FILL_TIME = datetime.timedelta(hours=24)
STAMP_SALT = "foundation.guarded_form"
MAX_STAMP_LENGTH = 100  # characters; a signed number of seconds has some sixty
MAX_ANSWER_LENGTH = 20


@dataclasses.dataclass(frozen=True)
class Limits:
    """How often a form (`scope`) is taken within ten minutes before it asks: by email address, and by network."""

    scope: str
    by_address: int
    by_network: int


def stamp(moment: datetime.datetime) -> str:
    """A signed time for the hidden field that says when the form was fetched."""
    return Signer(salt=STAMP_SALT).sign(str(int(moment.timestamp())))


class GuardedForm(forms.Form):
    """Mixin for a form with an AddressField `email`, drawn with components/guard.html. Class attribute `limits`.

    The view asks `passes()` of a valid form before it acts. `now` (aware) is when the form is drawn or came back.
    """

    limits: Limits

    def __init__(self, *args: Any, now: datetime.datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now
        self.fetched_at = self._fetched_at()
        self.stamp = stamp(self.fetched_at or now)
        if "person" in self.data:
            self._ask()

    def passes(self, request: HttpRequest) -> bool:
        """Whether a valid form may be acted on; else it has an error that says what to do. One query, or none."""
        if self.fetched_at is None:
            self.add_error(
                None,
                gettext("This page has been open for more than a day. Please check your answers and send it again."),
            )
            return False
        if self.now - self.fetched_at < MIN_FILL_TIME:
            self.add_error(None, gettext("Please check your answers and press the button once more."))
            return False
        if self._is_suspect(request) and not self._is_answered():
            self._ask()
            self.add_error("person", gettext("Answer with a number, so that we know that a person sends this."))
            return False
        return True

    def _fetched_at(self) -> datetime.datetime | None:
        """When the form was fetched, as it says; None where it does not, or too long ago."""
        try:
            seconds = int(Signer(salt=STAMP_SALT).unsign(sent_text(self.data, "stamp", MAX_STAMP_LENGTH)))
        except (BadSignature, ValueError):
            return None
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
        return moment if self.now - moment <= MAX_FILL_TIME else None

    def _is_suspect(self, request: HttpRequest) -> bool:
        network = network_of(request)
        address = ("address", self.cleaned_data["email"], self.limits.by_address)
        counted = [*([("network", network, self.limits.by_network)] if network else []), address]
        counts = record_attempts(self.limits.scope, *(f"{kind}:{key}" for kind, key, _most in counted), now=self.now)
        above = any(count > most for count, (_kind, _key, most) in zip(counts, counted, strict=True))
        return above or bool(self.data.get("comment"))

    def _numbers(self) -> tuple[int, int]:
        """Two small numbers, others for each address and day, so that no answer serves for another address."""
        try:
            address = normalise_address(sent_text(self.data, "email", MAX_LENGTH))
        except ValidationError:
            address = ""  # the form is refused for it
        key = f"{self.limits.scope}:{self.now.date()}:{address}"
        digest = salted_hmac(STAMP_SALT, key).digest()
        return digest[0] % 8 + 2, digest[1] % 8 + 2

    def _ask(self) -> None:
        one, two = self._numbers()
        question = gettext("How much is %(one)s plus %(two)s?") % {"one": one, "two": two}
        self.fields["person"] = BoundedCharField(
            label=question,
            required=False,
            max_length=MAX_ANSWER_LENGTH,
            help_text=_("More came from your network or with this address than usual, so we ask."),
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        )

    def _is_answered(self) -> bool:
        try:
            return int(sent_text(self.data, "person", MAX_ANSWER_LENGTH).strip()) == sum(self._numbers())
        except ValueError:
            return False
