"""Writes rows of the data files to the database.

In a row, a text in several languages is `{"en": …, "ja": …, "ko": …}`; another object is its slug, a language its code,
a place "Seoul, KR"; a partial date is "2010", "2010-09" or "2010-09-06".
"""

import datetime
import json
from collections import Counter
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from django.core.exceptions import ObjectDoesNotExist
from django.db import models
from django.forms.models import model_to_dict

from organizations.models import Language, Place
from wego_portal.foundation.partial_dates import Precision
from wego_portal.foundation.publication import PublishedModel
from wego_portal.foundation.slugs import OldSlug, SluggedModel

DATA = Path(__file__).parent / "data"

# A row as it stands in JSON, or with values of model fields: what it holds is only known to the model.
Row: TypeAlias = dict[str, Any]

Instance = TypeVar("Instance", bound=models.Model)

PRECISION_BY_LENGTH = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}


def read_rows(name: str) -> list[Row]:
    """Return the rows of `data/<name>.json`."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


def parse_partial_date(text: str) -> tuple[datetime.date, Precision]:
    """Parse "2010-09" as (date(2010, 9, 1), Precision.MONTH). Raises ValueError or KeyError for anything else."""
    precision = PRECISION_BY_LENGTH[len(text)]
    return datetime.date.fromisoformat(text + "-01" * (3 - len(text.split("-")))), precision


class Rows:
    """Writes rows to the database, and counts what it did.

    An object that exists is not changed, and neither is what belongs to it, because staff may have edited it. With
    `refresh` its fields are set to those of the row. Nothing is ever deleted.
    """

    def __init__(self, *, refresh: bool = False) -> None:
        self.refresh = refresh
        self.created: Counter[str] = Counter()
        self.refreshed: Counter[str] = Counter()
        self._found: dict[tuple[type[models.Model], str], models.Model] = {}

    def put(
        self, model: type[Instance], row: Row, *, key: tuple[str, ...] = ("slug",), refreshable: bool = True
    ) -> tuple[Instance, bool]:
        """Create or refresh the object of `row`. Returns it, and whether it was written.

        `key` names the fields that identify it. Raises ValidationError if the row is not valid.
        """
        values, many = self._values(model, row)
        existing = self._existing(model, {name: values[name] for name in key})
        if existing and not (self.refresh and refreshable):
            return existing, False
        instance = existing or model()
        if issubclass(model, PublishedModel):
            values.setdefault("publication", "published")
        before = existing and self._state(existing, many)
        for name, value in values.items():
            setattr(instance, name, value)
        instance.full_clean()
        instance.save()
        for name, members in many.items():
            getattr(instance, name).set(members)
        if not existing:
            self.created[model._meta.label_lower] += 1
        elif before != self._state(instance, many):
            self.refreshed[model._meta.label_lower] += 1
        return instance, True

    def find(self, model: type[models.Model], name: str) -> Any:
        """Return the object that rows refer to as `name`. Raises ObjectDoesNotExist if there is none."""
        known: Any = self._found.get((model, name))
        if known is None:
            if model is Language:
                known = model._default_manager.get(code=name)
            elif model is Place:
                place, _, country = name.rpartition(", ")
                known = model._default_manager.get(name_en=place, country=country)
            else:
                known = self._existing(model, {"slug": name})
                if known is None:
                    raise ObjectDoesNotExist(f"No {model._meta.verbose_name} “{name}”.")
            self._found[model, name] = known
        return known

    def _existing(self, model: type[Instance], lookup: Row) -> Instance | None:
        found = model._default_manager.filter(**lookup).first()
        if found is None and issubclass(model, SluggedModel) and "slug" in lookup:
            # Staff may have given it a new slug.
            old_slug = OldSlug.objects.filter(kind=model._meta.label, slug=lookup["slug"]).first()
            if old_slug:
                found = model._default_manager.filter(pk=old_slug.object_id).first()
        return found

    def _values(self, model: type[models.Model], row: Row) -> tuple[Row, dict[str, list[Any]]]:
        """The values of the row by field, and the members of its many-to-many fields."""
        values: Row = {}
        many: dict[str, list[Any]] = {}
        for name, value in row.items():
            if isinstance(value, dict):
                values.update({f"{name}_{language}": text for language, text in value.items()})
                continue
            field = model._meta.get_field(name)
            if field.many_to_many:
                many[name] = [self._object(field, each) for each in value]
            elif isinstance(field, models.ForeignKey):
                values[name] = self._object(field, value)
            elif isinstance(field, models.DateField) and isinstance(value, str):
                values[name], precision = parse_partial_date(value)
                if any(other.name == f"{name}_precision" for other in model._meta.fields):
                    values[f"{name}_precision"] = precision
            else:
                values[name] = value
        return values, many

    def _object(self, field: Any, value: Any) -> Any:
        return self.find(field.related_model, value) if isinstance(value, str) else value

    def _state(self, instance: models.Model, many: dict[str, list[Any]]) -> tuple[Row, dict[str, set[Any]]]:
        own = model_to_dict(instance, fields=[field.name for field in instance._meta.fields])
        return own, {name: set(getattr(instance, name).values_list("pk", flat=True)) for name in many}

    def summary(self) -> str:
        """Return one line that says what was done."""
        if not self.created and not self.refreshed:
            return "Demo content: nothing to do, all of it is there."
        total = ", ".join(
            f"{count} {label.split('.')[1]}" for label, count in (self.created + self.refreshed).most_common()
        )
        return f"Demo content: {self.created.total()} rows created, {self.refreshed.total()} refreshed ({total})."
