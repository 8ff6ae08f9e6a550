import datetime
import uuid
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.fold import FoldedField, FoldedModel
from wego_portal.foundation.partial_dates import (
    Precision,
    end_of,
    first_day,
    format_partial,
    last_day,
    precision_field,
    start_of,
    validate_time_zone,
)
from wego_portal.foundation.translated import in_languages, translated

from .event import Event

if TYPE_CHECKING:
    from .recording import Recording
    from .transcript import Cue

# How long before the start of a part its online room can be entered.
ROOM_OPENS_BEFORE_START = datetime.timedelta(minutes=30)

# A meeting whose end is not known counts as past this long after its start.
MAX_DURATION_WITHOUT_END = datetime.timedelta(hours=12)

# For how many days a part can have the same hours every day.
MAX_DAYS = 366


def new_calendar_uid() -> str:
    """Return a new UID for a calendar entry: a bare UUID (RFC 7986, 5.3), independent of the portal's address."""
    return str(uuid.uuid4())


class Part(FoldedModel):
    """One meeting of an event: the unit of seat, capacity and calendar entry.

    `date`, `start_time`, `end_date` and `end_time` are local to `time_zone`. `starts_at` and `ends_at` are the same
    moments as instants (aware, UTC); they are None unless hour and zone are known. `earliest` and `latest` (aware) are
    always set and bound when the meeting can be. `save` computes these four.

    If it lasts several days and ends at a later hour than it starts, the hours hold on each day. If the end is an
    earlier hour, the meeting goes on over midnight without a break.

    `uid` is the UID of its calendar entry. It never changes, even if the portal's address does; older rows keep the
    UID with the host name that was sent out for them.
    """

    class Status(models.TextChoices):
        """Whether the meeting takes place. Independent of its publication."""

        PLANNED = "planned", _("Planned")
        CONFIRMED = "confirmed", _("Confirmed")
        HELD = "held", _("Held")
        POSTPONED = "postponed", _("Postponed")
        REPLACED = "replaced", _("Replaced")
        CANCELLED = "cancelled", _("Cancelled")
        UNKNOWN = "unknown", _("Outcome unknown")

    # The meeting is going to take place: people are promoted and reminded, and it can be rescheduled or cancelled.
    EXPECTED_STATUSES = (Status.PLANNED, Status.CONFIRMED)

    # The meeting will never take place.
    CANCELLED_STATUSES = (Status.REPLACED, Status.CANCELLED)

    # The meeting does not take place on its date, which pages strike through.
    POSTPONED_OR_CANCELLED_STATUSES = (Status.POSTPONED, *CANCELLED_STATUSES)

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="parts")
    number = models.PositiveSmallIntegerField(_("number"), default=1, validators=[MinValueValidator(1)])
    title = translated(
        models.CharField(_("title"), max_length=250, blank=True, help_text=_("Only where an event has several parts."))
    )
    summary = translated(models.TextField(_("summary"), max_length=1000, blank=True))
    status = models.CharField(_("status"), max_length=9, choices=Status, default=Status.PLANNED)
    date = models.DateField(_("date"), help_text=_("Local to the time zone below."))
    precision = precision_field(_("known to the"), with_minute=True)
    start_time = models.TimeField(_("start"), null=True, blank=True, help_text=_("Local time."))
    end_date = models.DateField(
        _("last day"),
        null=True,
        blank=True,
        help_text=_(
            "Only if it is not the first day. If the end is a later hour than the start, the hours hold on each day."
        ),
    )
    end_time = models.TimeField(_("end"), null=True, blank=True, help_text=_("Local time."))
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text=_("IANA name such as Asia/Tokyo. Empty when not known."),
    )
    capacity = models.PositiveIntegerField(
        pgettext_lazy("number of places", "places"), null=True, blank=True, help_text=_("Empty for as many as come.")
    )
    has_waitlist = models.BooleanField(_("waiting list"), default=True, help_text=_("Offered when the part is full."))
    registration_opens_at = models.DateTimeField(
        _("registration opens"), null=True, blank=True, help_text=_("Time in Seoul. Empty: at once.")
    )
    registration_closes_at = models.DateTimeField(
        _("registration closes"), null=True, blank=True, help_text=_("Time in Seoul. Empty: when the part starts.")
    )
    room_url = models.URLField(
        _("address of the online room"), max_length=500, blank=True, help_text=_("Never shown in public.")
    )
    uid = models.CharField(
        _("calendar identity"), max_length=300, default=new_calendar_uid, unique=True, editable=False
    )
    sequence = models.PositiveIntegerField(_("calendar sequence"), default=0, editable=False)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    starts_at = models.DateTimeField(null=True, editable=False)
    ends_at = models.DateTimeField(null=True, editable=False)
    earliest = models.DateTimeField(editable=False)
    latest = models.DateTimeField(editable=False)

    folded = FoldedField(in_languages("title", "summary"))

    # What queries of domain/ add.
    passage: "Cue | None"
    available_recordings: "list[Recording]"

    class Meta:
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        ordering = ["event", "number"]
        indexes = [
            models.Index(fields=["event", "earliest"], name="events_part_event_earliest"),
            models.Index(fields=["event", "latest"], name="events_part_event_latest"),
            models.Index(fields=["latest"], name="events_part_latest"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "number"],
                name="events_part_number_unique",
                violation_error_message=_("Two parts have the same number."),
            ),
            models.CheckConstraint(
                condition=Q(precision=Precision.MINUTE, start_time__isnull=False)
                | (~Q(precision=Precision.MINUTE) & Q(start_time__isnull=True)),
                name="events_part_start_time_fits_precision",
                violation_error_message=_(
                    "A start time is given when, and only when, the date is known to the minute."
                ),
            ),
            models.CheckConstraint(
                condition=Q(end_time__isnull=True) | Q(start_time__isnull=False),
                name="events_part_end_needs_start",
                violation_error_message=_("An end time needs a start time."),
            ),
            models.CheckConstraint(
                condition=Q(end_date__isnull=True) | Q(end_date__gte=F("date")),
                name="events_part_end_date_after_date",
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="events_part_ends_after_start",
                violation_error_message=_("The end lies before the start."),
            ),
            models.CheckConstraint(
                condition=Q(latest__gt=F("earliest")),
                name="events_part_span",
                violation_error_message=_("The end lies before the start."),
            ),
            models.CheckConstraint(
                condition=Q(registration_opens_at__isnull=True)
                | Q(registration_closes_at__isnull=True)
                | Q(registration_closes_at__gt=F("registration_opens_at")),
                name="events_part_closes_after_opens",
                violation_error_message=_("Registration closes before it opens."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event}, {self.number}"

    def clean(self) -> None:
        if self.date is None:
            return  # type: ignore[unreachable]  # a form leaves it None if the date is invalid
        if self.start_time and self.precision == Precision.DAY:
            self.precision = Precision.MINUTE  # who gives an hour knows it
        if self.precision == Precision.MINUTE and self.start_time is None:
            raise ValidationError({"start_time": _("Give the start time, or choose a date known to the day.")})
        try:
            self.compute_instants()
        except (KeyError, ValueError, OSError):
            return  # the time zone's own validator has said so
        except OverflowError:  # at the ends of the calendar
            raise ValidationError({"date": _("This date cannot be.")})
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValidationError({"end_time": _("The end lies before the start.")})
        self.clean_hours()

    def clean_hours(self) -> None:
        """Check that start and end exist exactly once on their day. Call `compute_instants` before.

        Raises ValidationError, by field, if a clock change skips an hour or shows it twice.
        """
        if not self.starts_at:
            return
        final_date = self.end_date or self.date
        if self.has_daily_hours and (final_date - self.date).days >= MAX_DAYS:
            raise ValidationError({"end_date": _("Hours of each day are for at most a year.")})
        errors = {}
        if self.start_time:
            days = self._days if self.has_daily_hours else [self.date]
            errors["start_time"] = _clock_change(days, self.start_time, self.time_zone)
        if self.end_time:
            days = self._days if self.has_daily_hours else [final_date]
            errors["end_time"] = _clock_change(days, self.end_time, self.time_zone)
        errors = {name: message for name, message in errors.items() if message}
        if errors:
            raise ValidationError(errors)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.compute_instants()
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "starts_at", "ends_at", "earliest", "latest"}
        super().save(*args, **kwargs)

    def compute_instants(self) -> None:
        """Set starts_at, ends_at, earliest and latest from the local date, hours and zone, without saving."""
        self.starts_at = self._instant(self.date, self.start_time)
        self.ends_at = self._instant(self.end_date or self.date, self.end_time)
        self.earliest = self.starts_at or start_of(first_day(self.date, self.precision), self.time_zone)
        if self.ends_at:
            self.latest = self.ends_at
        elif self.starts_at and not self.end_date:
            self.latest = self.starts_at + MAX_DURATION_WITHOUT_END
        else:
            self.latest = end_of(self.end_date or last_day(self.date, self.precision), self.time_zone)

    def _instant(self, date: datetime.date, time: datetime.time | None) -> datetime.datetime | None:
        if time is None or not self.time_zone:
            return None
        return datetime.datetime.combine(date, time, ZoneInfo(self.time_zone)).astimezone(datetime.UTC)

    def is_past(self, now: datetime.datetime) -> bool:
        """Whether the latest possible moment of the meeting has passed at the aware datetime `now`."""
        return self.latest <= now

    def has_begun(self, now: datetime.datetime) -> bool:
        """Whether the meeting has begun, or may have, at the aware datetime `now`. A postponed one has not."""
        return self.status != Part.Status.POSTPONED and self.earliest <= now

    @property
    def has_daily_hours(self) -> bool:
        """Whether start and end hold on each of its days, as in three days of 09:00 to 17:00."""
        if not (self.end_date and self.start_time and self.end_time):
            return False
        return self.end_date > self.date and self.end_time > self.start_time

    @property
    def _days(self) -> list[datetime.date]:
        last = self.end_date or self.date
        return [self.date + datetime.timedelta(days=n) for n in range((last - self.date).days + 1)]

    @property
    def sessions(self) -> list[tuple[datetime.datetime, datetime.datetime]]:
        """Start and end (aware, UTC) of each time people meet: one a day if it has daily hours, else one.

        Empty if no instant is known. If the end is not known, it is `latest`.
        """
        if not self.starts_at:
            return []
        if not self.has_daily_hours:
            return [(self.starts_at, self.latest)]
        pairs = [(self._instant(day, self.start_time), self._instant(day, self.end_time)) for day in self._days]
        return [(start, end) for start, end in pairs if start and end]

    def room_opens_at(self, now: datetime.datetime) -> datetime.datetime | None:
        """When the online room opens (aware, UTC) for the session that is on at `now`, else the next, else the last.

        None if no hour is known.
        """
        sessions = self.sessions
        ahead = [start for start, end in sessions if end > now] or [start for start, _end in sessions[-1:]]
        return ahead[0] - ROOM_OPENS_BEFORE_START if ahead else None

    @property
    def is_online(self) -> bool:
        """Whether people can join it through their personal link. Reads the event."""
        return bool(self.room_url) or self.event.mode in (Event.Mode.ONLINE, Event.Mode.HYBRID)

    @property
    def is_expected(self) -> bool:
        """Whether the meeting is going to take place."""
        return self.status in Part.EXPECTED_STATUSES

    def has_final_seats(self, now: datetime.datetime) -> bool:
        """Whether seats cannot change any more at the aware datetime `now`: it has begun or was cancelled."""
        return self.has_begun(now) or self.is_cancelled

    @property
    def is_cancelled(self) -> bool:
        """Whether the meeting will never take place: it was cancelled, or replaced by another event."""
        return self.status in Part.CANCELLED_STATUSES

    @property
    def is_postponed_or_cancelled(self) -> bool:
        """Whether the meeting does not take place on its date: postponed, replaced or cancelled."""
        return self.status in Part.POSTPONED_OR_CANCELLED_STATUSES


def _clock_change(days: list[datetime.date], time: datetime.time, zone_name: str) -> str | None:
    """Return the error for the first of `days` on which a clock change skips `time` or shows it twice; None if none."""
    zone = ZoneInfo(zone_name)
    for day in days:
        local = datetime.datetime.combine(day, time)
        before, after = (local.replace(tzinfo=zone, fold=fold) for fold in (1, 0))  # PEP 495
        if before.utcoffset() == after.utcoffset():
            continue
        words = {"hour": f"{local:%H:%M}", "day": format_partial(day, Precision.DAY)}
        # Through UTC and back: what clocks show at the moments that can be meant.
        before, after = (each.astimezone(datetime.UTC).astimezone(zone) for each in (before, after))
        if before.replace(tzinfo=None) == after.replace(tzinfo=None) == local:
            return (
                gettext(
                    "Clocks are put back on %(day)s, and show %(hour)s twice. Write another hour, or the times in UTC."
                )
                % words
            )
        words |= {"before": f"{before:%H:%M}", "after": f"{after:%H:%M}"}
        return (
            gettext("Clocks are put forward on %(day)s, and never show %(hour)s. Write %(before)s or %(after)s.")
            % words
        )
    return None
