"""For whom an event is: the limits that staff set, and whether somebody is within them.

Sectors, countries and a network limit together; what is not named limits nothing. A network's members are those of the
directory whose membership is active, and the network itself.
"""

from django.utils.translation import gettext

from organizations.models import Membership, Organization

from ..models import Event


def is_limited(event):
    """Whether the event is for an audience only."""
    return event.access == Event.Access.AUDIENCE


def is_named(event):
    """Whether any limit of the audience is set."""
    return bool(event.audience_countries or event.audience_network_id or event.audience_sectors.exists())


def admits(event, *, sector, country, organization):
    """Whether somebody of this sector, country and organization (a row of the directory, or None) is in the audience.

    No query where the event is not limited; else two at most.
    """
    if not is_limited(event):
        return True
    if event.audience_countries and country not in {each.code for each in event.audience_countries}:
        return False
    sectors = {audience.sector for audience in event.audience_sectors.all()}
    if sectors and sector not in sectors:
        return False
    network = event.audience_network_id
    if network is None:
        return True
    if organization is None:
        return False
    return organization.pk == network or Membership.objects.active().filter(group=network, member=organization).exists()


def admits_registrant(event, registration):
    """Whether who registered for the event may take more of its parts at once: by an invitation, or as `admits` says.

    The registration comes with its organization and invitation loaded.
    """
    return registration.is_invited or admits(
        event,
        sector=registration.sector,
        country=registration.country.code,
        organization=registration.organization,
    )


def audience_words(event, *, now):
    """Who is in the audience, a text for each limit: "Japan", "Ministry, Agency", "Members of Its network".

    A network that the public does not see at the aware datetime `now` is not named.
    """
    words = [gettext(", ").join(str(country.name) for country in event.audience_countries)]
    words.append(gettext(", ").join(str(audience.get_sector_display()) for audience in event.audience_sectors.all()))
    network = Organization.objects.published(now).filter(pk=event.audience_network_id).first()
    if network:
        words.append(gettext("Members of %(network)s") % {"network": network.name})
    elif event.audience_network_id:
        words.append(gettext("Members of a network"))
    return [each for each in words if each]
