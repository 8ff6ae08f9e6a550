"""“This and all later parts”: who asked for that is seated in a part as soon as it takes registrations.

Later than a part in which they have or want a seat. Whoever gave up or was refused a part is not seated in it again.
It comes after moving up, so the verb that follows what staff saves is here too.
"""

import dataclasses
import datetime
from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from wego_portal.foundation.periodic import every

from .. import emails
from ..models import Event, Part, Registration, Seat
from .audience import Audience
from .availability import availability_of
from .hold import hold_expiry_for_registration
from .seat import NoPromotionReason, lock_parts, next_waitlist_number, promote, waitlist_report

RECENTLY_OPENED_PERIOD = datetime.timedelta(minutes=10)  # far longer than a worker takes to come round


@dataclasses.dataclass(frozen=True)
class Reassignment:
    """What came of what staff saved: {part: seats that moved up}, {part: why nobody did} and the seats for those who
    asked for all later parts."""

    moved_up: dict[Part, list[Seat]]
    standstills: dict[Part, NoPromotionReason]
    seated: list[Seat]


@transaction.atomic
def reassign_places(*, event: Event, resized: Collection[int], now: datetime.datetime) -> Reassignment:
    """After parts of the event were saved: let the first in line have the free places of each, then seat who asked for
    later parts. Returns PlacesChanged.

    It says why nobody moved up in the parts with the primary keys `resized`, whose number of places is another than
    before, where somebody waits or more are confirmed than there are places.
    """
    parts = lock_parts(event_id=event.pk)
    unlimited = [part.pk for part in parts if part.pk in resized and part.capacity is None]
    if unlimited:  # there is nobody any more for whom a place would have to be released
        Seat.objects.filter(part__in=unlimited, hold_expires_at__isnull=False).update(hold_expires_at=None)
    with_line = set(Seat.objects.filter(part__event=event).waiting().values_list("part", flat=True))
    moved_up = {part: promote(part=part, now=now) for part in parts if part.pk in with_line}
    standstills = {}
    for part in parts:
        if part.pk in resized and not moved_up.get(part):
            line = waitlist_report(part, now=now)
            if line.standstill == NoPromotionReason.OVERFULL or (line.standstill and line.waiting):
                standstills[part] = line.standstill
    return Reassignment(moved_up, standstills, seat_in_later_parts(parts=parts, now=now))


def seat_in_recently_opened_parts(*, parts: list[Part], now: datetime.datetime) -> None:
    """Let who asked for later parts go before somebody new, in locked parts that opened by the clock a moment ago.

    No query for others: these were seated when staff saved the part, or by the worker.
    """
    if any(
        part.registration_opens_at
        and part.registration_opens_at <= now < part.registration_opens_at + RECENTLY_OPENED_PERIOD
        for part in parts
    ):
        seat_in_later_parts(parts=parts, now=now)


@every(datetime.timedelta(minutes=1))
def seat_in_opened_parts(*, now: datetime.datetime) -> int:
    """Seat people in parts whose registration has opened by the aware datetime `now`, however that came about.

    Returns how many seats were made. One query where nobody is to be seated.
    """
    parts = _parts_with_interest(Part.objects.filter(status__in=Part.EXPECTED_STATUSES, starts_at__gt=now))
    events = sorted(set(parts.values_list("event", flat=True)))
    return sum(_seat_in_event(event, now) for event in events)


@transaction.atomic
def _seat_in_event(event: int, now: datetime.datetime) -> int:
    return len(seat_in_later_parts(parts=lock_parts(event_id=event), now=now))


def seat_in_later_parts(*, parts: list[Part], now: datetime.datetime) -> list[Seat]:
    """In each of an event's parts, locked, seat who asked for later parts and has no seat in it; returns the seats.

    First come, first served, by the time of registering: a place while there is one, then the waiting list if the part
    has one, else nothing. Who is outside the audience asks for a place. Each person is told by one mail.
    Nothing happens while the event is not published.
    """
    if len(parts) < 2 or not parts[0].event.is_published(now):
        return []
    wanted = set(
        _parts_with_interest(Part.objects.filter(pk__in=[part.pk for part in parts])).values_list("pk", flat=True)
    )
    # Who came by invitation has shown it before.
    answers = availability_of([part for part in parts if part.pk in wanted], now=now, invited=True)
    seats = []
    for part in sorted(parts, key=lambda part: (part.earliest, part.pk)):
        if part.pk in wanted and answers[part.pk].takes_registrations:
            seats += _seat_in_part(part, now)
    by_registration: dict[int, list[Seat]] = {}
    for seat in seats:
        by_registration.setdefault(seat.registration_id, []).append(seat)
    emails.queue_later_parts(by_registration, now=now)
    return seats


def _seat_in_part(part: Part, now: datetime.datetime) -> list[Seat]:
    line = waitlist_report(part, now=now)
    places, number = 0 if line.waiting else line.places_left, next_waitlist_number(part)
    seats, audience = [], Audience(part.event)
    waiting_for_it = _interested_registrations(event=part.event_id, part=part.pk, earliest=part.earliest)
    for registration in waiting_for_it.select_related("organization", "invitation").order_by("registered_at", "pk"):
        seat = Seat(registration=registration, part=part, changed_at=now)
        if not audience.includes_registrant(registration):
            seat.state = Seat.State.REQUESTED
        elif places > 0:
            seat.state, places = Seat.State.CONFIRMED, places - 1
        elif part.has_waitlist:
            seat.state, seat.waitlist_number, number = Seat.State.WAITING, number, number + 1
        else:
            continue
        if seat.state != Seat.State.REQUESTED:
            seat.hold_expires_at = hold_expiry_for_registration(registration, part, now=now)
        seats.append(seat)
    return Seat.objects.bulk_create(seats, batch_size=500)


def _parts_with_interest(parts: QuerySet[Part]) -> QuerySet[Part]:
    """Those of the parts that somebody wants as a later one and has no seat in."""
    event, part, earliest = OuterRef("event"), OuterRef(OuterRef("pk")), OuterRef(OuterRef("earliest"))
    return parts.filter(Exists(_interested_registrations(event=event, part=part, earliest=earliest)))


def _interested_registrations(
    *, event: int | OuterRef, part: int | OuterRef, earliest: datetime.datetime | OuterRef
) -> QuerySet[Registration]:
    """The registrations of the event that want this part as a later one, and have no seat in it."""
    seats = Seat.objects.filter(registration=OuterRef("pk"))
    return Registration.objects.filter(
        Exists(seats.active().filter(part__earliest__lt=earliest)),
        ~Exists(seats.filter(part=part)),
        event=event,
        later_parts=True,
        contact__isnull=False,
    )
