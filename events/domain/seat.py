"""Seats: who gets a place, who waits, who moves up. The rows of a part's seats change only while the part is locked."""

import dataclasses
import datetime
from collections.abc import Callable

from django.db import models, transaction
from django.db.models import Count, F, Max, Q
from django.utils.translation import gettext_lazy as _

from .. import emails
from ..models import Part, Registration, Seat
from .hold import hold_expiry, hold_expiry_for_registration


def lock_parts(*, event_id: int) -> list[Part]:
    """All parts of an event with their event, locked in primary key order until the transaction ends.

    All of them, whichever are wanted, so that two registrations of one address never see only half of each other. On
    SQLite the transaction itself has the write lock.
    """
    parts = Part.objects.select_for_update(of=("self",), no_key=True).select_related("event")
    return list(parts.filter(event=event_id).order_by("pk"))


def next_waitlist_number(part: Part) -> int:
    """One more than any number the part's line has seen; the part has to be locked."""
    return (part.seats.aggregate(last=Max("waitlist_number"))["last"] or 0) + 1


@transaction.atomic
def promote(*, part: Part, now: datetime.datetime) -> list[Seat]:
    """Give free places of the part to the first in line and tell them; returns the seats that moved up.

    Whose address is not confirmed yet has the time for it anew. Nobody moves once the part has begun, or while it is
    postponed, replaced or cancelled. `now` is an aware datetime.
    """
    part = Part.objects.select_for_update(of=("self",), no_key=True).select_related("event").get(pk=part.pk)
    if part.has_begun(now) or not part.is_expected:
        return []
    line = part.seats.waiting()
    if part.capacity is not None:
        line = line[: max(part.capacity - part.seats.confirmed().count(), 0)]
    seats = list(line.select_related("registration"))
    held = {seat.pk for seat in seats if not seat.registration.has_verified_address}
    ends = hold_expiry(part, now=now)
    for some, hold_expires_at in ((held, ends), ({seat.pk for seat in seats} - held, None)):
        if some:
            Seat.objects.filter(pk__in=some).update(
                state=Seat.State.CONFIRMED, sequence=F("sequence") + 1, changed_at=now, hold_expires_at=hold_expires_at
            )
    for seat in seats:
        seat.state, seat.sequence, seat.changed_at = Seat.State.CONFIRMED, seat.sequence + 1, now
        seat.hold_expires_at = ends if seat.pk in held else None
        emails.queue_promoted(seat, now=now)
    return seats


def cancel_locked_seats(seats: list[Seat], now: datetime.datetime) -> None:
    """Cancel the seats of locked parts and let the first in line have their places; `released_at` and `reason` are
    saved as they are set."""
    for seat in seats:
        seat.state, seat.changed_at, seat.hold_expires_at = Seat.State.CANCELLED, now, None
        seat.sequence += 1
    Seat.objects.bulk_update(seats, ["state", "sequence", "changed_at", "reason", "hold_expires_at", "released_at"])
    for part in sorted({seat.part for seat in seats}, key=lambda part: part.pk):
        promote(part=part, now=now)


def cancel_locked_seats_and_notify(
    seats: list[Seat], *, now: datetime.datetime, queue_mail: Callable[..., None]
) -> list[Seat]:
    """Give up seats of locked parts, and queue for each registrant the mail that tells of theirs; returns the seats.

    The seats come with their registrations. `queue_mail(registration, *, seats, had_place, now)` learns which of them
    were confirmed.
    """
    confirmed = {seat.pk for seat in seats if seat.state == Seat.State.CONFIRMED}
    cancel_locked_seats(seats, now)
    by_registration: dict[Registration, list[Seat]] = {}
    for seat in seats:
        by_registration.setdefault(seat.registration, []).append(seat)
    Registration.objects.filter(pk__in=[each.pk for each in by_registration]).update(changed_at=now)
    for registration, given_up in by_registration.items():
        had_place = [seat for seat in given_up if seat.pk in confirmed]
        queue_mail(registration, seats=given_up, had_place=had_place, now=now)
    return seats


@transaction.atomic
def grant_seat(*, seat: Seat, now: datetime.datetime, reason: str = "") -> Seat | None:
    """Give who asked for a place what a newcomer would get: a place where one is free, else the end of the line.

    `reason` is told to the registrant. Returns the seat, or None where it is not asked for any more, or the part has
    begun, or is postponed, replaced or cancelled.
    """
    seat = _locked(seat, (Seat.State.REQUESTED,), now)
    if seat is None:
        return None
    line = waitlist_report(seat.part, now=now)
    if line.places_left and not line.waiting:
        seat.state = Seat.State.CONFIRMED
    else:
        seat.state, seat.waitlist_number = Seat.State.WAITING, next_waitlist_number(seat.part)
    seat.hold_expires_at = hold_expiry_for_registration(seat.registration, seat.part, now=now)
    return _decided(seat, reason, emails.queue_granted, now)


