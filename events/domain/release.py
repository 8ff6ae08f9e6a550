"""Releasing places whose address was not verified in time, so that the next on the waitlist is promoted."""

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
    """Release the seats whose hold has expired, in one transaction for each event; returns how many.

    One query if nothing has expired.
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
    """Release the seats of an event's locked parts whose hold has expired; returns them.

    Each registrant gets one mail, and the next on the waitlist are promoted. If the mail that asks to verify the
    address has not been sent yet (a queue that stands still is no fault of the registrant), the hold starts anew. One
    query if nothing has expired, none if no part has a limited capacity.
    """
    limited = {part.pk: part for part in parts if part.capacity is not None and not part.has_final_seats(now)}
    if not limited:
        return []
    seats = Seat.objects.filter(part__in=limited, hold_expires_at__lte=now)
    if not seats.exists():
        return []
    expired = list(seats.select_related("registration").order_by("pk"))
    not_notified = emails.registrations_not_notified({seat.registration_id for seat in expired})
    for seat in expired:
        seat.part = limited[seat.part_id]
        if seat.registration_id in not_notified:
            seat.hold_expires_at = hold_expiry(seat.part, now=now)
    Seat.objects.bulk_update([seat for seat in expired if seat.registration_id in not_notified], ["hold_expires_at"])
    released = [seat for seat in expired if seat.registration_id not in not_notified]
    for seat in released:
        seat.released_at = now
    return cancel_locked_seats_and_notify(released, now=now, queue_mail=emails.queue_released)
