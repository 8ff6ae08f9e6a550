"""Forms that lock the fields registrants were notified of: with a seat taken, only the reschedule tool changes them."""

import datetime

from django import forms
from django.contrib.admin.widgets import AdminDateWidget, AdminTimeWidget, FilteredSelectMultiple
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.constraint_admin import ConstraintForm

from ..models import Part, Seat
from .mixins import AutoNumberedForm

EXPECTED_STATUSES = [status for status in Part.Status if status not in Part.POSTPONED_OR_CANCELLED_STATUSES]


def parts_with_registrants(now: datetime.datetime) -> QuerySet[Part]:
    """Parts in which somebody has or asks for a seat, and that are not over at the aware datetime `now`."""
    seats = Seat.objects.active().filter(part=OuterRef("pk"))
    return Part.objects.filter(Exists(seats)).exclude(latest__lte=now, status__in=EXPECTED_STATUSES)


def suggest_time_zones(field: forms.Field) -> None:
    """Let the field offer the zones that its page lists by the template tag `time_zone_list`."""
    field.widget.attrs["list"] = "time-zones"


class LockedFieldsForm(ConstraintForm):
    """Base of forms whose `locked_fields` are disabled while the instance's annotation `has_registrants` is true."""

    locked_fields: tuple[str, ...] = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        is_locked = getattr(self.instance, "has_registrants", False)
        self.disabled_fields = [name for name in self.locked_fields if is_locked and name in self.fields]
        for name in self.disabled_fields:
            field = self.fields[name]
            field.disabled = True
            # The admin's own widgets offer “Today” and “Now” even where nothing can be entered.
            if isinstance(field.widget, AdminDateWidget | AdminTimeWidget):
                field.widget = type(field).widget()
                field.widget.is_required = field.required

    def clean(self):
        """Refuse a new value of a field that was locked after the page was shown, instead of dropping it silently.

        A disabled field ignores what is sent, so each is enabled while its sent value is compared.
        """
        data = super().clean()
        for name in self.disabled_fields:
            field, bound = self.fields[name], self[name]
            typed = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            field.disabled = False
            if typed is not None and field.has_changed(bound.initial, typed):
                self.add_error(name, gettext("Somebody has registered meanwhile. Use “Reschedule or cancel” for this."))
            field.disabled = True
        return data


class PartForm(LockedFieldsForm, AutoNumberedForm):
    """A part. Its status and dates are in the mails and calendars of those who have a seat."""

    number_scope = "event"
    locked_fields = ("status", "date", "precision", "start_time", "end_date", "end_time", "time_zone")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "time_zone" in self.fields:
            suggest_time_zones(self.fields["time_zone"])


class EventForm(LockedFieldsForm):
    """An event. Its place is in the mails and calendars of those who have a seat."""

    locked_fields = ("mode", "place", "venue")

    class Meta:
        widgets = {"audience_countries": FilteredSelectMultiple(_("countries"), is_stacked=False)}