@transaction.atomic
def decline_seat(*, seat: Seat, reason: str, now: datetime.datetime) -> Seat | None:
    """Refuse who asked for a place, with a reason that the registrant reads. Returns the seat, or None as `grant`."""
    seat = _locked(seat, (Seat.State.REQUESTED,), now)
    if seat is None:
        return None
    seat.state = Seat.State.DECLINED
    return _decided(seat, reason, emails.queue_declined, now)


@transaction.atomic
def confirm_over_capacity(*, seat: Seat, now: datetime.datetime, reason: str = "") -> Seat | None:
    """Give a place to who waits or asked for one, past the line and past the number of places, and record that.

    Where a place is free and nobody waits for it, it is an ordinary place. It is held without an end, for staff knows
    whose it is. Returns the seat, or None where it neither waits nor is asked for any more, or the part has begun, or
    is postponed, replaced or cancelled.
    """
    seat = _locked(seat, (Seat.State.WAITING, Seat.State.REQUESTED), now)
    if seat is None:
        return None
    seat.over_capacity = not waitlist_report(seat.part, now=now).places_left
    seat.state, seat.hold_expires_at = Seat.State.CONFIRMED, None
    return _decided(seat, reason, emails.queue_granted, now)


def _locked(seat: Seat, states: tuple[Seat.State, ...], now: datetime.datetime) -> Seat | None:
    """The seat as it is once its part is locked, or None where it cannot be decided on any more."""
    parts = {part.pk: part for part in lock_parts(event_id=seat.part.event_id)}
    seat = Seat.objects.filter(pk=seat.pk, state__in=states).select_related("registration").first()
    if seat is None:
        return None
    seat.part = parts[seat.part_id]
    if seat.part.has_begun(now) or not seat.part.is_expected:
        return None
    return seat


def _decided(seat: Seat, reason: str, queue_mail: Callable[..., None], now: datetime.datetime) -> Seat:
    seat.reason, seat.changed_at = reason, now
    seat.sequence += 1
    seat.save()
    queue_mail(seat, now=now)
    return seat


class NoPromotionReason(models.TextChoices):
    """Why nobody moves up in a part; the first that holds is said, so that too many are seen in every part."""

    OVERFULL = "overfull", _("Nobody moves up: more are confirmed than there are places. No place is taken away.")
    BEGUN = "begun", _("Nobody moves up any more: the part has begun.")
    OFF = "off", _("Nobody moves up while the part is postponed, replaced, cancelled or over.")
    NOBODY_WAITS = "nobody_waits", _("Nobody waits.")
    NO_PLACES = "no_places", _("Nobody moves up: the part has 0 places.")
    FULL = "full", _("Nobody moves up: all places are taken.")


@dataclasses.dataclass(frozen=True)
class WaitlistReport:
    """How many seats of a part are confirmed, over capacity among them, waiting and requested.

    `places_left` is never negative, and infinite where places are not limited; `standstill` says why nobody moves up.
    """

    confirmed: int
    over_capacity: int
    waiting: int
    requested: int
    places_left: float
    standstill: NoPromotionReason | None


def waitlist_report(part: Part, *, now: datetime.datetime) -> WaitlistReport:
    """The Line of a part at the aware datetime `now`. One query."""
    numbers = part.seats.aggregate(
        confirmed=Count("pk", filter=Q(state=Seat.State.CONFIRMED)),
        over_capacity=Count("pk", filter=Q(state=Seat.State.CONFIRMED, over_capacity=True)),
        waiting=Count("pk", filter=Q(state=Seat.State.WAITING)),
        requested=Count("pk", filter=Q(state=Seat.State.REQUESTED)),
    )
    left = float("inf") if part.capacity is None else part.capacity - numbers["confirmed"]
    reasons = {
        NoPromotionReason.OVERFULL: left < 0,
        NoPromotionReason.OFF: not part.is_expected,
        NoPromotionReason.BEGUN: part.has_begun(now),
        NoPromotionReason.NOBODY_WAITS: not numbers["waiting"],
        NoPromotionReason.NO_PLACES: part.capacity == 0,
        NoPromotionReason.FULL: left == 0,
    }
    standstill = next((reason for reason, holds in reasons.items() if holds), None)
    return WaitlistReport(places_left=max(left, 0), standstill=standstill, **numbers)
