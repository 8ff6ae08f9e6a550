"""Organizations as they are called."""

import datetime

from wego_portal.foundation.fold import fold, folded_equals

from ..models import Organization


def organization_named(name: str, *, now: datetime.datetime) -> Organization | None:
    """The organization, visible at the aware datetime `now`, that goes by exactly this name in any language, or None.

    Case, accents, width and spacing do not matter. A name that several organizations go by names none of them. One
    query.
    """
    if not fold(name):
        return None
    called = folded_equals(name) | folded_equals(name, "aliases__folded")
    found = list(Organization.objects.published(now).filter(called).distinct().order_by()[:2])
    return found[0] if len(found) == 1 else None
