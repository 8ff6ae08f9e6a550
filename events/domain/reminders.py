"""Reminders a day and an hour before a part starts, to everybody with a confirmed seat in it."""

import dataclasses
import datetime
import itertools

from django.db.models import QuerySet

from wego_portal.foundation import outbox
from wego_portal.foundation.periodic import every

from .. import emails
from ..models import Part, Seat

MIN_SEAT_AGE = datetime.timedelta(hours=1)  # whoever got the seat later has just had a mail about it
BATCH_SIZE = 500  # mails queued in one transaction


@dataclasses.dataclass(frozen=True)
class Reminder:
    """A kind of reminder ("day", "hour"), due between two times before the start of a part."""

    kind: str
    due_before_start: datetime.timedelta
    late_before_start: datetime.timedelta

    def is_due(self, starts_at: datetime.datetime, now: datetime.datetime) -> bool:
        """Whether it is to be sent at `now` for a part with this start (both aware)."""
        return starts_at - self.due_before_start <= now < starts_at - self.late_before_start

    def seats(self, part: Part, starts_at: datetime.datetime) -> QuerySet[Seat, tuple[int, int]]:
        """Return the primary keys of the seats to remind, in order, each with that of its registration.

        Seats taken after the reminder is due are left out, so while the start stays, the last seat stays the last.
        """
        taken_before = starts_at - self.due_before_start - MIN_SEAT_AGE
        seats = part.seats.confirmed().filter(changed_at__lte=taken_before, registration__contact__isnull=False)
        return seats.order_by("pk").values_list("pk", "registration")


# If no worker ran for a while, a reminder is sent late, as long as it still makes sense.
REMINDERS = (
    Reminder("day", datetime.timedelta(hours=24), datetime.timedelta(hours=6)),
    Reminder("hour", datetime.timedelta(hours=1), datetime.timedelta()),
)


@every(datetime.timedelta(minutes=1))
def queue_due_reminders(*, now: datetime.datetime) -> int:
    """Queue the reminders that are due; returns for how many parts.

    Seats are queued in the order of their keys, so a part is done once its last seat has its mail. If a worker is
    killed meanwhile, the next one queues the rest, and the deduplication key keeps anybody from getting two. One query
    if no part starts within a day.
    """
    longest = max(reminder.due_before_start for reminder in REMINDERS)
    parts = Part.objects.filter(status__in=Part.EXPECTED_STATUSES, latest__gt=now, starts_at__gt=now)
    due = [
        (reminder, part, part.starts_at)
        for part in parts.filter(starts_at__lte=now + longest)
        for reminder in REMINDERS
        if part.starts_at and reminder.is_due(part.starts_at, now)
    ]
    keys = {}
    for reminder, part, starts_at in due:
        if last_seat := reminder.seats(part, starts_at).last():
            keys[reminder, part, starts_at] = emails.reminder_key(reminder.kind, part, last_seat[0])
    queued = outbox.already_queued(keys.values())
    missing = [each for each, key in keys.items() if key not in queued]
    for reminder, part, starts_at in missing:
        seats = iter(reminder.seats(part, starts_at))
        while batch := list(itertools.islice(seats, BATCH_SIZE)):
            emails.queue_reminders(reminder.kind, part, batch, until=starts_at - reminder.late_before_start, now=now)
    return len(missing)
