"""What the page of an organization shows: its members, its figures and its clock."""

import datetime
from collections import Counter
from collections.abc import Iterable
from itertools import groupby
from zoneinfo import ZoneInfo

from django.utils.translation import gettext

from wego_portal.foundation.collation import collation_key

from ..models import Membership, Organization, Place, ReportedFigure, Sector
from ..models.membership import MembershipQuerySet

MAX_MEMBERS = 300  # named on a group's page; the directory lists them all
INTERNATIONAL_SECTORS = [Sector.NETWORK, Sector.INTERGOVERNMENTAL]


def country_words(organization: Organization) -> str:
    """The country under which an organization stands in a list, or why there is none."""
    if organization.country:
        return organization.country.name
    if organization.sector in INTERNATIONAL_SECTORS:
        return gettext("International")
    return gettext("Country not known")


def current_memberships(group: Organization, memberships: MembershipQuerySet) -> dict[str, object]:
    """Who belongs to a group: active members by country, and apart those of whom it is not certain.

    A planned group has no members yet, so those expected to join it are named; elsewhere an application is no public
    fact.
    """
    uncertain = [Membership.State.UNCONFIRMED]
    if group.is_planned:
        uncertain.append(Membership.State.PROSPECTIVE)
    rows = list(
        memberships.filter(group=group, state__in=[Membership.State.ACTIVE, *uncertain])
        .select_related("member__place")
        .order_by("member__country", "member__slug")[:MAX_MEMBERS]
    )
    active = [row for row in rows if row.state == Membership.State.ACTIVE]
    return {
        "members_count": memberships.active().filter(group=group).count_members() if active else 0,
        "members_by_country": group_by_country(active),
        "members_by_class": class_counts(active),
        "uncertain_members": [
            row.member for row in sorted((row for row in rows if row.state in uncertain), key=membership_sort_key)
        ],
    }


def class_counts(memberships: Iterable[Membership]) -> list[str]:
    """["Member: 38", …]: how many memberships there are of each class, the most first."""
    counts = Counter(row.get_member_class_display() for row in memberships)
    return [f"{label}{gettext(': ')}{count}" for label, count in counts.most_common()]


def group_by_country(memberships: Iterable[Membership]) -> list[tuple[str, list[Membership]]]:
    """[(country, memberships)] by the country's name as the reader reads it, those without a country last."""

    def sort_key(row: Membership) -> tuple[bool, tuple[int, ...], tuple[int, ...]]:
        return not row.member.country, collation_key(country_words(row.member)), membership_sort_key(row)

    ordered = sorted(memberships, key=sort_key)
    return [(country, list(rows)) for country, rows in groupby(ordered, key=lambda row: country_words(row.member))]


def membership_sort_key(membership: Membership) -> tuple[int, ...]:
    """Sorts memberships by the member's name as the reader sees it."""
    return collation_key(membership.member.name)


def newest_figures(figures: Iterable[ReportedFigure]) -> tuple[list[ReportedFigure], list[ReportedFigure]]:
    """Reported figures, newest first, in two lists: the newest of what is counted, and the earlier ones of the same."""
    newest: dict[str, ReportedFigure] = {}
    earlier: list[ReportedFigure] = []
    for figure in figures:
        if figure.label in newest:
            earlier.append(figure)
        else:
            newest[figure.label] = figure
    return list(newest.values()), earlier


def utc_offset(place: Place | None, now: datetime.datetime) -> str:
    """How far the clocks of a place are from UTC at `now`, such as "UTC+9" or "UTC+5:30"; "" for an unknown zone."""
    if place is None or not place.time_zone:
        return ""
    offset = now.astimezone(ZoneInfo(place.time_zone)).utcoffset() or datetime.timedelta()
    hours, minutes = divmod(abs(offset) // datetime.timedelta(minutes=1), 60)
    return f"UTC{'-' if offset < datetime.timedelta() else '+'}{hours}{f':{minutes:02}' if minutes else ''}"
