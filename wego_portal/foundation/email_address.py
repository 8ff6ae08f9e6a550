"""Email addresses: the one spelling under which an address is kept and compared, however it was typed.

Here because the forms, lists and searches of both apps take addresses, and each has to see the same person in them.
"""

import unicodedata
from typing import Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from .bounds import BoundedMixin

MAX_LENGTH = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets
MAX_LOCAL_LENGTH = 64  # RFC 5321, 4.5.3.1.1
UNREACHABLE = ("localhost", "invalid")  # top-level names that no mail server serves (RFC 6761, 6.3 and 6.4)
JOINERS = "\u200c\u200d"  # invisible, but part of some domains in Persian and Indic writing (RFC 5892, A.1 and A.2)

INVALID = _("Enter an email address like name@city.go.jp.")
TOO_LONG = _("An email address has at most 254 characters.")
WRONG_LOCAL_PART = _("Before the @ our mails reach only letters from a to z, digits, and signs such as . - _ +.")
WRONG_DOMAIN = _("No mail can be sent to what stands after the @. Write a domain like city.go.jp.")

_check = EmailValidator(allowlist=[])  # without its exception for localhost


def normalise_address(typed: str) -> str:
    """The spelling under which an email address is kept: ASCII in lower case, the domain as IDNA encodes it.

    What cannot be seen (format characters such as U+200B, U+00AD and U+202C, and space around it) is left out, and full
    width is folded. Raises ValidationError, with the reason, where no mail could be sent to it. Looks at no more than
    254 characters.
    """
    if len(typed) > MAX_LENGTH:
        raise ValidationError(TOO_LONG)
    seen = "".join(each for each in typed if unicodedata.category(each) != "Cf" or each in JOINERS)
    local, _at, domain = unicodedata.normalize("NFKC", seen).strip().strip(JOINERS).lower().rpartition("@")
    local = _without_joiners(local)
    if not local or not domain:
        raise ValidationError(INVALID)
    if not local.isascii() or '"' in local:
        raise ValidationError(WRONG_LOCAL_PART)
    address = f"{local}@{_ascii_domain(domain)}"
    if len(address) > MAX_LENGTH or len(local) > MAX_LOCAL_LENGTH:
        raise ValidationError(TOO_LONG if len(address) > MAX_LENGTH else INVALID)
    try:
        _check(address)
    except ValidationError:
        raise ValidationError(INVALID)
    return address


def _ascii_domain(domain: str) -> str:
    """The domain in ASCII. Raises ValidationError where it cannot be one that takes mail."""
    if _without_joiners(domain).isascii():
        domain = _without_joiners(domain)
    if not domain.isascii() or "xn--" in domain:
        try:
            domain = idna.encode(domain, uts46=True, std3_rules=True).decode()
        except idna.IDNAError:
            raise ValidationError(WRONG_DOMAIN)
    last = domain.rpartition(".")[2]
    if "." not in domain or domain.startswith("[") or last.isdigit() or last in UNREACHABLE:
        raise ValidationError(WRONG_DOMAIN)
    return domain


def _without_joiners(text: str) -> str:
    return text.translate({ord(joiner): None for joiner in JOINERS})


def unicode_spelling(address: str) -> str:
    """A normalised address with its domain as people read it: "user@bücher.example"."""
    local, _at, domain = address.rpartition("@")
    try:
        return f"{local}@{idna.decode(domain)}" if "xn--" in domain else address
    except idna.IDNAError:
        return address


class AddressField(BoundedMixin, forms.CharField):
    """An email address, given back as `normalise_address` spells it."""

    widget = forms.EmailInput
    default_error_messages = {"required": _("Enter your email address.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=MAX_LENGTH, strip=False, **kwargs)

    def to_python(self, value: str | None) -> str:
        if not value or (len(value) <= MAX_LENGTH and value.isspace()):
            return ""
        return normalise_address(value)
