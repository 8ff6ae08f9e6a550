import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.fold import FoldedField, FoldedModel

from .event import Event
from .part import Part

WHEN = ("number", "status", "date", "precision", "start_time", "end_date", "end_time", "time_zone")


class ChangeOfPlans(FoldedModel):
    """That staff moved, postponed or cancelled an event or a part, and how many were told. Holds no personal data.

    `before` and `after` are {"parts": {key of the part: status and date}, "where": mode, place and venue}, without
    words, so that everybody reads them in their own language. "where" is there only if it was changed.
    """

    class Kind(models.TextChoices):
        """What was done."""

        RESCHEDULED = "rescheduled", _("Rescheduled")
        POSTPONED = "postponed", _("Postponed")
        CANCELLED = "cancelled", _("Cancelled")

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="changes_of_plans")
    part = models.ForeignKey(
        Part,
        verbose_name=_("part"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="changes_of_plans",
        help_text=_("Empty for the whole event."),
    )
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    message = models.TextField(_("message to those registered"), max_length=1000, blank=True)
    told = models.PositiveIntegerField(_("people told"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("at"))

    folded = FoldedField(["message"])

    class Meta:
        verbose_name = _("change of plans")
        verbose_name_plural = _("changes of plans")
        ordering = ["-changed_at"]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.event}"

    @property
    def part_keys(self):
        """The primary keys of the parts that it is about."""
        return [int(key) for key in self.before.get("parts", {})]

    def part_in(self, kept: dict[str, Any], part: Part) -> Part | None:
        """An unsaved copy of the part as it is in `kept` (before or after), or None where it is not about that part."""
        row = kept.get("parts", {}).get(str(part.pk))
        if row is None:
            return None
        copy = Part(pk=part.pk, event=part.event, number=part.number)
        for name, value in row.items():
            setattr(copy, name, Part._meta.get_field(name).to_python(value))
        try:
            copy.compute_instants()
        except (KeyError, ValueError, OSError):  # a zone that this machine has not, such as another's "localtime"
            copy.time_zone = ""
            copy.compute_instants()
        return copy

    def event_in(self, kept, event):
        """An unsaved copy of the event with mode, place and venue as in `kept`, or None where these were kept."""
        if "where" not in kept:
            return None
        copy = Event(pk=event.pk, **kept["where"])
        if copy.place_id == event.place_id:
            copy.place = event.place
        return copy


def kept_when(parts):
    """What a change of plans keeps of when the parts are, each by its key."""
    rows = {str(part.pk): {name: getattr(part, name) for name in WHEN} for part in parts}
    for row in rows.values():
        for name, value in row.items():
            if isinstance(value, datetime.date | datetime.time):
                row[name] = value.isoformat()
    return rows


def kept_where(event):
    """What a change of plans keeps of where the event is."""
    return {"mode": event.mode, "place_id": event.place_id, "venue": event.venue}
