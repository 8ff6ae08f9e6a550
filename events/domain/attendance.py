"""Entering the online room of a part: whether a registrant may, and recording who did."""

import datetime
import enum

from ..models import Part, Seat


class RoomAccess(enum.StrEnum):
    """Whether a registrant can enter the room of a part (OPEN), or why not."""

    OPEN = "open"
    EARLY = "early"
    OVER = "over"
    NO_PLACE = "no_place"
    WAITING = "waiting"
    REQUESTED = "requested"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    ON_SITE = "on_site"
    NO_HOUR = "no_hour"
    NO_ROOM = "no_room"


ACCESS_BY_SEAT_STATE: dict[str, RoomAccess] = {
    Seat.State.CANCELLED: RoomAccess.NO_PLACE,
    Seat.State.DECLINED: RoomAccess.NO_PLACE,
    Seat.State.WAITING: RoomAccess.WAITING,
    Seat.State.REQUESTED: RoomAccess.REQUESTED,
}
ACCESS_BY_PART_STATUS: dict[str, RoomAccess] = {
    Part.Status.POSTPONED: RoomAccess.POSTPONED,
    Part.Status.CANCELLED: RoomAccess.CANCELLED,
    Part.Status.REPLACED: RoomAccess.CANCELLED,
    Part.Status.HELD: RoomAccess.OVER,
}


def room_access(seat: Seat, *, now: datetime.datetime) -> RoomAccess:
    """Return the access to the part's room by a seat: open from 30 minutes before the start until the end.

    A part with daily hours opens like that on each day. Reasons that cannot change any more come first. No query if the
    seat's part and its event are loaded.
    """
    part = seat.part
    if ACCESS_BY_SEAT_STATE.get(seat.state) == RoomAccess.NO_PLACE:
        return RoomAccess.NO_PLACE
    if part.status in ACCESS_BY_PART_STATUS:
        return ACCESS_BY_PART_STATUS[part.status]
    if part.is_past(now):
        return RoomAccess.OVER
    if seat.state in ACCESS_BY_SEAT_STATE:
        return ACCESS_BY_SEAT_STATE[seat.state]
    if not part.is_online:
        return RoomAccess.ON_SITE
    opens_at = part.room_opens_at(now)
    if opens_at is None:
        return RoomAccess.NO_HOUR
    if opens_at > now:
        return RoomAccess.EARLY
    return RoomAccess.OPEN if part.room_url else RoomAccess.NO_ROOM


def record_entry(*, seat: Seat, now: datetime.datetime) -> str | None:
    """Record the first entry of the registrant; returns the address of the room, or None if it is not open.

    Does not lock the part: everybody enters within the same few minutes, and no seat changes its state.
    """
    if room_access(seat, now=now) != RoomAccess.OPEN:
        return None
    Seat.objects.confirmed().filter(pk=seat.pk, entered_at__isnull=True).update(entered_at=now)
    return seat.part.room_url
