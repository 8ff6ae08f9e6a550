"""Numbers that give themselves: what is left empty becomes the next one."""

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.constraint_admin import ConstraintForm


class NumberedForm(ConstraintForm):
    """Base of forms whose `number_field` counts the rows that share `counted_in`. Two of the same row may be left
    empty: each is numbered after those before it."""

    number_field = "number"
    counted_in = ""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field = self.fields.get(self.number_field)
        if field is None:  # who may only look has no fields
            return
        field.required = False
        field.help_text = _("Empty: the next one.")
        if self.instance._state.adding:
            self.initial[self.number_field] = None

    def complete_instance(self, rows, decided):
        """Number the row after all that exist and the new ones before it, by a number that no later one has."""
        if getattr(self.instance, self.number_field) is not None or self.number_field in self.errors:
            return
        whole = getattr(self.instance, f"{self.counted_in}_id")
        stored = self._meta.model.objects.filter(**{self.counted_in: whole}).exclude(pk__in=decided)
        place = next(index for index, row in enumerate(rows) if row is self.instance)
        earlier = [*(row for row in rows[place:] if not row._state.adding), *rows[:place]]
        numbers = [stored.aggregate(last=Max(self.number_field))["last"]]
        numbers += [getattr(row, self.number_field) for row in earlier]
        number = max((each for each in numbers if each is not None), default=0) + 1
        while number in [getattr(row, self.number_field) for row in rows[place:]]:
            number += 1
        setattr(self.instance, self.number_field, number)
