"""Registrations for “all later parts”: adding their seats to a part as soon as it takes registrations.

A part is later than another if it starts after it. A registration gets a seat in each part that is later than one in
which it has an active seat, and in which it never had a seat: whoever cancelled or was declined is not added again.
The waitlist of a part comes first, so `reassign_places`, which does both after staff saved parts, is here too.
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

RECENTLY_OPENED_PERIOD = datetime.timedelta(minutes=10)  # far longer than the worker's interval of one minute


@dataclasses.dataclass(frozen=True)
class Reassignment:
    """What `reassign_places` did: the promoted seats of each part, why nobody was promoted, and the seats it added for
    registrations for all later parts."""

    promoted: dict[Part, list[Seat]]
    no_promotion_reasons: dict[Part, NoPromotionReason]
    added: list[Seat]


@transaction.atomic
def reassign_places(*, event: Event, resized: Collection[int], now: datetime.datetime) -> Reassignment:
    """Give out free places after staff saved parts: promote from each waitlist, then add seats in later parts.

    `resized` are the primary keys of parts whose capacity has changed. For these the answer says why nobody was
    promoted, if somebody waits or more seats are confirmed than the capacity allows.
    """
    parts = lock_parts(event_id=event.pk)
    unlimited = [part.pk for part in parts if part.pk in resized and part.capacity is None]
    if unlimited:  # a hold makes no sense where places are not limited
        Seat.objects.filter(part__in=unlimited, hold_expires_at__isnull=False).update(hold_expires_at=None)
    with_waitlist = set(Seat.objects.filter(part__event=event).waiting().values_list("part", flat=True))
    promoted = {part: promote(part=part, now=now) for part in parts if part.pk in with_waitlist}
    reasons = {}
    for part in parts:
        if part.pk in resized and not promoted.get(part):
            report = waitlist_report(part, now=now)
            reason = report.no_promotion_reason
            if reason == NoPromotionReason.OVERFULL or (reason and report.waiting):
                reasons[part] = reason
    return Reassignment(promoted, reasons, add_seats_in_later_parts(parts=parts, now=now))


def add_seats_in_recently_opened_parts(*, parts: list[Part], now: datetime.datetime) -> None:
    """Add seats in locked parts whose registration opened a moment ago, before a new registration takes a place.

    Those who asked for all later parts come first, even if the worker has not run since the opening. No query for other
    parts: the worker, or saving the part, has added the seats there.
    """
    if any(
        part.registration_opens_at
        and part.registration_opens_at <= now < part.registration_opens_at + RECENTLY_OPENED_PERIOD
        for part in parts
    ):
        add_seats_in_later_parts(parts=parts, now=now)


@every(datetime.timedelta(minutes=1))
def add_seats_in_opened_parts(*, now: datetime.datetime) -> int:
    """Add the missing seats in all parts that take registrations at `now`; returns how many.

    One query if there are none to add.
    """
    parts = _parts_with_interest(Part.objects.filter(status__in=Part.EXPECTED_STATUSES, starts_at__gt=now))
    events = sorted(set(parts.values_list("event", flat=True)))
    return sum(_add_seats_in_event(event, now) for event in events)


@transaction.atomic
def _add_seats_in_event(event: int, now: datetime.datetime) -> int:
    return len(add_seats_in_later_parts(parts=lock_parts(event_id=event), now=now))


def add_seats_in_later_parts(*, parts: list[Part], now: datetime.datetime) -> list[Seat]:
    """Add a seat in each of an event's locked parts for who registered for all later parts; returns the new seats.

    In the order of registering: a place while one is free, then the waitlist if the part has one, else none. Whoever is
    outside the audience gets a request. Each registrant gets one mail. Nothing happens while the event is not
    published.
    """
    if len(parts) < 2 or not parts[0].event.is_published(now):
        return []
    wanted = set(
        _parts_with_interest(Part.objects.filter(pk__in=[part.pk for part in parts])).values_list("pk", flat=True)
    )
    # Events by invitation count as open here: whoever is registered has shown the invitation before.
    answers = availability_of([part for part in parts if part.pk in wanted], now=now, invited=True)
    seats: list[Seat] = []
    for part in sorted(parts, key=lambda part: (part.earliest, part.pk)):
        if part.pk in wanted and answers[part.pk].takes_registrations:
            seats += _add_seats_in_part(part, now)
    by_registration: dict[int, list[Seat]] = {}
    for seat in seats:
        by_registration.setdefault(seat.registration_id, []).append(seat)
    emails.queue_later_parts(by_registration, now=now)
    return seats


def _add_seats_in_part(part: Part, now: datetime.datetime) -> list[Seat]:
    report = waitlist_report(part, now=now)
    places, number = 0 if report.waiting else report.places_left, next_waitlist_number(part)
    seats, audience = [], Audience(part.event)
    interested = _interested_registrations(event=part.event_id, part=part.pk, earliest=part.earliest)
    for registration in interested.select_related("organization", "invitation").order_by("registered_at", "pk"):
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
    """Return those of the parts in which a registration for all later parts has no seat yet."""
    event, part, earliest = OuterRef("event"), OuterRef(OuterRef("pk")), OuterRef(OuterRef("earliest"))
    return parts.filter(Exists(_interested_registrations(event=event, part=part, earliest=earliest)))


def _interested_registrations(
    *, event: int | OuterRef, part: int | OuterRef, earliest: datetime.datetime | OuterRef
) -> QuerySet[Registration]:
    """Return the event's registrations for all later parts that have an earlier part and no seat in this one."""
    seats = Seat.objects.filter(registration=OuterRef("pk"))
    return Registration.objects.filter(
        Exists(seats.active().filter(part__earliest__lt=earliest)),
        ~Exists(seats.filter(part=part)),
        event=event,
        later_parts=True,
        contact__isnull=False,
    )
