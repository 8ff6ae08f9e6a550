"""The back office of events, one file a noun. Rule: an action calls the verb the public page would call."""

from . import (
    agenda_item,
    contact,
    event,
    handout,
    invitation,
    part,
    recording,
    registration,
    schedule_change,
    seat,
    series,
    story,
    suppression,
    transcript,
)

__all__ = [
    "agenda_item",
    "schedule_change",
    "contact",
    "event",
    "handout",
    "invitation",
    "part",
    "recording",
    "registration",
    "seat",
    "series",
    "story",
    "suppression",
    "transcript",
]
