"""The record of rescheduling, postponing and cancelling, with snapshots of dates and location before and after."""

import datetime
from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.fold import FoldedField, FoldedModel

from .event import Event
from .part import Part

# The fields of a part that a snapshot keeps.
DATE_FIELDS = ("number", "status", "date", "precision", "start_time", "end_date", "end_time", "time_zone")

# What JSON can hold of a part, by field name; dates and times are in ISO 8601.
PartSnapshot: TypeAlias = dict[str, str | int | None]


class ScheduleChange(FoldedModel):
    """Staff rescheduled, postponed or cancelled an event or one of its parts. Holds no personal data.

    `before` and `after` are snapshots {"parts": {primary key: values of DATE_FIELDS}, "where": mode, place and venue}.
    They hold values and no words, so that pages and mails show them in the reader's language. "where" is missing if
    the location did not change.
    """

    class Kind(models.TextChoices):
        """What was done."""

        RESCHEDULED = "rescheduled", _("Rescheduled")
        POSTPONED = "postponed", _("Postponed")
        CANCELLED = "cancelled", _("Cancelled")

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="schedule_changes")
    part = models.ForeignKey(
        Part,
        verbose_name=_("part"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="schedule_changes",
        help_text=_("Empty for the whole event."),
    )
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    message = models.TextField(_("message to those registered"), max_length=1000, blank=True)
    notified_count = models.PositiveIntegerField(_("people notified"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("at"))

    folded = FoldedField(["message"])

    class Meta:
        verbose_name = _("schedule change")
        verbose_name_plural = _("schedule changes")
        ordering = ["-changed_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.event}"

    @property
    def part_keys(self) -> list[int]:
        """The primary keys of the parts that were changed."""
        return [int(key) for key in self.before.get("parts", {})]

    def part_as_of(self, snapshot: dict[str, dict[str, PartSnapshot]], part: Part) -> Part | None:
        """Return an unsaved copy of the part with the values of `before` or `after`; None if they do not include it."""
        row = snapshot.get("parts", {}).get(str(part.pk))
        if row is None:
            return None
        copy = Part(pk=part.pk, event=part.event, number=part.number)
        fields = {field.name: field for field in Part._meta.concrete_fields}
        for name, value in row.items():
            setattr(copy, name, fields[name].to_python(value))
        try:
            copy.compute_instants()
        except (KeyError, ValueError, OSError):  # a zone that this machine does not have, such as "localtime"
            copy.time_zone = ""
            copy.compute_instants()
        return copy

    def event_as_of(self, snapshot: dict[str, dict[str, PartSnapshot]], event: Event) -> Event | None:
        """Return an unsaved copy of the event with the location of `before` or `after`; None if it did not change."""
        if "where" not in snapshot:
            return None
        copy = Event(pk=event.pk, **snapshot["where"])
        if copy.place_id == event.place_id:
            copy.place = event.place
        return copy


def dates_snapshot(parts: list[Part]) -> dict[str, PartSnapshot]:
    """Return the values of DATE_FIELDS of each part, by its primary key, as JSON can hold them."""
    return {str(part.pk): {name: _as_json(getattr(part, name)) for name in DATE_FIELDS} for part in parts}


def _as_json(value: datetime.date | datetime.time | str | int | None) -> str | int | None:
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else value


def location_snapshot(event: Event) -> dict[str, str | int | None]:
    """Return mode, place and venue of the event, as JSON can hold them."""
    return {"mode": event.mode, "place_id": event.place_id, "venue": event.venue}
