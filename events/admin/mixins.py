"""Form and admin bases that several admins of this app share: automatic numbers, and locks while a row is saved."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models import Max, Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.admin_bases import AdminBase
from wego_portal.foundation.constraint_admin import ConstraintForm

from ..domain.seat import lock_parts


class AutoNumberedForm(ConstraintForm):
    """Base of forms whose `number_field` may be left empty for the next number.

    The number counts the rows that share the foreign key `number_scope`. Several new rows of one formset may be left
    empty: each is numbered after those before it.
    """

    number_field = "number"
    number_scope = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields.get(self.number_field)
        if field is None:  # with the permission to view only, the form has no fields
            return
        field.required = False
        field.help_text = _("Empty: the next one.")
        if self.instance._state.adding:
            self.initial[self.number_field] = None

    def fill_from_siblings(self, rows: list[Model], submitted: Collection[Any]) -> None:
        """Give the row the number after those of all stored rows and of the new rows before it.

        Numbers that later rows of the formset have are passed over.
        """
        if getattr(self.instance, self.number_field) is not None or self.number_field in self.errors:
            return
        parent = getattr(self.instance, f"{self.number_scope}_id")
        stored = self._meta.model.objects.filter(**{self.number_scope: parent}).exclude(pk__in=submitted)
        index = next(index for index, row in enumerate(rows) if row is self.instance)
        earlier = [*(row for row in rows[index:] if not row._state.adding), *rows[:index]]
        numbers = [stored.aggregate(last=Max(self.number_field))["last"]]
        numbers += [getattr(row, self.number_field) for row in earlier]
        number = max((each for each in numbers if each is not None), default=0) + 1
        while number in [getattr(row, self.number_field) for row in rows[index:]]:
            number += 1
        setattr(self.instance, self.number_field, number)


class LockPartsAdminMixin(AdminBase):
    """For an admin of rows that belong to an event: locks the event's parts before it reads the row to be saved.

    So no registration takes, gives up or erases a seat between the read and the save. `event_pk_attribute` is the
    attribute of the row with the event's primary key.
    """

    event_pk_attribute = "event_id"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        """The row; read again under the lock where it is about to be saved or deleted.

        Only then does the admin call this in a transaction.
        """
        row = super().get_object(request, object_id, from_field)
        if row and request.method == "POST" and transaction.get_connection().in_atomic_block:
            lock_parts(event_id=getattr(row, self.event_pk_attribute))
            row = super().get_object(request, object_id, from_field)
        return row
