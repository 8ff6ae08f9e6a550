"""Coming to a part that is held online: when its room can be entered, and who did."""

import datetime
import enum

from ..models import Part, Seat


class RoomAccess(enum.StrEnum):
    """What stands between a registrant and the room of a part."""

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


BY_SEAT: dict[str, RoomAccess] = {
    Seat.State.CANCELLED: RoomAccess.NO_PLACE,
    Seat.State.DECLINED: RoomAccess.NO_PLACE,
    Seat.State.WAITING: RoomAccess.WAITING,
    Seat.State.REQUESTED: RoomAccess.REQUESTED,
}
BY_STATUS: dict[str, RoomAccess] = {
    Part.Status.POSTPONED: RoomAccess.POSTPONED,
    Part.Status.CANCELLED: RoomAccess.CANCELLED,
    Part.Status.REPLACED: RoomAccess.CANCELLED,
    Part.Status.HELD: RoomAccess.OVER,
}


def room_access(seat: Seat, *, now: datetime.datetime) -> RoomAccess:
    """The Door for a seat at the aware datetime `now`: open from 30 minutes before the start until the end.

    Where a part has hours of each day it is open so on each day, and early in the nights between.
    No query where the seat's part and the event of that are loaded. What cannot change any more is said first.
    """
    part = seat.part
    if BY_SEAT.get(seat.state) == RoomAccess.NO_PLACE:
        return RoomAccess.NO_PLACE
    if part.status in BY_STATUS:
        return BY_STATUS[part.status]
    if part.is_past(now):
        return RoomAccess.OVER
    if seat.state in BY_SEAT:
        return BY_SEAT[seat.state]
    if not part.is_online:
        return RoomAccess.ON_SITE
    opens_at = part.room_opens_at(now)
    if opens_at is None:
        return RoomAccess.NO_HOUR
    if opens_at > now:
        return RoomAccess.EARLY
    return RoomAccess.OPEN if part.room_url else RoomAccess.NO_ROOM


def record_entry(*, seat: Seat, now: datetime.datetime) -> str | None:
    """Keep that the registrant came, the first time only, and return the address of the room; None if it is not open.

    Takes no lock on the part, unlike what changes who has a seat: all come in the same minutes, and none takes
    anything from another.
    """
    if room_access(seat, now=now) != RoomAccess.OPEN:
        return None
    Seat.objects.confirmed().filter(pk=seat.pk, entered_at__isnull=True).update(entered_at=now)
    return seat.part.room_url
