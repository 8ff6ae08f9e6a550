"""Models of events, one file a noun. Rule: integrity is a named constraint, `on_delete` is chosen on purpose.

Personal data is in Contact, Registration and Seat, nowhere else.
"""

from .agenda_item import AgendaItem, Appearance
from .contact import Contact
from .event import Event, EventAudience, EventOrganization, Follows
from .handout import Handout
from .part import Part
from .recording import Recording
from .registration import Registration
from .seat import Seat
from .series import Series
from .story import Story, StoryPicture
from .transcript import Cue, Transcript

__all__ = [
    "AgendaItem",
    "Appearance",
    "Contact",
    "Cue",
    "Event",
    "EventAudience",
    "EventOrganization",
    "Follows",
    "Handout",
    "Part",
    "Recording",
    "Registration",
    "Seat",
    "Series",
    "Story",
    "StoryPicture",
    "Transcript",
]
