"""What staff reads of a part's seats, wherever the part is edited: how many there are, and whether dates are locked."""

from collections.abc import Collection
from typing import TYPE_CHECKING, TypedDict

from django.contrib import admin, messages
from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.admin_bases import AnyAdminBase

from ..domain.later_parts import reassign_places
from ..domain.seat import WaitlistReport
from ..models import Event, Part, Seat
from .locked_fields import parts_with_registrants

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    PartWithSeats = WithAnnotations[Part, "SeatNotes"]


class SeatNotes(TypedDict):
    """What `annotate_seats` adds to a part."""

    has_registrants: bool
    can_reschedule: bool
    unverified_places: int
    unverified_waitlisted: int


class PartSeatsAdminMixin(AnyAdminBase):
    """For a ModelAdmin or an inline of parts: the read-only fields `reschedule` and `unverified_seats`."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Part]:
        """Parts with what these fields read."""
        return annotate_seats(super().get_queryset(request), request)

    @admin.display(description=_("schedule"))
    def reschedule(self, part: "PartWithSeats") -> str:
        """Where the dates of the part are changed: here, or by the reschedule tool once somebody has registered."""
        if part.pk and not part.can_reschedule:
            return "-"
        if not getattr(part, "has_registrants", False):
            return gettext("Nobody has registered: dates can be changed here.")
        return format_html(
            '{} <a href="{}?part={}">{}</a>',
            gettext("People have registered, so dates are changed where they are notified of it:"),
            reverse("admin:events_event_reschedule", args=[part.event_id]),
            part.pk,
            gettext("Reschedule or cancel…"),
        )

    @admin.display(description=_("addresses not confirmed"))
    def unverified_seats(self, part: "PartWithSeats") -> str:
        """How many places and waitlist entries belong to unverified addresses."""
        if part.pk is None:
            return "-"
        words = gettext("%(places)s with a place, %(waiting)s on the waiting list")
        return words % {"places": part.unverified_places, "waiting": part.unverified_waitlisted}


def annotate_seats(parts: QuerySet[Part], request: HttpRequest) -> QuerySet[Part]:
    """The parts with `has_registrants`, `can_reschedule` and the numbers of places of unverified addresses."""
    registrants = Exists(parts_with_registrants(timezone.now()).filter(pk=OuterRef("pk")))
    return parts.annotate(
        has_registrants=registrants,
        can_reschedule=Value(request.user.has_perm("events.change_event")),
        unverified_places=_count(Seat.objects.unverified().confirmed()),
        unverified_waitlisted=_count(Seat.objects.unverified().waiting()),
    )


def _count(seats: QuerySet[Seat]) -> Coalesce:
    """How many of the seats are in the part of the outer query."""
    counted = seats.filter(part=OuterRef("pk")).order_by().values("part").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, IntegerField()), 0)


def seat_counts_text(report: WaitlistReport) -> str:
    """How many seats are confirmed, waitlisted and requested, and why nobody is promoted."""
    counts = gettext(
        "%(confirmed)s confirmed (%(over)s of them over capacity), %(waiting)s waiting, %(requested)s requested."
    )
    counts %= {
        "confirmed": report.confirmed,
        "over": report.over_capacity,
        "waiting": report.waiting,
        "requested": report.requested,
    }
    return f"{counts} {report.no_promotion_reason.label}" if report.no_promotion_reason else counts


def reassign_and_report(request: HttpRequest, event: Event, *, resized: Collection[int]) -> None:
    """Give away the free places of the event's saved parts, and say in messages who got them.

    `resized` are the primary keys of the parts whose capacity was changed.
    """
    changed = reassign_places(event=event, resized=resized, now=timezone.now())
    for part, seats in changed.promoted.items():
        if seats:
            said = ngettext(
                "%(count)s person is confirmed from the waiting list and notified by email.",
                "%(count)s people are confirmed from the waiting list and notified by email.",
                len(seats),
            )
            messages.success(request, f"{part}: {said % {'count': len(seats)}}")
    for part, reason in changed.no_promotion_reasons.items():
        messages.warning(request, f"{part}: {reason.label}")
    if changed.added:
        said = ngettext(
            "%(count)s seat went to somebody who asked for all later parts, who is notified by email.",
            "%(count)s seats went to people who asked for all later parts, who are notified by email.",
            len(changed.added),
        )
        messages.success(request, said % {"count": len(changed.added)})
