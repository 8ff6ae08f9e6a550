"""Fields of which registrants were told: once somebody has a seat, they change by the plans tool, never silently."""

from django.contrib.admin.widgets import AdminDateWidget, AdminTimeWidget, FilteredSelectMultiple
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.constraint_admin import ConstraintForm

from ..models import Part, Seat
from .numbering import NumberedForm


def held_parts(now):
    """Parts in which somebody has or wants a seat, and that are not over at the aware datetime `now`."""
    seats = Seat.objects.active().filter(part=OuterRef("pk"))
    return Part.objects.filter(Exists(seats)).exclude(latest__lte=now, status__in=NOT_OFF)


NOT_OFF = [status for status in Part.Status if status not in Part.POSTPONED_OR_CANCELLED_STATUSES]


def suggest_zones(field):
    """Let the field offer the zones that its page lists by the tag `time_zone_list`."""
    field.widget.attrs["list"] = "time-zones"


class ToldForm(ConstraintForm):
    """Base of forms whose fields in `told_fields` are held while the instance's `is_told` (an annotation) is true."""

    told_fields = ()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.held = [name for name in self.told_fields if name in self.fields and getattr(self.instance, "is_told", 0)]
        for name in self.held:
            field = self.fields[name]
            field.disabled = True
            # The admin's own widgets offer “Today” and “Now” even where nothing can be entered.
            if isinstance(field.widget, AdminDateWidget | AdminTimeWidget):
                field.widget = type(field).widget()
                field.widget.is_required = field.required

    def clean(self):
        """Say where somebody registered between drawing the form and sending it, instead of losing what was typed."""
        data = super().clean()
        for name in self.held:
            field, bound = self.fields[name], self[name]
            typed = field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            field.disabled = False
            if typed is not None and field.has_changed(bound.initial, typed):
                self.add_error(name, gettext("Somebody has registered meanwhile. Use “Change plans” for this."))
            field.disabled = True
        return data


class PartForm(ToldForm, NumberedForm):
    """A part. Its status and dates are in the mails and calendars of those who have a seat."""

    counted_in = "event"
    told_fields = ("status", "date", "precision", "start_time", "end_date", "end_time", "time_zone")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "time_zone" in self.fields:
            suggest_zones(self.fields["time_zone"])


class EventForm(ToldForm):
    """An event. Its place is in the mails and calendars of those who have a seat."""

    told_fields = ("mode", "place", "venue")

    class Meta:
        widgets = {"audience_countries": FilteredSelectMultiple(_("countries"), is_stacked=False)}
