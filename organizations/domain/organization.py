"""Organizations as they are called."""

from django.db.models import Q
from translated_fields import to_attribute

from wego_portal.foundation.translated import INTERFACE_LANGUAGES

from ..models import Organization


def organization_named(name, *, now):
    """The organization, visible at the aware datetime `now`, that goes by exactly this name in any language, or None.

    Letter case and spacing do not matter. A name that several organizations go by names none of them. One query.
    """
    name = " ".join(name.split())
    called = Q(short_name__iexact=name) | Q(native_name__iexact=name) | Q(aliases__name__iexact=name)
    for language in INTERFACE_LANGUAGES:
        called |= Q(**{f"{to_attribute('name', language)}__iexact": name})
    found = list(Organization.objects.published(now).filter(called).distinct().order_by()[:2]) if name else []
    return found[0] if len(found) == 1 else None
