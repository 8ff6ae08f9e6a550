"""How long a limited place is held for an address that is not verified yet."""

import datetime

from ..models import Part, Registration

# A hold ends at the latest this long before the start, so that whoever is promoted can still come.
RELEASE_BEFORE_START = datetime.timedelta(hours=3)
# Whoever registers later than that has this long nevertheless, or until the start.
MIN_HOLD_DURATION = datetime.timedelta(minutes=30)


def hold_expiry(part: Part, *, now: datetime.datetime) -> datetime.datetime | None:
    """Return until when a place in the part, or on its waitlist, is held if it is taken at `now` (both aware).

    None if the capacity is not limited, or if the event holds places until the start. Reads the event of the part.
    """
    if part.capacity is None or not part.event.hold_hours:
        return None
    expiry = now + datetime.timedelta(hours=part.event.hold_hours)
    return expiry if part.starts_at is None else min(expiry, latest_hold_expiry(part.starts_at, now=now))


def latest_hold_expiry(starts_at: datetime.datetime, *, now: datetime.datetime) -> datetime.datetime:
    """Return the latest end of a hold in a part with this start, for a hold made at `now` (both aware)."""
    return max(starts_at - RELEASE_BEFORE_START, min(now + MIN_HOLD_DURATION, starts_at))


def hold_expiry_for_registration(
    registration: Registration, part: Part, *, now: datetime.datetime
) -> datetime.datetime | None:
    """Return `hold_expiry`, or None if the registration's address is verified."""
    return None if registration.has_verified_address else hold_expiry(part, now=now)
