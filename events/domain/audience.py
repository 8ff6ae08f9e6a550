"""The audience of an event: whether somebody is in it.

Staff can limit it by sector, country and network; somebody has to meet all limits that are set. A network stands for
itself and the organizations with an active membership in it.
"""

import datetime
import functools

from django.db import transaction
from django.utils.translation import gettext

from organizations.models import Membership, Organization

from ..models import Event, Registration


def has_limited_audience(event: Event) -> bool:
    """Whether only its audience can register for the event without a request."""
    return event.access == Event.Access.AUDIENCE


def has_audience_limits(event: Event) -> bool:
    """Whether staff has set any limit of the audience."""
    return bool(event.audience_countries or event.audience_network_id or event.audience_sectors.exists())


class Audience:
    """The limits of an event's audience, each read once: two queries at most, none if the audience is not limited."""

    def __init__(self, event: Event):
        self.event = event

    @functools.cached_property
    def _countries(self) -> set[str]:
        return {country.code for country in self.event.audience_countries}

    @functools.cached_property
    def _sectors(self) -> set[str]:
        return {audience.sector for audience in self.event.audience_sectors.all()}

    @functools.cached_property
    def _members(self) -> set[int]:
        network = self.event.audience_network_id
        if network is None:
            return set()
        return {network, *Membership.objects.active().filter(group=network).values_list("member", flat=True)}

    def includes(self, *, sector: str, country: str, organization: Organization | None) -> bool:
        """Whether somebody of this sector, country (its code) and organization of the directory is in the audience."""
        if not has_limited_audience(self.event):
            return True
        if self._countries and country not in self._countries:
            return False
        if self._sectors and sector not in self._sectors:
            return False
        return self.event.audience_network_id is None or (organization is not None and organization.pk in self._members)

    def includes_registrant(self, registration: Registration) -> bool:
        """Whether a registrant of the event is invited or in the audience. Reads its organization and invitation."""
        return registration.is_invited or self.includes(
            sector=registration.sector,
            country=registration.country.code,
            organization=registration.organization,
        )


@transaction.atomic
def mark_outsiders(*, event: Event) -> int:
    """Save on each registration whether it is outside the audience, after that changed; returns how many changed.

    Seats stay as they are.
    """
    audience, changed = Audience(event), []
    registrations = event.registrations.filter(erased_at__isnull=True).select_related("organization", "invitation")
    for registration in registrations.iterator(chunk_size=500):
        is_outside = not audience.includes_registrant(registration)
        if registration.outside_audience != is_outside:
            registration.outside_audience = is_outside
            changed.append(registration)
    Registration.objects.bulk_update(changed, ["outside_audience"], batch_size=500)
    return len(changed)


def audience_descriptions(event: Event, *, now: datetime.datetime) -> list[str]:
    """Return the audience in words, one text for each limit: "Japan", "Ministry, Agency", "Members of SCI-J".

    The name of a network that is not published is left out.
    """
    descriptions = [
        gettext(", ").join(str(country.name) for country in event.audience_countries),
        gettext(", ").join(str(audience.get_sector_display()) for audience in event.audience_sectors.all()),
    ]
    if event.audience_network_id is not None:
        network = Organization.objects.published(now).filter(pk=event.audience_network_id).first()
        members = gettext("Members of %(network)s") % {"network": network.name} if network else ""
        descriptions.append(members or gettext("Members of a network"))
    return [each for each in descriptions if each]
