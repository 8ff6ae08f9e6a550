"""Rows of the data files, turned into objects of the models.

How a row is written: a text in several languages is `{"en": …, "ja": …, "ko": …}`; another object is named by its
slug, a language by its code, a place by "Seoul, KR"; a partial date is "2010", "2010-09" or "2010-09-06".
"""

import datetime
import json
from collections import Counter
from pathlib import Path

from django.db import models
from django.forms.models import model_to_dict

from organizations.models import Language, Place
from wego_portal.foundation.partial_dates import Precision
from wego_portal.foundation.publication import PublishedModel
from wego_portal.foundation.slugs import OldSlug, SluggedModel

DATA = Path(__file__).parent / "data"

PRECISION_OF_LENGTH = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}


def read(noun):
    """The rows of `data/<noun>.json`."""
    return json.loads((DATA / f"{noun}.json").read_text(encoding="utf-8"))


def partial(text):
    """Read "2010-09" as (date(2010, 9, 1), Precision.MONTH). Raises ValueError or KeyError for anything else."""
    precision = PRECISION_OF_LENGTH[len(text)]
    return datetime.date.fromisoformat(text + "-01" * (3 - len(text.split("-")))), precision


class Rows:
    """Puts rows into the database, and counts what it did.

    An object that exists is left as it is, with all that hangs on it, because staff may have edited it; with `refresh`
    its fields are set to those of the row. Nothing is ever deleted.
    """

    def __init__(self, *, refresh=False):
        self.refresh = refresh
        self.created = Counter()
        self.refreshed = Counter()
        self._found = {}

    def put(self, model, row, *, key=("slug",), refreshable=True):
        """Create the object of `row`. Returns it and whether its children are to be put as well.

        `key` names the fields that identify it. Raises ValidationError when the row breaks a rule of the model.
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

    def find(self, model, name):
        """The object that a row calls `name`. Raises `model.DoesNotExist` when there is none."""
        known = self._found.get((model, name))
        if known is None:
            if model is Language:
                known = model.objects.get(code=name)
            elif model is Place:
                place, _, country = name.rpartition(", ")
                known = model.objects.get(name_en=place, country=country)
            else:
                known = self._existing(model, {"slug": name})
                if known is None:
                    raise model.DoesNotExist(f"No {model._meta.verbose_name} “{name}”.")
            self._found[model, name] = known
        return known

    def _existing(self, model, lookup):
        found = model.objects.filter(**lookup).first()
        if found is None and issubclass(model, SluggedModel) and "slug" in lookup:
            # Staff may have given it a new address; then it is still the same object.
            old = OldSlug.objects.filter(kind=model._meta.label, slug=lookup["slug"]).first()
            found = old and model.objects.filter(pk=old.object_id).first()
        return found

    def _values(self, model, row):
        values, many = {}, {}
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
                values[name], precision = partial(value)
                if any(other.name == f"{name}_precision" for other in model._meta.fields):
                    values[f"{name}_precision"] = precision
            else:
                values[name] = value
        return values, many

    def _object(self, field, value):
        return self.find(field.related_model, value) if isinstance(value, str) else value

    def _state(self, instance, many):
        own = model_to_dict(instance, fields=[field.name for field in instance._meta.fields])
        return own, {name: set(getattr(instance, name).values_list("pk", flat=True)) for name in many}

    def summary(self):
        """What was done, in one line."""
        if not self.created and not self.refreshed:
            return "Demo content: nothing to do, all of it is there."
        total = ", ".join(
            f"{count} {label.split('.')[1]}" for label, count in (self.created + self.refreshed).most_common()
        )
        return f"Demo content: {self.created.total()} rows created, {self.refreshed.total()} refreshed ({total})."
