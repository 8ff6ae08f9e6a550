"""Mails of events, one module for each noun. The outbox renders a mail at the moment it sends it.

So a mail shows the state of that moment. It is dropped if what it is about is gone by then; the change that removed it
has queued a mail of its own.
"""

from .invitation import queue_invitation, queue_invitations_cancelled
from .personal_data import queue_data_link
from .registration import (
    queue_already_registered,
    queue_cancelled,
    queue_cancelled_by_staff,
    queue_changed,
    queue_declined,
    queue_granted,
    queue_later_parts,
    queue_link,
    queue_lost_link,
    queue_promoted,
    queue_received,
    queue_released,
    queue_requested,
    registrations_not_notified,
)
from .reminders import queue_reminders, reminder_key
from .schedule_change import queue_schedule_change_mails, schedule_change_message
from .thanks import queue_thanks

__all__ = [
    "schedule_change_message",
    "queue_already_registered",
    "queue_cancelled",
    "queue_cancelled_by_staff",
    "queue_schedule_change_mails",
    "queue_changed",
    "queue_data_link",
    "queue_declined",
    "queue_granted",
    "queue_invitation",
    "queue_invitations_cancelled",
    "queue_later_parts",
    "queue_link",
    "queue_lost_link",
    "queue_promoted",
    "queue_received",
    "queue_released",
    "queue_reminders",
    "queue_requested",
    "queue_thanks",
    "registrations_not_notified",
    "reminder_key",
]
