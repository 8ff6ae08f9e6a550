"""Registration as it stands: derived per part and per event from status, dates, access and seats; stored nowhere.

Every page, list, form and admin view asks here, so that they cannot disagree.
"""

import dataclasses
import datetime
from collections.abc import Collection, Iterable

from django.db import models
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.lazy_text import LazyText

from ..models import Event, Part, SeatCount
from .part_times import moment_words


class State(models.TextChoices):
    """What registration looks like now. An event has the first of these states that any of its parts has."""

    OPEN = "open", _("Open")
    AUDIENCE = "audience", _("Limited audience")
    WAITING_LIST = "waiting_list", _("Waiting list")
    NOT_YET_OPEN = "not_yet_open", _("Opens later")
    INVITATION = "invitation", _("By invitation")
    FULL = "full", _("Full")
    CLOSED = "closed", _("Registration closed")
    NONE = "none", _("Registration elsewhere / not required")
    POSTPONED = "postponed", _("Postponed")
    PAST = "past", _("Past")
    REPLACED = "replaced", _("Replaced")
    CANCELLED = "cancelled", _("Cancelled")


# Why a part cannot be chosen, as the end of a sentence.
UNAVAILABLE_REASONS = {
    State.FULL: _("it is full and has no waiting list"),
    State.NOT_YET_OPEN: _("registration has not opened yet"),
    State.CLOSED: _("registration has closed"),
    State.INVITATION: _("it is by invitation"),
    State.POSTPONED: _("it was postponed"),
    State.REPLACED: _("it was replaced"),
    State.CANCELLED: _("it was cancelled"),
    State.PAST: _("it is over"),
    State.NONE: _("it takes no registrations here"),
}
# What the page says where the form of a whole event cannot be had: a heading, and a sentence below it.
UNAVAILABLE_WORDS = {
    State.FULL: (
        _("This event is full"),
        _("Every place is taken and there is no waiting list. A place may become free, so it is worth looking again."),
    ),
    State.INVITATION: (
        _("This event is by invitation"),
        _("We invite people by email. If you think you should be invited, write to the secretariat."),
    ),
    State.NOT_YET_OPEN: (_("Registration has not opened yet"), ""),
    State.CANCELLED: (
        _("This event was cancelled"),
        _("This event will not take place."),
    ),
    State.POSTPONED: (
        _("This event was postponed"),
        _("A new date is not known yet. The event’s page will say it."),
    ),
    State.PAST: (
        _("This event is over"),
        _("Registration is no longer possible. A recording and documents, if there are any, are on the event’s page."),
    ),
    State.REPLACED: (_("This event was replaced"), _("The event’s page leads to what takes its place.")),
    State.NONE: (_("There is no registration here"), _("This event takes no registrations on this site.")),
    State.CLOSED: (_("Registration has closed"), _("It is too late to register for this event.")),
}
PRECEDENCE = {state: rank for rank, state in enumerate(State)}
STATES_WITH_FREE_PLACES = frozenset({State.OPEN, State.AUDIENCE})
STATES_TAKING_REGISTRATIONS = STATES_WITH_FREE_PLACES | {State.WAITING_LIST}
STATES_WITHOUT_BADGE = frozenset({State.PAST, State.NONE})
# The variant of the badge (`.badge--…` of the style sheet) where it is not named as the state.
BADGES = {State.OPEN: "open", State.AUDIENCE: "open", State.WAITING_LIST: "wait", State.NOT_YET_OPEN: ""}
BY_STATUS: dict[str, State] = {
    Part.Status.CANCELLED: State.CANCELLED,
    Part.Status.POSTPONED: State.POSTPONED,
    Part.Status.REPLACED: State.REPLACED,
    Part.Status.HELD: State.PAST,
}


@dataclasses.dataclass(frozen=True)
class Availability:
    """Registration as it stands for a part or an event.

    `places_left` is None where places are unlimited or do not matter; `waiting` is how many wait; `opens_at` (aware)
    is set while registration is not open yet.
    """

    state: State
    places_left: int | None = None
    waiting: int = 0
    opens_at: datetime.datetime | None = None

    @property
    def unavailable_reason(self) -> str:
        """Why a part cannot be chosen, as the end of a sentence; "" where it can be."""
        return str(UNAVAILABLE_REASONS.get(self.state, ""))

    @property
    def unavailable_heading(self) -> str:
        """The heading of the page that says that nobody can register now."""
        return str(UNAVAILABLE_WORDS[self.state][0])

    @property
    def unavailable_explanation(self) -> str:
        """The sentence below that heading; "" where the page shows `opens_at` instead."""
        return str(UNAVAILABLE_WORDS[self.state][1])

    @property
    def takes_registrations(self) -> bool:
        """Whether somebody can register now, for a place or for the waiting list."""
        return self.state in STATES_TAKING_REGISTRATIONS

    @property
    def joins_waitlist(self) -> bool:
        """Whether who registers now comes on the waiting list."""
        return self.state == State.WAITING_LIST

    @property
    def is_open_or_full(self) -> bool:
        """Whether registration has opened and not closed, even if every place is taken."""
        return self.takes_registrations or self.state == State.FULL

    @property
    def label(self) -> LazyText:
        """The state in words."""
        return self.state.label

    @property
    def badge(self) -> str:
        """The variant of the badge that shows the state; "" for a neutral one."""
        return BADGES.get(self.state, self.state.value)

    @property
    def badge_text(self) -> str:
        """The words of the badge; "" where there is none, since an event that is past has others."""
        if self.state in STATES_WITHOUT_BADGE:
            return ""
        if self.state == State.NOT_YET_OPEN and self.opens_at:
            return gettext("Opens %(when)s") % {"when": moment_words(self.opens_at)}
        return str(self.label)

    @property
    def places_left_text(self) -> str:
        """How many places are left, in words; "" where they are unlimited or none is given out."""
        if self.state not in STATES_WITH_FREE_PLACES or self.places_left is None:
            return ""
        text = ngettext("%(left)s place left", "%(left)s places left", self.places_left)
        return text % {"left": self.places_left}


