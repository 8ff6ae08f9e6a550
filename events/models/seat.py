from django.db import models
from django.db.models import Case, Count, OuterRef, Q, Subquery, When
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from wego_portal.foundation.clean_text import CleanQuerySet

from .part import Part, new_calendar_uid
from .registration import Registration


class SeatQuerySet(CleanQuerySet):
    def confirmed(self):
        """Seats that take a place."""
        return self.filter(state=Seat.State.CONFIRMED)

    def waiting(self):
        """The line, first in line first."""
        return self.filter(state=Seat.State.WAITING).order_by("waitlist_number")

    def active(self):
        """Seats that are held or wanted."""
        return self.filter(state__in=Seat.ACTIVE_STATES)

    def unverified(self):
        """Seats that are held or wanted by an address that is not confirmed yet."""
        return self.active().filter(registration__address_verified_at__isnull=True)

    def to_decide(self, now):
        """Seats that are asked for in parts that are to take place and have not begun at the aware datetime `now`."""
        return self.filter(state=Seat.State.REQUESTED, part__status__in=Part.EXPECTED_STATUSES, part__earliest__gt=now)

    def with_position(self):
        """Adds `position`: 1 for the first in line of the part, 2 for the next; None for seats that do not wait."""
        line = Seat.objects.filter(part=OuterRef("part"), waitlist_number__lte=OuterRef("waitlist_number"))
        count = line.waiting().order_by().values("part").annotate(count=Count("pk")).values("count")
        return self.annotate(position=Case(When(state=Seat.State.WAITING, then=Subquery(count))))


class Seat(models.Model):
    """A registration's place in one part. The number in the line only grows, so who rejoins goes to the end.

    `uid` is the whole text of the UID of the registrant's calendar entry, and lasting as that of a part.
    """

    class State(models.TextChoices):
        """Where the seat stands."""

        REQUESTED = "requested", _("Requested")
        CONFIRMED = "confirmed", _("Confirmed")
        WAITING = "waiting", _("Waiting list")
        DECLINED = "declined", _("Declined")
        CANCELLED = "cancelled", pgettext_lazy("seat", "Cancelled")

    ACTIVE_STATES = (State.REQUESTED, State.CONFIRMED, State.WAITING)

    registration = models.ForeignKey(
        Registration, verbose_name=_("registration"), on_delete=models.CASCADE, related_name="seats"
    )
    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.PROTECT, related_name="seats")
    state = models.CharField(_("state"), max_length=9, choices=State)
    waitlist_number = models.PositiveIntegerField(_("number in the line"), null=True, blank=True)
    uid = models.CharField(
        _("calendar identity"), max_length=300, default=new_calendar_uid, unique=True, editable=False
    )
    sequence = models.PositiveIntegerField(_("calendar sequence"), default=0, editable=False)
    changed_at = models.DateTimeField(_("changed at"))
    over_capacity = models.BooleanField(
        _("over capacity"), default=False, help_text=_("Staff confirmed this seat although the part was full.")
    )
    reason = models.CharField(
        _("reason"),
        max_length=500,
        blank=True,
        help_text=_("Why staff granted, declined or cancelled it; told to the registrant."),
    )
    hold_expires_at = models.DateTimeField(
        _("place held until"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("A limited place of an address that is not confirmed yet goes to the next in line after this."),
    )
    released_at = models.DateTimeField(
        _("released at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When it was cancelled because the address was not confirmed in time."),
    )
    entered_at = models.DateTimeField(
        _("entered at"), null=True, blank=True, help_text=_("When Enter was first pressed.")
    )

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ["part", "waitlist_number", "pk"]
        # Counts of a part and the first in its line are read from this index alone.
        indexes = [
            models.Index(fields=["part", "state", "waitlist_number"], name="events_seat_state_waitlist"),
            # Those that are looked for every minute and at every registration; few.
            models.Index(
                fields=["part", "hold_expires_at"],
                condition=Q(hold_expires_at__isnull=False),
                name="events_seat_hold_expires_at",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["registration", "part"], name="events_seat_unique"),
            models.UniqueConstraint(fields=["part", "waitlist_number"], name="events_seat_waitlist_number_unique"),
            models.CheckConstraint(
                condition=~Q(state="waiting") | Q(waitlist_number__isnull=False),
                name="events_seat_waitlist_has_number",
                violation_error_message=_("Who waits has a number in the line."),
            ),
            models.CheckConstraint(
                condition=Q(hold_expires_at__isnull=True) | Q(state__in=["confirmed", "waiting"]),
                name="events_seat_hold_needs_place",
                violation_error_message=_("Only a place or a number in the line is held."),
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(state="cancelled"),
                name="events_seat_released_is_cancelled",
                violation_error_message=_("What was released is cancelled."),
            ),
        ]

    def __str__(self):
        return f"{self.part}: {self.get_state_display()}"
