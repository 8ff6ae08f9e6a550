"""Reminders a day and an hour before a part begins, to who has a place in it."""

import dataclasses
import datetime
import itertools
from typing import cast

from django.db.models import QuerySet

from wego_portal.foundation import outbox
from wego_portal.foundation.periodic import every

from .. import emails
from ..models import Part, Seat

MIN_AGE = datetime.timedelta(hours=1)  # who got the place so shortly before the reminder has just had a mail
BATCH_SIZE = 500  # mails queued in one transaction


def _start(part: Part) -> datetime.datetime:
    """The start of a part that was found by its start."""
    return cast(datetime.datetime, part.starts_at)


@dataclasses.dataclass(frozen=True)
class Reminder:
    """Which one it is ("day", "hour"), and from when until when it is sent, each so long before the start of a part."""

    which: str
    first: datetime.timedelta
    last: datetime.timedelta

    def is_due(self, part: Part, now: datetime.datetime) -> bool:
        """Whether it is to be sent for the part at `now`."""
        return _start(part) - self.first <= now < _start(part) - self.last

    def seats(self, part: Part) -> QuerySet[Seat, tuple[int, int]]:
        """The seats whose owners are reminded, in their order: pairs of their key and their registration's.

        While the start of the part stays, no seat is added once the reminder is due: those taken later are too fresh.
        """
        taken_before = _start(part) - self.first - MIN_AGE
        seats = part.seats.confirmed().filter(changed_at__lte=taken_before, registration__contact__isnull=False)
        return seats.order_by("pk").values_list("pk", "registration")


# Where no worker ran for a while a reminder is sent later, until it would not be that any more.
REMINDERS = (
    Reminder("day", datetime.timedelta(hours=24), datetime.timedelta(hours=6)),
    Reminder("hour", datetime.timedelta(hours=1), datetime.timedelta()),
)


@every(datetime.timedelta(minutes=1))
def queue_due_reminders(*, now: datetime.datetime) -> int:
    """Queue the reminders that are due at the aware datetime `now`; returns how many parts that concerned.

    One query where nothing begins within a day. Seats are queued in their order, so a part whose last one has its mail
    is done; after a worker was killed half-way the next one does the rest, and nobody gets one twice.
    """
    longest = max(reminder.first for reminder in REMINDERS)
    parts = Part.objects.filter(status__in=Part.EXPECTED_STATUSES, latest__gt=now, starts_at__gt=now)
    due = [
        (reminder, part)
        for part in parts.filter(starts_at__lte=now + longest)
        for reminder in REMINDERS
        if reminder.is_due(part, now)
    ]
    last = {pair: pair[0].seats(pair[1]).last() for pair in due}
    keys = {pair: emails.reminder_key(pair[0].which, pair[1], seat[0]) for pair, seat in last.items() if seat}
    done = outbox.already_queued(keys.values())
    undone = [pair for pair, key in keys.items() if key not in done]
    for reminder, part in undone:
        seats = iter(reminder.seats(part))
        while some := list(itertools.islice(seats, BATCH_SIZE)):
            emails.queue_reminders(reminder.which, part, some, until=_start(part) - reminder.last, now=now)
    return len(undone)