def availability_of(
    parts: Collection[Part], *, now: datetime.datetime, invited: bool = False
) -> dict[int, Availability]:
    """{part.pk: Availability} at the aware datetime `now`. At most one query, if each part has its event loaded.

    It is the answer for the public, or with `invited` for somebody with an invitation.
    """
    decided = {part.pk: _without_seats(part, now, invited) for part in parts}
    answers = {key: answer for key, answer in decided.items() if answer is not None}
    undecided = [part for part in parts if part.pk not in answers]
    seats = _counts([part for part in undecided if part.capacity is not None])
    for part in undecided:
        answers[part.pk] = _by_seats(part, *seats.get(part.pk, (0, 0)))
    return answers


def availability_of_events(events: Iterable[Event], *, now: datetime.datetime) -> dict[int, Availability]:
    """{event.pk: Availability} at `now`. At most one query, if the events have their parts prefetched."""
    parts = [part for event in events for part in event.parts.all()]
    answers = availability_of(parts, now=now)
    return {event.pk: event_availability(event, answers) for event in events}


def event_availability(event: Event, answers: dict[int, Availability]) -> Availability:
    """Return the availability of an event from `answers`, those of `availability_of` for its parts.

    Its state is the first, in the order of State, that any part has; its places left are the fewest of a part with it.
    """
    own = [answers[part.pk] for part in event.parts.all()]
    if not own:
        return Availability(State.NONE)
    best = min(own, key=lambda answer: PRECEDENCE[answer.state])
    if event.replaced_by_id and best.state != State.PAST:
        return Availability(State.REPLACED)
    alike = [answer for answer in own if answer.state == best.state]
    limited = [answer.places_left for answer in alike if answer.places_left is not None]
    opening = [answer.opens_at for answer in alike if answer.opens_at]
    return Availability(
        best.state,
        places_left=min(limited, default=None),
        waiting=max(answer.waiting for answer in alike),
        opens_at=min(opening, default=None),
    )


def _without_seats(part: Part, now: datetime.datetime, invited: bool) -> Availability | None:
    """The answer where status, dates and access decide it; None where the seats have to be counted."""
    event = part.event
    if part.status in BY_STATUS:
        return Availability(BY_STATUS[part.status])
    if part.is_past(now):
        return Availability(State.PAST)
    by_invitation = event.access == Event.Access.INVITATION
    if by_invitation and not invited:
        return Availability(State.INVITATION)
    # An event by invitation offers no form on its page; its invitations lead to one all the same.
    if not (event.takes_registrations or by_invitation) or part.starts_at is None or part.status == Part.Status.UNKNOWN:
        return Availability(State.NONE)
    closes_at = min(part.registration_closes_at or part.starts_at, part.starts_at)
    if closes_at <= now:
        return Availability(State.CLOSED)
    if part.registration_opens_at and part.registration_opens_at > now:
        return Availability(State.NOT_YET_OPEN, opens_at=part.registration_opens_at)
    return None


def _counts(parts: list[Part]) -> dict[int, tuple[int, int]]:
    """{part.pk: (confirmed, waiting)} in one query; parts that never had such seats are missing."""
    rows = SeatCount.objects.filter(part__in=[part.pk for part in parts]).values_list("part", "confirmed", "waiting")
    return {part: (confirmed, waiting) for part, confirmed, waiting in rows}


def _by_seats(part: Part, confirmed: int, waiting: int) -> Availability:
    """Where somebody waits, a newcomer waits too, even if a place was freed a moment ago."""
    open_state = State.AUDIENCE if part.event.access == Event.Access.AUDIENCE else State.OPEN
    if part.capacity is None:
        return Availability(open_state)
    left = max(part.capacity - confirmed, 0)
    if left and not waiting:
        return Availability(open_state, places_left=left)
    return Availability(State.WAITING_LIST if part.has_waitlist else State.FULL, places_left=left, waiting=waiting)
