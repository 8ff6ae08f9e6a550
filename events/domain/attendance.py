"""Entering the online room of a part: whether a registrant may, and recording who did."""

import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from ..models import Part, Seat


class RoomAccess(models.TextChoices):
    """Whether a registrant can enter the room of a part (OPEN), or why not. The label is the heading of the page."""

    OPEN = "open", _("The room is open")
    EARLY = "early", _("The room is not open yet")
    OVER = "over", _("It is over")
    NO_PLACE = "no_place", _("You have no place")
    WAITING = "waiting", _("You are on the waiting list")
    REQUESTED = "requested", _("Your request is not answered yet")
    POSTPONED = "postponed", _("It was postponed")
    CANCELLED = "cancelled", _("It was cancelled")
    ON_SITE = "on_site", _("It is not held online")
    NO_HOUR = "no_hour", _("The hour is not known yet")
    NO_ROOM = "no_room", _("The room is not ready yet")

    @property
    def explanation(self) -> str:
        """What the page says below the heading, where that needs nothing but the reason."""
        return str(EXPLANATIONS.get(self, ""))


EXPLANATIONS = {
    RoomAccess.NO_PLACE: _(
        "You cancelled your place in this part, or we could not offer you one, so you cannot enter."
    ),
    RoomAccess.REQUESTED: _("The organizers decide whether you get a place, and we will email you."),
    RoomAccess.POSTPONED: _("The new date is not known yet. We will email you, and this page keeps its address."),
    RoomAccess.CANCELLED: _("The organizers have cancelled it. It does not take place at this date."),
    RoomAccess.ON_SITE: _("People meet on site."),
    RoomAccess.NO_HOUR: _("Come back to this page when you know it. It keeps its address."),
    RoomAccess.NO_ROOM: _(
        "The organizers have not opened the room yet. Look again in a few minutes: this page keeps its address."
    ),
}
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
