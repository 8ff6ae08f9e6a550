"""People with a confirmed seat at past events who agreed to later invitations."""

import dataclasses
import datetime
from collections.abc import Collection, Iterable

from django.db.models import Exists, OuterRef

from wego_portal.foundation.fold import folded_contains

from ..models import Contact, Event, Registration, Seat, Series
from .invitation import Addressee, existing_values


@dataclasses.dataclass(frozen=True)
class Criteria:
    """Whom to look for; an empty criterion matches all. `attended` is True (entered), False (did not) or None (all)."""

    series: Collection[Series] = ()
    events: Collection[Event] = ()
    sectors: Collection[str] = ()
    countries: Collection[str] = ()
    organization: str = ""
    attended: bool | None = None


def past_participants(criteria: Criteria, *, event: Event, now: datetime.datetime) -> tuple[list[Addressee], int]:
    """Return those with a confirmed seat in a part that is over, and the number of contacts who did not consent.

    One addressee for each registration, the latest first; `plan_invitations` skips and counts the duplicates.
    Registrations for `event` itself are left out. Two queries.
    """
    seats = Seat.objects.confirmed().filter(registration=OuterRef("pk"), part__latest__lte=now)
    found = Registration.objects.filter(Exists(seats), contact__isnull=False).exclude(event=event)
    for name, values in (
        ("event__series__in", criteria.series),
        ("event__in", criteria.events),
        ("sector__in", criteria.sectors),
        ("country__in", criteria.countries),
    ):
        if values:
            found = found.filter(**{name: values})
    if criteria.organization:
        found = found.filter(folded_contains(criteria.organization, "folded_organization"))
    if criteria.attended is not None:
        has_entered = Exists(seats.filter(entered_at__isnull=False))
        found = found.filter(has_entered if criteria.attended else ~has_entered)
    consenting = found.filter(contact__invite_consent_at__isnull=False)
    others = found.filter(contact__invite_consent_at__isnull=True).values("contact").distinct().count()
    columns = ("contact__email", "contact__language", "name", "organization_name")
    return [
        Addressee(email, language, f"{name}, {organization}")
        for email, language, name, organization in consenting.order_by("-registered_at", "-pk").values_list(*columns)
    ], others


def filter_consenting(addressees: Iterable[Addressee]) -> list[Addressee]:
    """Return those of the addressees who consent to invitations at this moment."""
    contacts = Contact.objects.filter(invite_consent_at__isnull=False)
    consenting = set(existing_values(contacts, "email", [addressee.email for addressee in addressees]))
    return [addressee for addressee in addressees if addressee.email in consenting]
