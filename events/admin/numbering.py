"""Numbers that give themselves: what is left empty becomes the next one when it is saved."""

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import ContentForm


class NumberedForm(ContentForm):
    """Base of forms whose `number_field` counts the rows that share `counted_in`. Two of the same row may be left
    empty: each is numbered when it is saved, after those that were saved before it."""

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

    def save(self, commit=True):
        """The row with its number."""
        if getattr(self.instance, self.number_field) is None:
            setattr(self.instance, self.number_field, self._next_number())
        return super().save(commit)

    def _next_number(self):
        """One more than any number among the others."""
        whole = getattr(self.instance, f"{self.counted_in}_id")
        others = self._meta.model.objects.filter(**{self.counted_in: whole}).exclude(pk=self.instance.pk)
        return (others.aggregate(last=Max(self.number_field))["last"] or 0) + 1
