"""One fold of text for every comparison: search, and telling whether two names are the same.

Here because both apps search and compare names. The fold is computed here and stored in a column beside the text
(`FoldedField`), so that SQLite and PostgreSQL agree, whatever locale the database was made with. See
docs/decisions/0023-one-fold-for-comparing.md.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.core import checks
from django.db import IntegrityError, models, transaction
from django.db.models import Q

from .characters import COMBINING, INVISIBLE, without_surplus_marks
from .clean_text import CleanQuerySet, Row, clean_row, text_columns
from .rich_text import plain_text

MAX_FOLDED = 100_000  # characters of one text; what comes after is not found

_INVISIBLE = re.compile(f"[{INVISIBLE}]")
# Accents on Latin, Greek and Cyrillic letters are taken off. Other marks make another letter: か is not が.
_BEYOND_ASCII = (
    "\u00aa-\u02af\u0370-\u0482\u048a-\u052f\u1c80-\u1c8f\u1d00-\u1dbf\u1e00-\u1fff\u2c60-\u2c7f\ua640-\ua69d"
    "\ua720-\ua7ff\uab30-\uab6f"
)
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe20-\ufe2f"
_LETTERS = re.compile(f"[{_BEYOND_ASCII}]+")
_ACCENT = re.compile(f"[{_MARKS}]")
_ACCENTS = re.compile(f"(?<=[a-z{_BEYOND_ASCII}])[{_MARKS}]+")
# Letters that have no decomposition and that people leave out or spell in two letters.
_PLAIN_LETTERS = dict(zip("ıłøđħŧæœðþ", ["i", "l", "o", "d", "h", "t", "ae", "oe", "d", "th"], strict=True))
_PLAIN_LETTER = re.compile(f"[{''.join(_PLAIN_LETTERS)}]")


def fold(text: str) -> str:
    """The text for comparing: NFKC, without case, accents, invisible characters; each run of spaces is one space.

    The cost grows in proportion to the length, and 100,000 characters are looked at. Folding twice changes nothing.
    """
    text = text[:MAX_FOLDED]
    if not text.isascii():
        text = unicodedata.normalize("NFKC", without_surplus_marks(_INVISIBLE.sub("", text))).casefold()
        text = _LETTERS.sub(lambda letters: unicodedata.normalize("NFKD", letters[0]), text)
        if _ACCENT.search(text):
            text = _ACCENTS.sub("", text)
        text = _PLAIN_LETTER.sub(lambda letter: _PLAIN_LETTERS[letter[0]], unicodedata.normalize("NFC", text))
    return " ".join(text.lower().split())


_CLUSTER = re.compile(f"[^{COMBINING}{INVISIBLE}]?[{COMBINING}{INVISIBLE}]*", re.DOTALL)


def find_folded(text: str, words: str) -> Iterator[tuple[int, int]]:
    """Where `words` stand in the text, as (start, end) of each place in the text as it is written."""
    wanted = fold(words)
    if not wanted or wanted not in fold(text):
        return
    # Each folded character, and the span of the text that it stands for.
    folded: list[str] = []
    owners: list[tuple[int, int]] = []
    for match in _CLUSTER.finditer(text[:MAX_FOLDED]):
        letters = fold(match[0]) or (" " if match[0].isspace() else "")
        if letters == " " and folded[-1:] == [" "]:
            continue
        folded += letters
        owners += [match.span()] * len(letters)
    joined, start = "".join(folded), 0
    while (start := joined.find(wanted, start)) >= 0:
        end = start + len(wanted)
        yield owners[start][0], owners[end - 1][1]
        start = end


class FoldedField(models.TextField):
    """A column with the folds of other columns of the row, a line each, kept in step by saving.

    `sources` and `rich_text` name these columns, the latter those with markup. The model has to be a `FoldedModel`.
    """

    def __init__(self, sources: Iterable[str] = (), *, rich_text: Iterable[str] = (), **kwargs: Any) -> None:
        self.plain, self.rich_text = list(sources), list(rich_text)
        self.sources = frozenset([*self.plain, *self.rich_text])
        super().__init__(**{**kwargs, "default": "", "blank": True, "editable": False})

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        for constant in ("default", "blank", "editable"):
            kwargs.pop(constant, None)
        return name, path, args, {**kwargs, "sources": self.plain, "rich_text": self.rich_text}

    def check(self, **kwargs: Any) -> list[checks.CheckMessage]:
        errors = super().check(**kwargs)
        manager = self.model._default_manager
        if not issubclass(self.model, FoldedModel) or not isinstance(manager.get_queryset(), FoldedQuerySet):
            hint = "Derive the model from FoldedModel, and its queryset from FoldedQuerySet."
            error = checks.Error("A folded column is not kept in step.", hint=hint, obj=self, id="foundation.E001")
            errors.append(error)
        return errors

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = self.fold_of(model_instance)
        setattr(model_instance, self.attname, value)
        return value

    def fold_of(self, row: models.Model) -> str:
        r"""What the column holds for this row: "\nfirst\nsecond\n", or "" where all sources are empty."""
        lines = [fold(getattr(row, name)) for name in self.plain]
        lines += [fold(plain_text(getattr(row, name))) for name in self.rich_text]
        lines = [line for line in lines if line]
        return "\n".join(["", *lines, ""]) if lines else ""


def _folded_fields(model: type[models.Model]) -> list[FoldedField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, FoldedField)]


class FoldedQuerySet(CleanQuerySet[Row]):
    """Rows with folded columns, which are kept in step by what writes many rows at once, too."""

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        if kwargs.get("update_fields"):  # of rows that exist already; new ones are written whole
            stale = _stale_columns(self.model, kwargs["update_fields"])
            kwargs["update_fields"] = [*kwargs["update_fields"], *(field.name for field in stale)]
        return super().bulk_create(objs, *args, **kwargs)

    def _prepare_update(self, rows: list[Row], fields: list[str]) -> list[str]:
        fields = super()._prepare_update(rows, fields)
        stale = _stale_columns(self.model, fields)
        _refold(rows, stale)
        return [*fields, *(field.name for field in stale)]

    def update(self, **kwargs: Any) -> int:
        """Like Django's, with two more queries where a source is given without its folded column."""
        stale = _stale_columns(self.model, kwargs)
        if not stale:
            return super().update(**kwargs)
        with transaction.atomic(using=self.db):
            keys = list(self.values_list("pk", flat=True))
            count = super().update(**kwargs)
            rows = list(self.model._base_manager.filter(pk__in=keys))
            _refold(rows, stale)
            _write(rows, stale)
        return count


