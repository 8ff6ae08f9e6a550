"""Releasing places that an address was not confirmed for in time, so that the next in line moves up."""

import datetime

from django.db import transaction
from django.db.models import Q

from wego_portal.foundation.periodic import every

from .. import emails
from ..models import Part, Seat
from .hold import hold_expiry
from .seat import cancel_locked_seats_and_notify, lock_parts


@every(datetime.timedelta(minutes=1))
def release_expired_holds(*, now: datetime.datetime) -> int:
    """Release what is due at the aware datetime `now`, one transaction an event; returns how many seats were.

    One query where nothing is due.
    """
    seats = Seat.objects.filter(hold_expires_at__lte=now, part__capacity__isnull=False)
    not_begun = Q(part__earliest__gt=now) | Q(part__status=Part.Status.POSTPONED)
    seats = seats.filter(not_begun).exclude(part__status__in=Part.CANCELLED_STATUSES)
    events = sorted(set(seats.values_list("part__event", flat=True)))
    return sum(_release_in_event(event, now) for event in events)


@transaction.atomic
def _release_in_event(event: int, now: datetime.datetime) -> int:
    return len(release_expired_holds_in_parts(parts=lock_parts(event_id=event), now=now))


def release_expired_holds_in_parts(*, parts: list[Part], now: datetime.datetime) -> list[Seat]:
    """Release the seats in an event's locked parts whose time has passed at the aware datetime `now`; returns them.

    Each registrant gets one mail, and the next in line move up. Where the mail that told of the place has not left yet,
    for which nobody is to blame who registered, the time begins anew. One query where nothing is due, none where no
    part has limited places.
    """
    limited = {part.pk: part for part in parts if part.capacity is not None and not part.has_final_seats(now)}
    if not limited:
        return []
    seats = Seat.objects.filter(part__in=limited, hold_expires_at__lte=now)
    if not seats.exists():
        return []
    due = list(seats.select_related("registration").order_by("pk"))
    untold = emails.registrations_not_notified({seat.registration_id for seat in due})
    for seat in due:
        seat.part = limited[seat.part_id]
        if seat.registration_id in untold:
            seat.hold_expires_at = hold_expiry(seat.part, now=now)
    Seat.objects.bulk_update([seat for seat in due if seat.registration_id in untold], ["hold_expires_at"])
    released = [seat for seat in due if seat.registration_id not in untold]
    for seat in released:
        seat.released_at = now
    return cancel_locked_seats_and_notify(released, now=now, queue_mail=emails.queue_released)
