"""The network as the home page shows it: cities on the map, what is counted here, what bodies report of themselves.

Counts are of distinct published organizations with an active membership in a published group; nothing is stored.
"""

import dataclasses

from django.db.models import Count, Exists, OuterRef, Q

from organizations.models import Membership, Organization, Place, ReportedFigure
from wego_portal.foundation.collation import collation_key
from wego_portal.foundation.publication import published_q

from .map_projection import project

MAX_FIGURES = 3


@dataclasses.dataclass(frozen=True)
class City:
    """A place of the network on the dot map, with its members there. `x` and `y` are units of the map, rounded."""

    place: Place
    x: int
    y: int
    members: list[Organization]


def active_members(now):
    """Published organizations with an active membership in a published group, with their places, in one query."""
    active = Membership.objects.active().filter(published_q(now, "group__"), member=OuterRef("pk"))
    return (
        Organization.objects.published(now).filter(Exists(active)).select_related("place").order_by("name_en", "slug")
    )


def cities_on_map(organizations):
    """Where `organizations` (with their places loaded) are, one entry a place, by country and name; no query."""
    at = {}
    for organization in organizations:
        place = organization.place
        if place and place.latitude is not None and place.longitude is not None:
            at.setdefault(place.pk, (place, []))[1].append(organization)
    found = []
    for place, there in at.values():
        x, y = project(float(place.longitude), float(place.latitude))
        found.append(City(place, round(x), round(y), there))
    return sorted(found, key=lambda city: (collation_key(city.place.country.name), collation_key(city.place.name)))


def directory_counts(now):
    """How many published organizations are listed, and in how many countries: {"organizations": …, "countries": …}."""
    return Organization.objects.published(now).aggregate(
        organizations=Count("pk"), countries=Count("country", distinct=True, filter=~Q(country=""))
    )


def network_with_pilot_cities(now):
    """The published network with the most pilot cities, counted in `pilot_cities`; None if there is none."""
    memberships = "group_memberships__"
    pilot = (
        Q(**{f"{memberships}state": Membership.State.ACTIVE})
        & Q(**{f"{memberships}member_class": Membership.MemberClass.PILOT_CITY})
        & published_q(now, f"{memberships}member__")
    )
    counted = Count(f"{memberships}member", distinct=True, filter=pilot)
    networks = Organization.objects.published(now).annotate(pilot_cities=counted).filter(pilot_cities__gt=0)
    return networks.order_by("-pilot_cities", "pk").first()


def reported_figures(now):
    """The newest figure that each body reports of itself, at most three, the newest first; one query."""
    figures = (
        ReportedFigure.objects.filter(published_q(now, "organization__"))
        .select_related("organization")
        .order_by("-as_of", "pk")
    )
    newest = {}
    for figure in figures:
        newest.setdefault(figure.organization_id, figure)
    return list(newest.values())[:MAX_FIGURES]
