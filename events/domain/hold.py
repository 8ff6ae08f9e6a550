"""How long a limited place is held for an address that is not confirmed yet."""

import datetime

from ..models import Part, Registration

# A place goes to the next in line at the latest this long before the start, so that somebody can still come.
RELEASE_BEFORE_START = datetime.timedelta(hours=3)
# Who registers later than that has this long all the same, or until the start.
MIN_HOLD_DURATION = datetime.timedelta(minutes=30)


def hold_expiry(part: Part, *, now: datetime.datetime) -> datetime.datetime | None:
    """Until when a place in the part, or a number in its line, is held if it is taken at the aware datetime `now`.

    None where places are not limited, or the event holds them until the start. Reads the event of the part.
    """
    if part.capacity is None or not part.event.hold_hours:
        return None
    hold_expires_at = now + datetime.timedelta(hours=part.event.hold_hours)
    return (
        hold_expires_at if part.starts_at is None else min(hold_expires_at, latest_hold_expiry(part.starts_at, now=now))
    )


def latest_hold_expiry(starts_at: datetime.datetime, *, now: datetime.datetime) -> datetime.datetime:
    """Until when a place in a part with this start is held at most, seen from `now` (both aware)."""
    return max(starts_at - RELEASE_BEFORE_START, min(now + MIN_HOLD_DURATION, starts_at))


def hold_expiry_for_registration(
    registration: Registration, part: Part, *, now: datetime.datetime
) -> datetime.datetime | None:
    """As `hold_expiry`, and None where the registration's address is confirmed."""
    return None if registration.has_verified_address else hold_expiry(part, now=now)
