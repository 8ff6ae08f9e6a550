"""Text as it is stored: without characters that would break a feed, a calendar file or an export.

Here because staff of both apps pastes text from elsewhere, and one row must not break an output for everybody. The
receiver `clean_row` runs before any row is saved; models whose typed text is written many rows at once have a
`CleanQuerySet`.
"""

import functools
import re
import unicodedata
from collections.abc import Iterable
from typing import Any, TypeVar

from django import forms
from django.db import models

from .characters import BYTE_ORDER_MARK, REMOVED_CHARACTERS, without_surplus_marks

Row = TypeVar("Row", bound=models.Model, covariant=True)

_LEFT_OUT = re.compile(f"[{REMOVED_CHARACTERS}{BYTE_ORDER_MARK}]")
_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_CONTROL_OR_LINE_END = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def clean_line(text: str) -> str:
    """A text of one line in NFC: control characters, tabs and line ends are a space, turning marks are left out."""
    return unicodedata.normalize("NFC", _line(text))


def _line(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    pieces = _CONTROL_OR_LINE_END.split(_without_what_is_left_out(text))
    if len(pieces) > 1:
        pieces = [stripped for piece in pieces if (stripped := piece.strip(" "))]
    return " ".join(pieces)


def _lines(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return _CONTROL.sub(" ", _LINE_END.sub("\n", _without_what_is_left_out(text)))


def _without_what_is_left_out(text: str) -> str:
    return without_surplus_marks(_LEFT_OUT.sub("", text))


@functools.cache
def text_columns(model: type[models.Model]) -> list[models.Field]:
    """The columns of a model that hold text that somebody typed; addresses have a normaliser of their own."""
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, models.CharField | models.TextField)
        and not isinstance(field, models.SlugField | models.EmailField)
        and field.choices is None
        and field.editable
        and not field.primary_key
    ]


def clean_value(field: models.Field, value: str) -> str:
    """The value for that column, cleaned. In the rare case that NFC is too long for the column, without that."""
    cleaned = _lines(value) if isinstance(field, models.TextField) else _line(value)
    composed = unicodedata.normalize("NFC", cleaned)
    return cleaned if field.max_length and len(composed) > field.max_length else composed


def clean_row(sender: type[models.Model], instance: models.Model, **kwargs: Any) -> None:
    """Clean the text columns of a row that is about to be saved; a receiver of `pre_save`."""
    loaded = instance.__dict__
    for field in text_columns(sender):
        value = loaded.get(field.attname)
        if isinstance(value, str) and (cleaned := clean_value(field, value)) != value:
            loaded[field.attname] = cleaned


class CleanTextForm(forms.ModelForm):
    """A form that looks at texts as they will be stored, so that what has nothing to see counts as empty."""

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]  # Django's stubs leave it out
        model: type[models.Model] = self._meta.model
        for column in text_columns(model):
            text = self.cleaned_data.get(column.name)
            if isinstance(text, str) and text:
                text = clean_value(column, text)
                self.cleaned_data[column.name] = text if text.strip() else ""
                if not text.strip() and self.fields[column.name].required:
                    self.add_error(column.name, self.fields[column.name].error_messages["required"])


class CleanQuerySet(models.QuerySet[Row]):
    """Rows whose text is cleaned by what writes many of them at once, too, since that sends no signal."""

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        objs = list(objs)
        for row in objs:
            clean_row(self.model, row)
        return super().bulk_create(objs, *args, **kwargs)

    def bulk_update(self, objs: Iterable[Row], fields: Iterable[str], *args: Any, **kwargs: Any) -> int:
        objs = list(objs)
        return super().bulk_update(objs, self._prepare_update(objs, list(fields)), *args, **kwargs)

    def _prepare_update(self, rows: list[Row], fields: list[str]) -> list[str]:
        """Clean rows before they are written; returns the names of the columns to write."""
        for row in rows:
            clean_row(self.model, row)
        return fields

    def update(self, **kwargs: Any) -> int:
        for field in text_columns(self.model):
            if isinstance(kwargs.get(field.name), str):
                kwargs[field.name] = clean_value(field, kwargs[field.name])
        return super().update(**kwargs)
