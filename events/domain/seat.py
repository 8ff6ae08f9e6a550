"""Decisions on seats: promoting from the waitlist, granting, declining and cancelling.

The seats of a part change only while the part is locked.
"""

import dataclasses
import datetime
from collections.abc import Callable, Collection

from django.db import models, transaction
from django.db.models import Count, F, Max, Q
from django.utils.translation import gettext_lazy as _

from .. import emails
from ..models import Part, Registration, Seat
from .hold import hold_expiry, hold_expiry_for_registration


def lock_parts(*, event_id: int) -> list[Part]:
    """Lock all parts of an event in primary key order until the transaction ends; returns them with their event.

    Always all of them, so that two registrations of the same address for different parts wait for each other. On
    SQLite the transaction itself holds the write lock.
    """
    parts = Part.objects.select_for_update(of=("self",), no_key=True).select_related("event")
    return list(parts.filter(event=event_id).order_by("pk"))


def next_waitlist_number(part: Part) -> int:
    """Return the number after the highest one ever given on the part's waitlist; the part has to be locked."""
    return (part.seats.aggregate(last=Max("waitlist_number"))["last"] or 0) + 1


@transaction.atomic
def promote(*, part: Part, now: datetime.datetime) -> list[Seat]:
    """Give the free places of the part to the first on its waitlist and queue their mails; returns the promoted seats.

    For an address that is not verified yet, the hold starts anew. Nobody is promoted once the part has begun, or while
    it is postponed, replaced or cancelled.
    """
    part = Part.objects.select_for_update(of=("self",), no_key=True).select_related("event").get(pk=part.pk)
    if part.has_begun(now) or not part.is_expected:
        return []
    waitlist = part.seats.waiting()
    if part.capacity is not None:
        waitlist = waitlist[: max(part.capacity - part.seats.confirmed().count(), 0)]
    seats = list(waitlist.select_related("registration"))
    unverified = {seat.pk for seat in seats if not seat.registration.has_verified_address}
    verified = {seat.pk for seat in seats} - unverified
    expiry = hold_expiry(part, now=now)
    for keys, hold_expires_at in ((unverified, expiry), (verified, None)):
        if keys:
            Seat.objects.filter(pk__in=keys).update(
                state=Seat.State.CONFIRMED, sequence=F("sequence") + 1, changed_at=now, hold_expires_at=hold_expires_at
            )
    for seat in seats:
        seat.state, seat.sequence, seat.changed_at = Seat.State.CONFIRMED, seat.sequence + 1, now
        seat.hold_expires_at = expiry if seat.pk in unverified else None
        emails.queue_promoted(seat, now=now)
    return seats


def cancel_locked_seats(seats: list[Seat], now: datetime.datetime) -> None:
    """Cancel seats of locked parts and promote from the waitlist; also saves `released_at` and `reason` as set."""
    for seat in seats:
        seat.state, seat.changed_at, seat.hold_expires_at = Seat.State.CANCELLED, now, None
        seat.sequence += 1
    Seat.objects.bulk_update(seats, ["state", "sequence", "changed_at", "reason", "hold_expires_at", "released_at"])
    for part in sorted({seat.part for seat in seats}, key=lambda part: part.pk):
        promote(part=part, now=now)


def cancel_locked_seats_and_notify(
    seats: list[Seat], *, now: datetime.datetime, queue_mail: Callable[..., None]
) -> list[Seat]:
    """Cancel seats of locked parts and queue one mail to each of their registrants; returns the seats.

    The seats need their registrations loaded. `queue_mail` is called as `queue_mail(registration, seats=…, had_place=…,
    now=…)`, where `had_place` are the seats that were confirmed.
    """
    confirmed = {seat.pk for seat in seats if seat.state == Seat.State.CONFIRMED}
    cancel_locked_seats(seats, now)
    by_registration: dict[Registration, list[Seat]] = {}
    for seat in seats:
        by_registration.setdefault(seat.registration, []).append(seat)
    Registration.objects.filter(pk__in=[each.pk for each in by_registration]).update(changed_at=now)
    for registration, cancelled in by_registration.items():
        had_place = [seat for seat in cancelled if seat.pk in confirmed]
        queue_mail(registration, seats=cancelled, had_place=had_place, now=now)
    return seats


@transaction.atomic
def grant_seat(*, seat: Seat, now: datetime.datetime, reason: str = "") -> Seat | None:
    """Accept a request for a place: a place if one is free, else the end of the waitlist.

    `reason` is shown to the registrant. Returns the seat, or None if it is no longer requested, or if the part has
    begun or is postponed, replaced or cancelled.
    """
    locked = _lock_seat(seat, (Seat.State.REQUESTED,), now)
    if locked is None:
        return None
    report = waitlist_report(locked.part, now=now)
    if report.places_left and not report.waiting:
        locked.state = Seat.State.CONFIRMED
    else:
        locked.state, locked.waitlist_number = Seat.State.WAITING, next_waitlist_number(locked.part)
    locked.hold_expires_at = hold_expiry_for_registration(locked.registration, locked.part, now=now)
    return _save_decision(locked, reason, emails.queue_granted, now)


