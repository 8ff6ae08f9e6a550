"""Coming to a part that is held online: when its room can be entered, and who did."""

import datetime
import enum

from ..models import Part, Seat


class Door(enum.StrEnum):
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


BY_SEAT = {
    Seat.State.CANCELLED: Door.NO_PLACE,
    Seat.State.DECLINED: Door.NO_PLACE,
    Seat.State.WAITING: Door.WAITING,
    Seat.State.REQUESTED: Door.REQUESTED,
}
BY_STATUS = {
    Part.Status.POSTPONED: Door.POSTPONED,
    Part.Status.CANCELLED: Door.CANCELLED,
    Part.Status.REPLACED: Door.CANCELLED,
    Part.Status.HELD: Door.OVER,
}


def door_of(seat: Seat, *, now: datetime.datetime) -> Door:
    """The Door for a seat at the aware datetime `now`: open from 30 minutes before the start until the end.

    Where a part has hours of each day it is open so on each day, and early in the nights between.
    No query where the seat's part and the event of that are loaded. What cannot change any more is said first.
    """
    part = seat.part
    if BY_SEAT.get(seat.state) == Door.NO_PLACE:
        return Door.NO_PLACE
    if part.status in BY_STATUS:
        return BY_STATUS[part.status]
    if part.is_past(now):
        return Door.OVER
    if seat.state in BY_SEAT:
        return BY_SEAT[seat.state]
    if not part.is_online:
        return Door.ON_SITE
    opens_at = part.room_opens_at(now)
    if opens_at is None:
        return Door.NO_HOUR
    if opens_at > now:
        return Door.EARLY
    return Door.OPEN if part.room_url else Door.NO_ROOM


def enter(*, seat, now):
    """Keep that the registrant came, the first time only, and return the address of the room; None if it is not open.

    Takes no lock on the part, unlike what changes who has a seat: all come in the same minutes, and none takes
    anything from another.
    """
    if door_of(seat, now=now) != Door.OPEN:
        return None
    Seat.objects.confirmed().filter(pk=seat.pk, entered_at__isnull=True).update(entered_at=now)
    return seat.part.room_url
