"""What the registration form and the personal page show of an event's parts: which can be chosen, and what one has."""

import dataclasses
import datetime
from collections.abc import Mapping

from .. import ics
from ..models import Event, Part, Registration, Seat
from .attendance import RoomAccess, room_access
from .availability import Availability, State

ACCESS_WITH_ROOM_LINK = (RoomAccess.EARLY, RoomAccess.OPEN, RoomAccess.NO_ROOM)


@dataclasses.dataclass(frozen=True)
class PartChoice:
    """A part as the form offers it. `seat` is the one that its owner has already, on the personal page."""

    part: Part
    availability: Availability
    ticked: bool
    disabled: bool
    seat: Seat | None = None


@dataclasses.dataclass(frozen=True)
class SeatRow:
    """A seat on the personal page, with its part, and whether links to its calendar file and its room are shown."""

    seat: Seat
    part: Part
    has_file_link: bool
    has_room_link: bool


@dataclasses.dataclass(frozen=True)
class RegistrationPage:
    """What the personal page of a registration shows at the aware datetime `now`."""

    registration: Registration
    rows: list[SeatRow]
    choices: list[PartChoice]
    now: datetime.datetime

    @property
    def is_public(self) -> bool:
        """Whether the page of the event can be seen by everybody."""
        return self.registration.event.is_published(self.now)

    @property
    def active_rows(self) -> list[SeatRow]:
        """The seats that are neither cancelled nor declined, in parts that are not cancelled."""
        return [row for row in self.rows if row.seat.state in Seat.ACTIVE_STATES and not row.part.is_cancelled]

    @property
    def is_active(self) -> bool:
        """Whether there is any such seat."""
        return bool(self.active_rows)

    @property
    def needs_verification(self) -> bool:
        """Whether the owner is asked to show that the address is theirs: while a part with a seat is not over."""
        is_ahead = any(not row.part.is_past(self.now) for row in self.active_rows)
        return is_ahead and not self.registration.has_verified_address

    @property
    def can_change(self) -> bool:
        """Whether any part can be taken or left."""
        return any(not choice.disabled for choice in self.choices)

    @property
    def can_cancel(self) -> bool:
        """Whether any seat can be cancelled."""
        return any(choice.seat and not choice.disabled for choice in self.choices)

    @property
    def seats_on_hold(self) -> list[Seat]:
        """The seats that are kept for an unverified address, the first to expire first."""
        return sorted(
            (row.seat for row in self.rows if row.seat.hold_expires_at),
            key=lambda seat: seat.hold_expires_at or self.now,
        )

    def confirmed_outcome(self, outcome: str) -> str:
        """The outcome that the address names (changed, unchanged, cancelled, kept), or "" if it is not true."""
        is_so = {
            "changed": True,
            "unchanged": True,
            "cancelled": not self.is_active,
            "kept": self.is_active and self.registration.has_verified_address,
        }
        return outcome if is_so.get(outcome) else ""


def part_choices(event: Event, answers: Mapping[int, Availability]) -> list[PartChoice]:
    """The parts of an event as its form offers them, in their order. Where only one can be chosen, it is.

    `answers` is the availability of each part by its key.
    """
    parts = list(event.parts.all())
    free = [part for part in parts if answers[part.pk].takes_registrations]
    return [
        PartChoice(part=part, availability=answers[part.pk], ticked=free == [part], disabled=part not in free)
        for part in parts
        # What is over or never took registrations is left out, unless nothing else is there.
        if part in free or answers[part.pk].state not in (State.PAST, State.NONE)
    ]


def registration_page(
    registration: Registration,
    seats: Mapping[int, Seat],
    answers: Mapping[int, Availability],
    *,
    now: datetime.datetime,
) -> RegistrationPage:
    """The personal page's read model. `seats` and `answers` are by the key of their part. No query."""
    rows = []
    for part in registration.event.parts.all():
        if seat := seats.get(part.pk):
            seat.part = part
            has_room_link = room_access(seat, now=now) in ACCESS_WITH_ROOM_LINK
            rows.append(SeatRow(seat, part, has_calendar_file(seat, now=now), has_room_link))
    return RegistrationPage(registration, rows, _own_choices(registration.event, seats, answers, now), now)


def _own_choices(
    event: Event, seats: Mapping[int, Seat], answers: Mapping[int, Availability], now: datetime.datetime
) -> list[PartChoice]:
    """The parts with the owner's seats; those that have begun, or cannot be had, cannot be changed.

    A part that was cancelled or replaced is shown above, and is no choice.
    """
    choices = []
    for part in event.parts.all():
        seat, availability = seats.get(part.pk), answers[part.pk]
        has_seat = seat is not None and seat.state in Seat.ACTIVE_STATES
        changeable = not part.has_final_seats(now) and (has_seat or availability.takes_registrations)
        if part.is_cancelled:
            continue
        if has_seat or changeable or availability.state not in (State.PAST, State.NONE):
            own = seat if has_seat else None
            choices.append(PartChoice(part, availability, ticked=has_seat, disabled=not changeable, seat=own))
    return choices


def has_calendar_file(seat: Seat, *, now: datetime.datetime) -> bool:
    """Whether the owner of the seat may put the part into a calendar."""
    part = seat.part
    is_ahead = ics.has_calendar_entry(part) and not part.is_postponed_or_cancelled and not part.is_past(now)
    return seat.state == Seat.State.CONFIRMED and is_ahead
