import datetime
import enum
from collections.abc import Collection
from typing import Self

from django.db import models
from django.db.models import Case, Count, OuterRef, Q, Subquery, When
from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.clean_text import CleanQuerySet

from .part import Part, new_calendar_uid
from .registration import Registration

REGISTRANT_TEXTS = {
    "requested": _("You have asked for a place; the organizers decide"),
    "confirmed": _("Your place is confirmed"),
    "waiting": _("Waiting list, number %(position)s"),
    "declined": _("We could not offer you a place"),
    "cancelled": _("Cancelled by you"),
}


class SeatQuerySet(CleanQuerySet["Seat"]):
    def confirmed(self) -> Self:
        """Seats that take a place of the capacity."""
        return self.filter(state=Seat.State.CONFIRMED)

    def waiting(self) -> Self:
        """Seats on the waitlist, the next to be promoted first."""
        return self.filter(state=Seat.State.WAITING).order_by("waitlist_number")

    def active(self) -> Self:
        """Seats that are confirmed, on the waitlist or requested."""
        return self.filter(state__in=Seat.ACTIVE_STATES)

    def unverified(self) -> Self:
        """Active seats whose registration has no verified address."""
        return self.active().filter(registration__address_verified_at__isnull=True)

    def awaiting_decision(self, now: datetime.datetime) -> Self:
        """Requested seats in parts that are going to take place and have not begun at the aware datetime `now`."""
        return self.filter(state=Seat.State.REQUESTED, part__status__in=Part.EXPECTED_STATUSES, part__earliest__gt=now)

    def with_position(self) -> Self:
        """Add `position` on the waitlist of the part: 1 for who is promoted next; None for seats in other states."""
        ahead = Seat.objects.filter(part=OuterRef("part"), waitlist_number__lte=OuterRef("waitlist_number"))
        count = ahead.waiting().order_by().values("part").annotate(count=Count("pk")).values("count")
        return self.annotate(position=Case(When(state=Seat.State.WAITING, then=Subquery(count))))


