"""Who came, in numbers without persons: they stay when personal data is erased."""

import dataclasses

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext
from django_countries import countries

from organizations.models import Organization, Sector

from ..models import Event, Registration, Seat

SMALLEST_GROUP = 5  # smaller ones could point to a person


@dataclasses.dataclass(frozen=True)
class AttendanceGroup:
    """How many had a place in some part, and how many of these pressed Enter. `others` is a fold of small groups."""

    label: str
    registered: int
    entered: int
    others: bool = False


def attendance_groups(event: Event) -> dict[str, list[AttendanceGroup]]:
    """{"sector", "country", "organization": [Group, largest first, what was folded last]}. Four queries at most.

    An organization that is not in the directory is counted as it was typed, all spellings that `fold` alike together.
    """
    with_place = Registration.objects.filter(event=event, seats__state=Seat.State.CONFIRMED).order_by()
    sectors, names = dict(Sector.choices), dict(countries)
    counted = {field: _counted(with_place, field) for field in ("sector", "country")}
    return {
        "sector": _groups(
            {key: AttendanceGroup(str(sectors.get(key, "")), *numbers) for key, *numbers in counted["sector"]}
        ),
        "country": _groups(
            {key: AttendanceGroup(str(names.get(key, "")), *numbers) for key, *numbers in counted["country"]}
        ),
        "organization": _groups(_by_organization(with_place)),
    }


def _counted(registrations: QuerySet[Registration], *fields: str) -> QuerySet:
    """The values of the fields, with how many are registered and how many entered."""
    return registrations.values_list(*fields).annotate(
        registered=Count("pk", distinct=True),
        entered=Count("pk", distinct=True, filter=Q(seats__entered_at__isnull=False)),
    )


def _by_organization(registrations: QuerySet[Registration]) -> dict[int | str, AttendanceGroup]:
    """Groups by the key in the directory, by the folded name as typed, or "" where nothing is known any more."""
    rows = list(_counted(registrations, "organization", "folded_organization").annotate(typed=Min("organization_name")))
    known = Organization.objects.in_bulk({key for key, *_rest in rows if key})
    groups: dict[int | str, AttendanceGroup] = {}
    for key, folded, registered, entered, typed in rows:
        so_far = groups.get(key or folded, AttendanceGroup("", 0, 0))
        label = str(known[key].name) if key else typed
        groups[key or folded] = AttendanceGroup(label, so_far.registered + registered, so_far.entered + entered)
    return groups


def _groups(groups: dict) -> list[AttendanceGroup]:
    """The groups large enough to be named, and one of all others."""
    shown = [group for key, group in groups.items() if key and group.registered >= SMALLEST_GROUP]
    shown.sort(key=lambda group: (-group.registered, group.label))
    others = [group for group in groups.values() if group not in shown]
    if others:
        sums = [sum(group.registered for group in others), sum(group.entered for group in others)]
        shown.append(AttendanceGroup(gettext("Other"), *sums, others=True))
    return shown


def common_organizations(event_id: int) -> dict[str, str]:
    """{folded name: one spelling} of organizations outside the directory that so many of the event's registrants typed
    that the name points to nobody. One query."""
    typed = Registration.objects.filter(event=event_id, organization__isnull=True).exclude(folded_organization="")
    rows = (
        typed.order_by().values_list("folded_organization").annotate(number=Count("pk"), typed=Min("organization_name"))
    )
    return {folded: name for folded, _number, name in rows.filter(number__gte=SMALLEST_GROUP)}
