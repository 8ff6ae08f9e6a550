"""Constraints of the database, judged for all rows of a save together, as they will be once it is done.

Here because the admins of both apps save rows that can break them. Django judges them row by row against what is
stored, and leaves out fields that a form lacks: the parent of an inline's row, and the row's own primary key.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any, cast

from django.contrib.admin.utils import NestedObjects
from django.core.exceptions import ValidationError
from django.db import router
from django.db.models import CheckConstraint, F, Field, Model, Q, UniqueConstraint
from django.forms import ModelForm
from django.utils.translation import gettext as _


def unique_constraints(model: type[Model]) -> list[UniqueConstraint]:
    """The unique constraints of a model; a unique field, and fields that are unique together, count as one each."""
    columns = [field for field in model._meta.concrete_fields if field.unique and not field.primary_key]
    sets: list[tuple[str, ...]] = [*((field.name,) for field in columns), *model._meta.unique_together]
    named = [constraint for constraint in model._meta.constraints if isinstance(constraint, UniqueConstraint)]
    return [*(UniqueConstraint(fields=names, name="_".join(names)) for names in sets), *named]


def check_constraints(model: type[Model]) -> list[CheckConstraint]:
    """The check constraints of a model."""
    return [constraint for constraint in model._meta.constraints if isinstance(constraint, CheckConstraint)]


def constraint_fields(constraint: CheckConstraint | UniqueConstraint) -> list[str]:
    """The fields a constraint reads, first those beside which a violation is best said.

    That is the last field of a unique set, what is compared with another field or must be given, else the first.
    """
    lookups = list(_lookups(constraint.condition)) if isinstance(constraint.condition, Q) else []
    mended = [name for name, kind, value in lookups if isinstance(value, F) or (kind == "isnull" and not value)]
    # Django's stubs leave the name of an F out.
    references = [value.name for _name, _kind, value in lookups if isinstance(value, F)]  # type: ignore[attr-defined]
    unique = constraint.fields if isinstance(constraint, UniqueConstraint) else ()
    return list(dict.fromkeys([*reversed(unique), *mended, *(name for name, *_ in lookups), *references]))


def _lookups(condition: Q) -> Iterator[tuple[str, str, Any]]:
    """(field, lookup, value) of all that a condition asks."""
    for child in condition.children:
        if isinstance(child, Q):
            yield from _lookups(child)
        elif isinstance(child, tuple):
            name, _separator, kind = child[0].partition("__")
            yield name, kind, child[1]


def field_to_mark(form: ModelForm, constraint: CheckConstraint | UniqueConstraint) -> str | None:
    """The field of the form beside which a violation is said; None, which is above the form, where it shows none."""
    shown = (name for name in constraint_fields(constraint) if name in form.fields)
    return next((name for name in shown if not form.fields[name].widget.is_hidden), None)


def add_violations(
    forms: list[ModelForm], *, changed: Collection[ModelForm], decided: Collection[Any], parent: str | None = None
) -> None:
    """Add to each of the `changed` forms what its instance would break in the final state, beside the field.

    `forms` hold all rows that stay; `decided` are the primary keys of stored rows that this save changes or deletes,
    so that what is stored of them does not count. `parent` is the foreign key that all rows share, if any.
    """
    model, touched = forms[0]._meta.model, set(changed)
    for form in changed:
        for check in check_constraints(model):
            try:
                check.validate(model, form.instance, exclude=set(form.errors))
            except ValidationError as error:
                form.add_error(field_to_mark(form, check), error)
    for constraint in unique_constraints(model):
        if forms[0].fields.keys().isdisjoint(constraint.fields):  # nobody can break it here
            continue
        taken = set()
        for form in sorted(forms, key=touched.__contains__):  # of two rows, the one that was changed is marked
            key = _key(constraint, form, parent)
            if key is None:
                continue
            if form in touched and (key in taken or _is_stored(constraint, form.instance, decided)):
                form.add_error(field_to_mark(form, constraint), _unique_error(constraint, form.instance))
            taken.add(key)


def _key(constraint: UniqueConstraint, form: ModelForm, parent: str | None) -> tuple | None:
    """What may occur only once among rows of one parent, which may have no primary key yet; None if it does not count.

    A value without value (NULL) makes a row differ from every other, and so does a condition that it does not meet.
    """
    if not set(form.errors).isdisjoint(constraint.fields):
        return None
    key = _values(constraint, form.instance)
    if parent:
        key.pop(parent, None)
    if None in key.values() or not _meets(constraint.condition, form.instance):
        return None
    return tuple(key.values())


def _values(constraint: UniqueConstraint, instance: Model) -> dict[str, Any]:
    columns = [cast("Field[object, object]", instance._meta.get_field(name)) for name in constraint.fields]
    return {column.name: getattr(instance, column.attname) for column in columns}


def _meets(condition: Q | None, instance: Model) -> bool:
    if condition is None:
        return True
    try:
        CheckConstraint(condition=condition, name="condition").validate(type(instance), instance)
    except ValidationError:
        return False
    return True


def _is_stored(constraint: UniqueConstraint, instance: Model, decided: Collection[Any]) -> bool:
    """Whether another row that this save does not touch has the values already."""
    values = _values(constraint, instance)
    if None in values.values():  # the parent is new
        return False
    stored = type(instance)._base_manager.filter(constraint.condition or Q(), **values)
    return stored.exclude(pk__in=decided).exists()


def _unique_error(constraint: UniqueConstraint, instance: Model) -> ValidationError:
    if constraint.violation_error_message == constraint.default_violation_error_message:
        return instance.unique_error_message(type(instance), constraint.fields)
    return ValidationError(constraint.get_violation_error_message(), code=constraint.violation_error_code)


def deletion_error(instance: Model) -> ValidationError | None:
    """Why a row cannot be deleted: what refers to it and is protected, by kind and number, without naming anybody."""
    collector = NestedObjects(using=router.db_for_write(type(instance), instance=instance))
    collector.collect([instance])
    if not collector.protected:
        return None
    counts = Counter(str(row._meta.verbose_name_plural) for row in collector.protected)
    what = ", ".join(f"{words}: {count}" for words, count in sorted(counts.items()))
    message = _("“%(row)s” cannot be deleted, because it is still in use (%(what)s).")
    return ValidationError(message, code="deleting_protected", params={"row": instance, "what": what})
