"""Text per language with fallback to what exists, marked with its language.

Here because titles, summaries and bodies of both apps are written in up to three languages.
"""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from translated_fields import TranslatedField, to_attribute

INTERFACE_LANGUAGES = [code for code, _name in settings.LANGUAGES]


class Text(str):
    """A text that knows the language it is written in (`language`, "" for no text)."""

    language = ""

    def __new__(cls, value: str, language: str) -> "Text":
        text = super().__new__(cls, value)
        text.language = language
        return text


def best_text(instance: models.Model, name: str) -> Text:
    """`name` of `instance` in the active language, else in the original one, else in any that exists."""
    active = get_language() or settings.LANGUAGE_CODE
    wanted = [active, getattr(instance, "original_language", ""), *INTERFACE_LANGUAGES]
    for language in wanted:
        value = getattr(instance, to_attribute(name, language), "") if language in INTERFACE_LANGUAGES else ""
        if value:
            return Text(value, language)
    return Text("", "")


def translated(field: models.Field) -> TranslatedField:
    """Three columns, one a language (`title_en`, `title_ja`, `title_ko`); `obj.title` is the best for the reader."""
    return TranslatedField(field, attrgetter=lambda name, field: lambda instance: best_text(instance, name))


def has_text(name: str) -> Q:
    """A condition for a check constraint: at least one language has a text."""
    condition = Q()
    for language in INTERFACE_LANGUAGES:
        condition |= ~Q(**{to_attribute(name, language): ""})
    return condition


def in_languages(*names: str) -> list[str]:
    """The columns of translated texts: `title` is in `title_en`, `title_ja` and `title_ko`."""
    return [to_attribute(name, language) for name in names for language in INTERFACE_LANGUAGES]


def original_language_field() -> models.CharField:
    """The language in which the texts of a row were first written."""
    return models.CharField(
        _("original language"),
        max_length=2,
        choices=settings.LANGUAGES,
        default="en",
        help_text=_(
            "The language this was first written in; readers of other languages see it where a translation is missing."
        ),
    )
