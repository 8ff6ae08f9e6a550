"""Models of events, one module for each noun.

Integrity is held by named constraints. Personal data is only in Contact, Registration with its answers, Seat and
Invitation.
"""

from .agenda_item import AgendaItem, Appearance
from .contact import Contact, FormerContact
from .event import Event, EventAudience, EventOrganization, Follows
from .handout import Handout
from .invitation import Invitation
from .part import Part
from .question import Answer, AnswerChoice, Choice, Question
from .recording import Recording
from .registration import Registration
from .schedule_change import ScheduleChange
from .seat import Seat, SeatsOutcome
from .seat_count import SeatCount
from .series import Series
from .story import Story, StoryPicture
from .suppression import Suppression
from .transcript import Cue, Transcript

__all__ = [
    "AgendaItem",
    "Answer",
    "AnswerChoice",
    "Appearance",
    "ScheduleChange",
    "Choice",
    "Contact",
    "Cue",
    "Event",
    "EventAudience",
    "EventOrganization",
    "Follows",
    "FormerContact",
    "Handout",
    "Invitation",
    "Part",
    "Question",
    "Recording",
    "Registration",
    "Seat",
    "SeatCount",
    "SeatsOutcome",
    "Series",
    "Story",
    "StoryPicture",
    "Suppression",
    "Transcript",
]
