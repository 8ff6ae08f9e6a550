"""Text as visitors type it: names and titles of one line, and a few lines of their own words.

Here because the forms of both apps ask for such text, and none of it may break out of its line, or spoil a mail or an
export.
"""

import re
import unicodedata

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .characters import NEEDLESS, REFUSED_CATEGORIES, UNREADABLE

_NEEDLESS = re.compile(f"[{NEEDLESS}{UNREADABLE}]")


def _is_refused(one):
    return unicodedata.category(one) in REFUSED_CATEGORIES or _NEEDLESS.match(one) is not None


def validate_single_line(value):
    """Refuse line ends, control characters and unreadable ones; writing in any direction and emoji are fine."""
    if any(_is_refused(one) for one in value):
        raise ValidationError(_("Write it on one line, without control characters; type it rather than paste it."))


def validate_lines(value):
    """Refuse what `validate_single_line` does, but for line ends and tabs."""
    if any(_is_refused(one) for one in value if one not in "\r\n\t"):
        raise ValidationError(_("Write it without control characters; type it rather than paste it."))


# What mail programs turn into a link. Our mails repeat names, and go to whatever address a stranger typed beside them.
WEB_ADDRESS = re.compile(r"://|\bwww\.|[a-z0-9-]{2,}\.[a-z]{2,}/", re.IGNORECASE)


def validate_no_web_address(value):
    """Refuse what would become a link in a mail; a dot, as in "St. Gallen" or "cars.com", is fine."""
    if WEB_ADDRESS.search(value):
        raise ValidationError(_("Write it without a web address."))


def has_something_to_see(value):
    """Whether a text has any character that shows, rather than spaces and invisible marks alone."""
    return any(unicodedata.category(character)[0] not in "CZ" for character in value)


class SingleLineField(forms.CharField):
    """A text of one line, with inner spaces made single. What shows nothing counts as empty."""

    default_validators = [validate_single_line, validate_no_web_address]

    def to_python(self, value):
        text = super().to_python(value)
        is_refused = any(unicodedata.category(character) in REFUSED_CATEGORIES for character in text)
        if not is_refused and not has_something_to_see(text):
            return ""
        return " ".join(word for word in text.split(" ") if word)


class LinesField(forms.CharField):
    """A text of a few lines."""

    default_validators = [validate_lines]
    widget = forms.Textarea
