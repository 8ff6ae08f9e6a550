"""Who came, in numbers without persons, which stay when personal data is erased."""

import dataclasses

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext
from django_countries import countries

from organizations.models import Organization, Sector

from ..models import Event, Registration, Seat

MIN_GROUP_SIZE = 5  # smaller ones could identify a person


@dataclasses.dataclass(frozen=True)
class AttendanceGroup:
    """How many people had a place in some part, and how many of them pressed Enter. `is_other`: of all small groups."""

    label: str
    registered: int
    entered: int
    is_other: bool = False


def attendance_groups(event: Event) -> dict[str, list[AttendanceGroup]]:
    """The groups by "sector", "country" and "organization", the largest first and the other ones last.

    An organization that is not in the directory is counted as it was typed, all spellings that `fold` alike together.
    Four queries at most.
    """
    registrations = Registration.objects.filter(event=event, seats__state=Seat.State.CONFIRMED).order_by()
    return {
        "sector": _with_others(_by_choice(registrations, "sector", dict(Sector.choices))),
        "country": _with_others(_by_choice(registrations, "country", dict(countries))),
        "organization": _with_others(_by_organization(registrations)),
    }


def _counts(registrations: QuerySet[Registration], *fields: str) -> QuerySet:
    """Rows of the fields' values, with how many are registered and how many entered."""
    return registrations.values_list(*fields).annotate(
        registered=Count("pk", distinct=True),
        entered=Count("pk", distinct=True, filter=Q(seats__entered_at__isnull=False)),
    )


def _by_choice(registrations: QuerySet[Registration], field: str, labels: dict) -> dict[str, AttendanceGroup]:
    """The groups by the field's value, "" where it is not known."""
    return {
        value: AttendanceGroup(str(labels.get(value, "")), registered, entered)
        for value, registered, entered in _counts(registrations, field)
    }


def _by_organization(registrations: QuerySet[Registration]) -> dict[int | str, AttendanceGroup]:
    """The groups by the key in the directory or by the folded name as typed, "" where nothing is known any more."""
    rows = list(_counts(registrations, "organization", "folded_organization").annotate(typed=Min("organization_name")))
    listed = Organization.objects.in_bulk({pk for pk, *_rest in rows if pk})
    groups: dict[int | str, AttendanceGroup] = {}
    for pk, folded, registered, entered, typed in rows:
        so_far = groups.get(pk or folded, AttendanceGroup("", 0, 0))
        label = str(listed[pk].name) if pk else typed
        groups[pk or folded] = AttendanceGroup(label, so_far.registered + registered, so_far.entered + entered)
    return groups


def _with_others(groups: dict) -> list[AttendanceGroup]:
    """The groups that are known and large enough to be named, then one of all others."""
    named = [group for key, group in groups.items() if key and group.registered >= MIN_GROUP_SIZE]
    named.sort(key=lambda group: (-group.registered, group.label))
    others = [group for group in groups.values() if group not in named]
    if others:
        registered, entered = sum(group.registered for group in others), sum(group.entered for group in others)
        named.append(AttendanceGroup(gettext("Other"), registered, entered, is_other=True))
    return named


def common_organizations(event_id: int) -> dict[str, str]:
    """{folded name: one spelling} of organizations outside the directory that MIN_GROUP_SIZE or more registrants typed.

    So many that the name no longer identifies a person. One query.
    """
    typed = Registration.objects.filter(event=event_id, organization__isnull=True).exclude(folded_organization="")
    rows = (
        typed.order_by().values_list("folded_organization").annotate(number=Count("pk"), typed=Min("organization_name"))
    )
    return {folded: name for folded, _number, name in rows.filter(number__gte=MIN_GROUP_SIZE)}