class Seat(models.Model):
    """A registration's place in one part, or its place on the waitlist.

    Waitlist numbers of a part only grow, so whoever rejoins goes to the end. `uid` is the UID of the registrant's
    calendar entry and never changes.
    """

    class State(models.TextChoices):
        """Whether the registrant has the place."""

        REQUESTED = "requested", _("Requested")
        CONFIRMED = "confirmed", _("Confirmed")
        WAITING = "waiting", _("Waiting list")
        DECLINED = "declined", _("Declined")
        CANCELLED = "cancelled", pgettext_lazy("seat", "Cancelled")

        @property
        def registrant_text(self) -> str:
            """What the registrant reads about a seat in this state; %(position)s is the position on the waitlist."""
            return str(REGISTRANT_TEXTS[self.value])

    ACTIVE_STATES = (State.REQUESTED, State.CONFIRMED, State.WAITING)

    # Not stored. `with_position` annotates the first; mails set the others.
    position: int | None
    join_url: str
    previous_part: Part | None

    registration = models.ForeignKey(
        Registration, verbose_name=_("registration"), on_delete=models.CASCADE, related_name="seats"
    )
    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.PROTECT, related_name="seats")
    state = models.CharField(_("state"), max_length=9, choices=State)
    waitlist_number = models.PositiveIntegerField(_("number on the waiting list"), null=True, blank=True)
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
        help_text=_("Why staff granted, declined or cancelled it; mailed to the registrant."),
    )
    hold_expires_at = models.DateTimeField(
        _("place held until"),
        null=True,
        blank=True,
        editable=False,
        help_text=_(
            "A limited place of an address that is not confirmed yet then goes to the first on the waiting list."
        ),
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
        # Serves the counts of a part and the lookup of the next on its waitlist without reading the table.
        indexes = [
            models.Index(fields=["part", "state", "waitlist_number"], name="events_seat_state_waitlist"),
            # Expired holds are looked for every minute and at every registration; the index holds only seats on hold.
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
                violation_error_message=_("A seat on the waiting list needs a number."),
            ),
            models.CheckConstraint(
                condition=Q(hold_expires_at__isnull=True) | Q(state__in=["confirmed", "waiting"]),
                name="events_seat_hold_needs_place",
                violation_error_message=_("Only a place or a number on the waiting list is held."),
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(state="cancelled"),
                name="events_seat_released_is_cancelled",
                violation_error_message=_("What was released is cancelled."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part}: {self.get_state_display()}"

    @property
    def has_held_place(self) -> bool:
        """Whether its place is only held until the address is verified."""
        return self.state == Seat.State.CONFIRMED and self.hold_expires_at is not None

    @property
    def registrant_text(self) -> str:
        """What the registrant reads about the seat itself. Reads `position` (see `with_position`)."""
        if self.has_held_place:
            return gettext("A place is held for you")
        if self.released_at:
            return gettext("Not confirmed in time, so it was released")
        text = Seat.State(self.state).registrant_text
        return text % {"position": self.position} if self.state == Seat.State.WAITING else text

    @property
    def mail_text(self) -> str:
        """What mails say about the seat: if its part was postponed or cancelled, that; else `registrant_text`."""
        if self.state not in Seat.ACTIVE_STATES or not self.part.is_postponed_or_cancelled:
            return self.registrant_text
        if self.part.status == Part.Status.CANCELLED:
            return gettext("Cancelled by the organizers")
        if self.part.status == Part.Status.POSTPONED and self.state == Seat.State.CONFIRMED:
            return gettext("Postponed; you keep your place")
        return self.part.get_status_display()

    @property
    def staff_text(self) -> str:
        """What staff reads: the state, with the position on the waitlist or what is special. Reads `position`."""
        text = self.get_state_display()
        if self.released_at:
            return gettext("%(state)s, not confirmed in time") % {"state": text}
        if self.over_capacity and self.state == Seat.State.CONFIRMED:
            return gettext("%(state)s over capacity") % {"state": text}
        return f"{text} ({self.position})" if self.state == Seat.State.WAITING else text

    @property
    def badge(self) -> str:
        """The variant of the badge that shows the state: "open", "wait", or "" for a neutral one."""
        if self.state == Seat.State.CONFIRMED:
            return "wait" if self.hold_expires_at else "open"
        return "wait" if self.state in Seat.ACTIVE_STATES else ""


class SeatsOutcome(enum.Enum):
    """What the active seats of one registration amount to, for the headline of a page or the subject of a mail."""

    HELD = enum.auto()
    CONFIRMED = enum.auto()
    PARTLY_CONFIRMED = enum.auto()
    WAITING = enum.auto()
    REQUESTED = enum.auto()
    UNCONFIRMED = enum.auto()  # some wait, others are requested

    @classmethod
    def from_seats(cls, seats: Collection[Seat]) -> "SeatsOutcome":
        states = {seat.state for seat in seats}
        if any(seat.has_held_place for seat in seats):
            return cls.HELD
        if states == {Seat.State.CONFIRMED}:
            return cls.CONFIRMED
        if states == {Seat.State.WAITING}:
            return cls.WAITING
        if states == {Seat.State.REQUESTED}:
            return cls.REQUESTED
        return cls.PARTLY_CONFIRMED if Seat.State.CONFIRMED in states else cls.UNCONFIRMED

    def headline(self, count: int) -> str:
        """The headline of the page after registering for `count` parts."""
        if self is SeatsOutcome.HELD:
            return gettext("A place is held for you")
        if self is SeatsOutcome.CONFIRMED:
            return gettext("Your places are confirmed") if count > 1 else gettext("Your place is confirmed")
        if self is SeatsOutcome.WAITING:
            return gettext("You are on the waiting list")
        if self is SeatsOutcome.REQUESTED:
            return gettext("You have asked for a place")
        return gettext("You are registered")

    def mail_subject(self, count: int) -> str:
        """The subject of a mail about `count` active seats; %(event)s is the title of the event."""
        if self is SeatsOutcome.HELD:
            return gettext("Keep your place: %(event)s")
        if self is SeatsOutcome.CONFIRMED:
            return ngettext("Your place is confirmed: %(event)s", "Your places are confirmed: %(event)s", count)
        if self is SeatsOutcome.REQUESTED:
            return gettext("You have asked for a place: %(event)s")
        if self is SeatsOutcome.PARTLY_CONFIRMED:
            return gettext("You are registered: %(event)s")
        return gettext("You are on the waiting list: %(event)s")