@transaction.atomic
def decline_seat(*, seat: Seat, now: datetime.datetime, reason: str) -> Seat | None:
    """Decline a request for a place, with a reason for the registrant. Returns the seat, or None as `grant_seat`."""
    locked = _lock_seat(seat, (Seat.State.REQUESTED,), now)
    if locked is None:
        return None
    locked.state = Seat.State.DECLINED
    return _save_decision(locked, reason, emails.queue_declined, now)


@transaction.atomic
def confirm_over_capacity(*, seat: Seat, now: datetime.datetime, reason: str = "") -> Seat | None:
    """Confirm a waiting or requested seat ahead of the waitlist, beyond the capacity if need be.

    `over_capacity` is set only if no place is free. The place has no hold, since staff knows whose it is. Returns the
    seat, or None if it is neither waiting nor requested any more, or if the part has begun or is postponed, replaced
    or cancelled.
    """
    locked = _lock_seat(seat, (Seat.State.WAITING, Seat.State.REQUESTED), now)
    if locked is None:
        return None
    locked.over_capacity = not waitlist_report(locked.part, now=now).places_left
    locked.state, locked.hold_expires_at = Seat.State.CONFIRMED, None
    return _save_decision(locked, reason, emails.queue_granted, now)


def _lock_seat(seat: Seat, states: Collection[Seat.State], now: datetime.datetime) -> Seat | None:
    """Lock the parts of the event and read the seat again; None if it can no longer be decided on."""
    parts = {part.pk: part for part in lock_parts(event_id=seat.part.event_id)}
    locked = Seat.objects.filter(pk=seat.pk, state__in=states).select_related("registration").first()
    if locked is None:
        return None
    locked.part = parts[locked.part_id]
    if locked.part.has_begun(now) or not locked.part.is_expected:
        return None
    return locked


def _save_decision(seat: Seat, reason: str, queue_mail: Callable[..., None], now: datetime.datetime) -> Seat:
    seat.reason, seat.changed_at = reason, now
    seat.sequence += 1
    seat.save()
    queue_mail(seat, now=now)
    return seat


class NoPromotionReason(models.TextChoices):
    """Why nobody is promoted from the waitlist of a part. `waitlist_report` names the first that applies."""

    OVERFULL = (
        "overfull",
        _(
            "Nobody is confirmed from the waiting list: more are confirmed than there are places. No place is taken"
            " away."
        ),
    )
    BEGUN = "begun", _("Nobody is confirmed from the waiting list any more: the part has begun.")
    OFF = (
        "off",
        _("Nobody is confirmed from the waiting list while the part is postponed, replaced, cancelled or over."),
    )
    NOBODY_WAITS = "nobody_waits", _("The waiting list is empty.")
    NO_PLACES = "no_places", _("Nobody is confirmed from the waiting list: the part has 0 places.")
    FULL = "full", _("Nobody is confirmed from the waiting list: all places are taken.")


@dataclasses.dataclass(frozen=True)
class WaitlistReport:
    """How many seats of a part are confirmed (and of these over capacity), waiting and requested.

    `places_left` is never negative, and infinite if the capacity is not limited. `no_promotion_reason` is None if
    somebody can be promoted now.
    """

    confirmed: int
    over_capacity: int
    waiting: int
    requested: int
    places_left: float
    no_promotion_reason: NoPromotionReason | None


def waitlist_report(part: Part, *, now: datetime.datetime) -> WaitlistReport:
    """Return the WaitlistReport of a part. One query."""
    numbers = part.seats.aggregate(
        confirmed=Count("pk", filter=Q(state=Seat.State.CONFIRMED)),
        over_capacity=Count("pk", filter=Q(state=Seat.State.CONFIRMED, over_capacity=True)),
        waiting=Count("pk", filter=Q(state=Seat.State.WAITING)),
        requested=Count("pk", filter=Q(state=Seat.State.REQUESTED)),
    )
    left = float("inf") if part.capacity is None else part.capacity - numbers["confirmed"]
    reasons = {  # the first that applies counts, so that overbooking shows in parts that have begun as well
        NoPromotionReason.OVERFULL: left < 0,
        NoPromotionReason.OFF: not part.is_expected,
        NoPromotionReason.BEGUN: part.has_begun(now),
        NoPromotionReason.NOBODY_WAITS: not numbers["waiting"],
        NoPromotionReason.NO_PLACES: part.capacity == 0,
        NoPromotionReason.FULL: left == 0,
    }
    reason = next((reason for reason, applies in reasons.items() if applies), None)
    return WaitlistReport(places_left=max(left, 0), no_promotion_reason=reason, **numbers)
