"""Seats: who gets a place, who waits, who moves up. The rows of a part's seats change only while the part is locked."""

from django.db import transaction
from django.db.models import F, Max

from .. import emails
from ..models import Part, Seat

MOVING_COURSES = (Part.Course.PLANNED, Part.Course.CONFIRMED)


def lock_parts(*, event_id):
    """All parts of an event with their event, locked in primary key order until the transaction ends.

    All of them, whichever are wanted, so that two registrations of one address never see only half of each other. On
    SQLite the transaction itself has the write lock.
    """
    parts = Part.objects.select_for_update(of=("self",), no_key=True).select_related("event")
    return list(parts.filter(event=event_id).order_by("pk"))


def next_line_number(part):
    """One more than any number the part's line has seen; the part has to be locked."""
    return (part.seats.aggregate(last=Max("line_number"))["last"] or 0) + 1


@transaction.atomic
def promote(*, part, now):
    """Give free places of the part to the first in line and tell them; returns the seats that moved up.

    Nobody moves once the part has begun, or while it is postponed, replaced or cancelled. `now` is an aware datetime.
    """
    part = Part.objects.select_for_update(no_key=True).get(pk=part.pk)
    if part.has_begun(now) or part.course not in MOVING_COURSES:
        return []
    line = part.seats.waiting()
    if part.capacity is not None:
        line = line[: max(part.capacity - part.seats.confirmed().count(), 0)]
    seats = list(line)
    if seats:
        Seat.objects.filter(pk__in=[seat.pk for seat in seats]).update(
            state=Seat.State.CONFIRMED, sequence=F("sequence") + 1, changed_at=now
        )
    for seat in seats:
        seat.state, seat.sequence, seat.changed_at = Seat.State.CONFIRMED, seat.sequence + 1, now
        emails.queue_moved_up(seat, now=now)
    return seats
