"""For whom an event is: the limits that staff set, and whether somebody is within them.

Sectors, countries and a network limit together; what is not named limits nothing. A network's members are those of the
directory whose membership is active, and the network itself.
"""

import datetime
import functools

from django.utils.translation import gettext

from organizations.models import Membership, Organization

from ..models import Event, Registration


def has_limited_audience(event: Event) -> bool:
    """Whether the event is for an audience only."""
    return event.access == Event.Access.AUDIENCE


def is_named(event: Event) -> bool:
    """Whether any limit of the audience is set."""
    return bool(event.audience_countries or event.audience_network_id or event.audience_sectors.exists())


class Audience:
    """The limits of an event as sets, each read once: two queries at most, none where the event is not limited."""

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
        members = set(Membership.objects.active().filter(group=network).values_list("member", flat=True))
        return members | {network} if network else members

    def includes(self, *, sector: str, country: str, organization: Organization | None) -> bool:
        """Whether somebody of this sector, country code and organization (a row of the directory, or None) is in it."""
        if not has_limited_audience(self.event):
            return True
        if self._countries and country not in self._countries:
            return False
        if self._sectors and sector not in self._sectors:
            return False
        return self.event.audience_network_id is None or (organization is not None and organization.pk in self._members)

    def includes_registrant(self, registration: Registration) -> bool:
        """Whether who registered for the event may take more of its parts at once: by an invitation, or as `includes`.

        The registration comes with its organization and invitation loaded.
        """
        return registration.is_invited or self.includes(
            sector=registration.sector,
            country=registration.country.code,
            organization=registration.organization,
        )


def mark_outsiders(event: Event) -> int:
    """Note on each registration of the event whether it is outside the audience by now; returns how many changed.

    For when staff has changed whom the event is for. Nobody loses a place by it.
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


def audience_words(event: Event, *, now: datetime.datetime) -> list[str]:
    """Who is in the audience, a text for each limit: "Japan", "Ministry, Agency", "Members of Its network".

    A network that the public does not see at the aware datetime `now` is not named.
    """
    words = [gettext(", ").join(str(country.name) for country in event.audience_countries)]
    words.append(gettext(", ").join(str(audience.get_sector_display()) for audience in event.audience_sectors.all()))
    network_id = event.audience_network_id
    network = Organization.objects.published(now).filter(pk=network_id).first() if network_id else None
    if network:
        words.append(gettext("Members of %(network)s") % {"network": network.name})
    elif network_id:
        words.append(gettext("Members of a network"))
    return [each for each in words if each]
