"""Text as visitors type it: names and titles of one line, and a few lines of their own words.

Here because the forms of both apps ask for such text, and none of it may break out of its line, or spoil a mail or an
export.
"""

import re
import unicodedata
from pathlib import Path
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .bounds import BoundedCharField
from .characters import REFUSED_CATEGORIES, REMOVED_CHARACTERS, UNREADABLE

_NEEDLESS = re.compile(f"[{REMOVED_CHARACTERS}{UNREADABLE}]")


def _is_refused(one: str) -> bool:
    return unicodedata.category(one) in REFUSED_CATEGORIES or _NEEDLESS.match(one) is not None


def validate_single_line(value: str) -> None:
    """Refuse line ends, control characters and unreadable ones; writing in any direction and emoji are fine."""
    if any(_is_refused(one) for one in value):
        raise ValidationError(_("Write it on one line, without control characters; type it rather than paste it."))


def validate_lines(value: str) -> None:
    """Refuse what `validate_single_line` does, but for line ends and tabs."""
    if any(_is_refused(one) for one in value if one not in "\r\n\t"):
        raise ValidationError(_("Write it without control characters; type it rather than paste it."))


# The names that end an internet address, as IANA delegates them, and those reserved for examples and local networks
# (RFC 6761); in ASCII and in their own writing.
TOP_LEVEL_DOMAINS = frozenset(Path(__file__).with_name("top_level_domains.txt").read_text("utf-8").split())
# What mail programs turn into a link. Our mails repeat names, and go to whatever address a stranger typed beside them.
LINK_START = re.compile(r"://|\bwww\.", re.IGNORECASE)
HOST_AND_PATH = re.compile(r"(?<=[\w-]{2})\.([^\s./:]{2,24})(?::\d{1,5})?/")


def validate_no_web_address(value: str) -> None:
    """Refuse what would become a link in a mail; "St. Gallen", "cars.com" and "Sr.Manager/Planning" are fine."""
    ends = (found[1].lower() for found in HOST_AND_PATH.finditer(value))
    if LINK_START.search(value) or any(end in TOP_LEVEL_DOMAINS or end.startswith("xn--") for end in ends):
        raise ValidationError(_("Write it without a web address."))


def has_visible_character(value: str) -> bool:
    """Whether a text has any character that shows, rather than spaces and invisible marks alone."""
    return any(unicodedata.category(character)[0] not in "CZ" for character in value)


class SingleLineField(BoundedCharField):
    """A text of one line, with inner spaces made single. What shows nothing counts as empty."""

    default_validators = [validate_single_line, validate_no_web_address]

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        is_refused = any(unicodedata.category(character) in REFUSED_CATEGORIES for character in text)
        if not is_refused and not has_visible_character(text):
            return ""
        return " ".join(word for word in text.split(" ") if word)


class LinesField(BoundedCharField):
    """A text of a few lines."""

    default_validators = [validate_lines]
    widget = forms.Textarea
