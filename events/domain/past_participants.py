"""Those who had a place at past events, and agreed to be invited to later ones."""

import dataclasses
import datetime
from collections.abc import Iterable

from django.db.models import Exists, OuterRef

from wego_portal.foundation.fold import folded_contains

from ..models import Contact, Event, Registration, Seat
from .invitation import Addressee, existing_values


@dataclasses.dataclass(frozen=True)
class Criteria:
    """Whom to look for; what is empty does not matter. `attended` is True (came), False (missed it) or None."""

    series: list = dataclasses.field(default_factory=list)
    events: list = dataclasses.field(default_factory=list)
    sectors: list = dataclasses.field(default_factory=list)
    countries: list = dataclasses.field(default_factory=list)
    organization: str = ""
    attended: bool | None = None


def past_participants(criteria: Criteria, *, event: Event, now: datetime.datetime) -> tuple[list[Addressee], int]:
    """(addressees, number of contacts that did not agree): who had a confirmed place in a part that is over at `now`.

    One addressee for each registration, the latest first, so that who came to several events is named as often: the
    verb that invites counts and drops these. Registrations for `event` itself do not matter here. Two queries.
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
        came = Exists(seats.filter(entered_at__isnull=False))
        found = found.filter(came if criteria.attended else ~came)
    agreed = found.filter(contact__invite_consent_at__isnull=False).select_related("contact")
    others = found.filter(contact__invite_consent_at__isnull=True).values("contact").distinct().count()
    return [
        Addressee(row.contact.email, row.contact.language, f"{row.name}, {row.organization_name}")
        for row in agreed.order_by("-registered_at", "-pk")
        if row.contact
    ], others


def keep_consenting(addressees: Iterable[Addressee]) -> list[Addressee]:
    """Those of the addressees who agree to invitations at this moment."""
    agree = Contact.objects.filter(invite_consent_at__isnull=False)
    agreed = set(existing_values(agree, "email", [addressee.email for addressee in addressees]))
    return [addressee for addressee in addressees if addressee.email in agreed]