def _stale_columns(model: type[models.Model], names: Iterable[str]) -> list[FoldedField]:
    """The folded columns that are not among the columns of these names, though a source of theirs is."""
    names = set(names)
    fields = _folded_fields(model)
    return [field for field in fields if field.name not in names and not field.sources.isdisjoint(names)]


def _refold(rows: Iterable[models.Model], fields: list[FoldedField]) -> None:
    for row in rows:
        for field in fields:
            field.pre_save(row, add=False)


def _write(rows: Sequence[models.Model], fields: list[FoldedField]) -> None:
    if rows:
        stored: models.QuerySet[models.Model] = models.QuerySet(type(rows[0]))
        stored.bulk_update(rows, [field.name for field in fields], batch_size=100)


class FoldedModel(models.Model):
    """A row with folded columns, which are saved whenever one of their sources is."""

    objects = FoldedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        update_fields = kwargs.get("update_fields")
        for field in _folded_fields(type(self)):
            if update_fields is not None and not field.sources.isdisjoint(update_fields):
                kwargs["update_fields"] = {*kwargs["update_fields"], field.name}
            elif field.attname in self.get_deferred_fields() and not field.sources <= self.get_deferred_fields():
                setattr(self, field.attname, "")  # what is deferred would not be saved
        super().save(*args, **kwargs)


def folded_contains(text: str, column: str = "folded") -> Q:
    """A condition that the folded column (such as "place__folded") contains the text, whatever its case and accents."""
    return Q(**{f"{column}__contains": fold(text)})


def folded_begins(text: str, column: str = "folded") -> Q:
    """A condition that one of the texts of the folded column begins with the text."""
    return Q(**{f"{column}__contains": f"\n{fold(text)}"})


def folded_equals(text: str, column: str = "folded") -> Q:
    """A condition that one of the texts of the folded column is the text."""
    return Q(**{f"{column}__contains": f"\n{fold(text)}\n"})


def clean_and_fold(model: type[models.Model], *, batch_size: int = 500) -> int:
    """Clean the text of rows that are there already, and fill folded columns; returns how many rows changed.

    For data migrations: the model may be a historical one. Where a rule of the database forbids the cleaned text, such
    as one that two rows share then, the text stays.
    """
    columns, folded = text_columns(model), _folded_fields(model)
    if not columns:
        return 0
    names = [field.attname for field in [*columns, *folded]]
    rows, count, last = model._base_manager.only(*names).order_by("pk"), 0, None
    while batch := list((rows.filter(pk__gt=last) if last is not None else rows)[:batch_size]):
        last, refolded = batch[-1].pk, []
        for row in batch:
            before = {name: getattr(row, name) for name in names}
            clean_row(model, row)
            dirty = {field.attname: before[field.attname] for field in columns}
            if any(getattr(row, name) != text for name, text in dirty.items()) and not _update(row, dirty):
                for name, text in dirty.items():
                    setattr(row, name, text)
            _refold([row], folded)
            count += any(getattr(row, name) != value for name, value in before.items())
            if any(getattr(row, field.attname) != before[field.attname] for field in folded):
                refolded.append(row)
        _write(refolded, folded)
    return count


def _update(row: models.Model, names: Iterable[str]) -> bool:
    try:
        with transaction.atomic():
            values = {name: getattr(row, name) for name in names}
            return bool(models.QuerySet(type(row)).filter(pk=row.pk).update(**values))
    except IntegrityError:
        return False
