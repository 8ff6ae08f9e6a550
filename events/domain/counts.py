"""Who came, in numbers without persons: they stay when personal data is erased."""

import dataclasses

from django.db.models import Count, Q
from django.utils.translation import gettext
from django_countries import countries

from organizations.models import Organization, Sector

from ..models import Registration, Seat

SMALLEST_GROUP = 5  # smaller ones could point to a person


@dataclasses.dataclass(frozen=True)
class Group:
    """How many had a place in some part, and how many of these pressed Enter. `others` is a fold of small groups."""

    label: str
    registered: int
    entered: int
    others: bool = False


def groups_of(event):
    """{"sector", "country", "organization": [Group, largest first, what was folded last]}. Four queries at most."""
    with_place = Registration.objects.filter(event=event, seats__state=Seat.State.CONFIRMED).order_by()
    labels = {
        "sector": lambda keys: dict(Sector.choices),
        "country": lambda keys: dict(countries),
        "organization": lambda keys: {row.pk: row.name for row in Organization.objects.filter(pk__in=keys)},
    }
    return {field: _groups(with_place, field, labels[field]) for field in labels}


def _groups(registrations, field, labels_of):
    rows = registrations.values_list(field).annotate(
        registered=Count("pk", distinct=True),
        entered=Count("pk", distinct=True, filter=Q(seats__entered_at__isnull=False)),
    )
    rows = list(rows)
    shown = [row for row in rows if row[0] and row[1] >= SMALLEST_GROUP]
    labels = labels_of([row[0] for row in shown])
    groups = [Group(str(labels[key]), registered, entered) for key, registered, entered in shown]
    groups.sort(key=lambda group: (-group.registered, group.label))
    folded = [row for row in rows if row not in shown]
    if folded:
        sums = [sum(column) for column in list(zip(*folded, strict=True))[1:]]
        groups.append(Group(gettext("Other"), *sums, others=True))
    return groups
