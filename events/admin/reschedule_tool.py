"""The tool by which staff moves, postpones or cancels: shows who is notified and of what, then does it."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language_info, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.partial_dates import validate_time_zone

from .. import ics
from ..domain.reschedule import (
    CHANGE_FUNCTIONS,
    EventVenue,
    ImpossibleChangeError,
    Kind,
    PartSchedule,
    is_change_possible,
    preview_change,
    schedule_fingerprint,
)
from ..models import Event, Part, Registration
from .locked_fields import suggest_time_zones
from .preview_tool import EventTool, ToolRefusedError
from .schedule_change import schedule_words

MAX_NAMES_SHOWN = 200
KIND_LABELS = {
    Kind.RESCHEDULED: _("Another time or place"),
    Kind.POSTPONED: _("Postpone: the new date is not known yet"),
    Kind.CANCELLED: _("Cancel for good"),
}
WHEN_FIELDS = ("date", "start_time", "end_date", "end_time", "time_zone")
PLACE_FIELDS = ("mode", "place", "venue")


class RescheduleForm(forms.Form):
    """What is to be changed of an event's parts (with their event loaded). Fields of a part end with its key."""

    kind = forms.ChoiceField(
        label=_("What is to be done"),
        choices=list(KIND_LABELS.items()),
        widget=forms.RadioSelect,
    )
    part = forms.ChoiceField(label=_("Of what"), required=False, widget=forms.RadioSelect)
    message = forms.CharField(
        label=_("Message to those registered"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        help_text=_("Stands in the mail as it is, in every language. The mail says by itself what changes."),
    )

    def __init__(self, data=None, *, event, parts, now, part=None):
        self.event, self.now = event, now
        self.parts = [each for each in parts if is_change_possible(Kind.RESCHEDULED, each, now=now)]
        keys = [str(each.pk) for each in self.parts]
        super().__init__(data, initial={"part": part if part in keys else ""})
        whole = gettext("The whole event: all parts that are neither over nor cancelled")
        self.fields["part"].choices = [("", whole), *zip(keys, map(self._part_name, self.parts), strict=True)]
        for each in self.parts:
            for name in WHEN_FIELDS:
                self.fields[f"{name}_{each.pk}"] = _optional(Part, name, getattr(each, name))
        for name in PLACE_FIELDS:
            self.fields[name] = _optional(Event, name, getattr(event, name))

    def _part_name(self, part):
        return gettext("Part %(number)s: %(when)s") % {"number": part.number, "when": schedule_words(part)}

    def fieldsets(self):
        """The fields in the order of the work, as the admin draws them."""
        several = len(self.parts) > 1
        first = ["kind", *(["part"] if several else []), "message"]
        yield None, {"fields": first}
        for part in self.parts:
            names = [f"{name}_{part.pk}" for name in WHEN_FIELDS]
            words = {"fields": [tuple(names[:2]), tuple(names[2:4]), names[4]]}
            if part is self.parts[0]:
                words["description"] = gettext("For another time only. Leave what stays.")
            yield self._part_name(part) if several else gettext("When"), words
        place = {
            "fields": list(PLACE_FIELDS),
            "description": gettext("For another place only. It is that of all parts."),
        }
        yield gettext("Where"), place

    def clean(self):
        """Beside each field what is wrong with it; what is given for another purpose than chosen is not passed over."""
        data = super().clean()
        kind, chosen_key = data.get("kind"), data.get("part", "")
        if not kind or "part" in self.errors:
            return data
        chosen = [
            part
            for part in self.parts
            if chosen_key in ("", str(part.pk)) and is_change_possible(kind, part, now=self.now)
        ]
        given = {name for name in self.changed_data if name not in ("kind", "part", "message")}
        if not chosen:
            self.add_error("kind", gettext("There is nothing left of which this can be done."))
        elif kind == Kind.RESCHEDULED:
            self._clean_move(chosen, given)
        elif given:
            self.add_error(
                "kind", gettext("Another time or place is given below. Choose that here, or leave it as it was.")
            )
        return data

    def _clean_move(self, chosen, given):
        data, self.schedules = self.cleaned_data, {}
        for part in self.parts:
            names = [f"{name}_{part.pk}" for name in WHEN_FIELDS]
            if part not in chosen:
                for name in given.intersection(names):
                    self.add_error(name, gettext("This part is not what you chose above."))
            elif not any(name in self.errors for name in names):
                self._clean_times(part, given.intersection(names))
        mode, place, venue = (data.get(name) for name in PLACE_FIELDS)
        self.venue = EventVenue(mode, place, venue or "") if given.intersection(PLACE_FIELDS) else None
        if self.venue and data["part"]:
            self.add_error("part", gettext("A place is that of all parts: choose the whole event."))
        if not self.errors and not self.schedules and not self.venue:
            self.add_error("kind", gettext("Nothing is different below. Give the new time or place."))

    def _clean_times(self, part, given):
        """A part's new time. What was postponed and is left as it is stays postponed, unless it alone is chosen."""
        values = {name: self.cleaned_data.get(f"{name}_{part.pk}") for name in WHEN_FIELDS}
        if not given and not (part.status == Part.Status.POSTPONED and self.cleaned_data["part"]):
            return
        missing = [name for name in ("date", "start_time", "time_zone") if not values[name]]
        for name in missing:
            self.add_error(f"{name}_{part.pk}", gettext("Needed. Where it is not known yet, postpone instead."))
        if missing:
            return
        moved = Part(event=self.event, **values)
        try:
            moved.compute_instants()
        except OverflowError:  # at the ends of the calendar
            self.add_error(f"date_{part.pk}", gettext("This date cannot be."))
            return
        if moved.starts_at <= self.now:
            self.add_error(f"date_{part.pk}", gettext("This time has passed."))
        if moved.end_date and moved.end_date < moved.date:
            self.add_error(f"end_date_{part.pk}", gettext("The last day lies before the first."))
        elif moved.ends_at and moved.ends_at <= moved.starts_at:
            self.add_error(f"end_time_{part.pk}", gettext("The end lies before the start."))
        else:
            self._clean_hours(part, moved)
        self.schedules[part.pk] = PartSchedule(**values)

    def _clean_hours(self, part, moved):
        try:
            moved.clean_hours()
        except ValidationError as error:
            for name, errors in error.error_dict.items():
                self.add_error(f"{name}_{part.pk}", errors)

    def plan(self):
        """The arguments of the verb, apart from who does it and when."""
        key = self.cleaned_data["part"]
        plan = {
            "part": next((part for part in self.parts if str(part.pk) == key), None),
            "message": self.cleaned_data["message"],
        }
        if self.cleaned_data["kind"] == Kind.RESCHEDULED:
            plan |= {"schedules": self.schedules, "venue": self.venue}
        return plan


def _optional(model, name, initial):
    """The form field of a model's field, not required, in the browser's own way of asking for days and hours."""
    field = model._meta.get_field(name).formfield(required=False, initial=initial)
    if name == "time_zone":
        field.validators.append(validate_time_zone)  # form fields do not take those of the model over
        suggest_time_zones(field)
    if isinstance(field, forms.DateField):
        field.widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    elif isinstance(field, forms.TimeField):
        field.widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    return field


class RescheduleTool(EventTool[RescheduleForm]):
    """Moves, postpones or cancels parts of an event. What was seen is a fingerprint of the parts' schedules."""

    name, url_path, permission = "reschedule", "plans", "events.change_event"
    title = _("Reschedule or cancel")
    form_template = "admin/events/reschedule.html"
    preview_template = "admin/events/reschedule_preview.html"
    stale_message = _("The schedule was changed meanwhile. Check what is shown here, and repeat.")

    def make_form(self) -> RescheduleForm:
        """The form, with the part that the link to the tool names."""
        self.parts = list(self.event.parts.order_by("number"))
        data, part = self.request.POST or None, self.request.GET.get("part")
        return RescheduleForm(data, event=self.event, parts=self.parts, now=self.now, part=part)

    def fieldsets(self, form: RescheduleForm) -> list:
        """The fields, part by part."""
        return list(form.fieldsets())

    def form_context(self, form: RescheduleForm) -> dict:
        """The form with the fingerprint from when it was shown, so that a change is noticed from there on."""
        return {**super().form_context(form), "seen": self.sign(schedule_fingerprint(self.parts))}

    def describe(self, form: RescheduleForm) -> dict:
        """What changes, whom it notifies, and the mails."""
        kind = Kind(form.cleaned_data["kind"])
        try:
            shown = preview_change(kind, event=self.event, now=self.now, **self._plan(form))
        except ImpossibleChangeError:
            raise ToolRefusedError(self.stale_message) from None
        may_see_names = self.model_admin.admin_site.get_model_admin(Registration).has_view_permission(self.request)
        return {
            "seen": self.seen,
            "kind": KIND_LABELS[kind],
            "count": shown.change.notified_count,
            "seated": len(shown.registrations),
            "invited": shown.invited,
            "names": shown.registrations[:MAX_NAMES_SHOWN] if may_see_names else [],
            "more_names": max(len(shown.registrations) - MAX_NAMES_SHOWN, 0),
            "rows": _rows(shown.change, shown.parts),
            "mails": [(get_language_info(code), *mail) for code, *mail in shown.mails],
        }

    def carry_out(self, form: RescheduleForm) -> HttpResponse:
        """Change the schedule and return to the event."""
        verb = CHANGE_FUNCTIONS[Kind(form.cleaned_data["kind"])]
        try:
            change = verb(event=self.event, now=self.now, **self._plan(form))
        except ImpossibleChangeError:
            raise ToolRefusedError(self.stale_message) from None
        self.model_admin.log_change(self.request, self.event, f"{change.get_kind_display()}.")
        notified = ngettext(
            "%(count)s person is notified by email.", "%(count)s people are notified by email.", change.notified_count
        )
        words = f"{change.get_kind_display()}. {notified % {'count': change.notified_count}}"
        messages.success(self.request, words)
        return redirect(reverse("admin:events_event_change", args=[self.event.pk]))

    def _plan(self, form: RescheduleForm) -> dict:
        return {**form.plan(), "staff": self.request.user, "seen_fingerprint": self.seen or ""}


def _rows(change, parts):
    """(what, before, after) of all that changes, in words."""
    rows = []
    for part in parts:
        before, after = (change.part_as_of(kept, part) for kept in (change.before, change.after))
        if schedule_words(before) != schedule_words(after):
            rows.append(
                (gettext("Part %(number)s") % {"number": part.number}, schedule_words(before), schedule_words(after))
            )
    if event := change.event_as_of(change.before, change.event):
        rows.append((gettext("Place"), ics.location(event), ics.location(change.event)))
    return rows
