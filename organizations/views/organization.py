"""The directory, an organization's page, and names for the organization field of forms."""

import datetime
from collections import Counter
from itertools import groupby
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.db.models import Case, Prefetch, Q, Value, When
from django.db.models.functions import Coalesce, Lower, NullIf
from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from translated_fields import to_attribute

from wego_portal.foundation.bounds import BoundedCharField
from wego_portal.foundation.collation import collation_key
from wego_portal.foundation.fold import fold, folded_begins
from wego_portal.foundation.list_filters import MAX_SEARCH_LENGTH
from wego_portal.foundation.pages import page_of
from wego_portal.foundation.partial_dates import iso_partial
from wego_portal.foundation.slugs import get_by_slug
from wego_portal.foundation.translated import INTERFACE_LANGUAGES

from ..filters import OrganizationFilter, matching_name
from ..models import BestPractice, Initiative, Membership, Organization, Position, Project, Sector

MAX_MEMBERS = 300  # named on a group's page; the directory lists them all
MAX_SUGGESTIONS = 8
BODIES_OF_MANY_COUNTRIES = [Sector.NETWORK, Sector.INTERGOVERNMENTAL]
GOVERNMENTS = {Sector.MINISTRY, Sector.PREFECTURAL, Sector.MUNICIPAL, Sector.AGENCY}
SUGGESTIONS_CACHE_SECONDS = 300  # seconds


def name_ordering():
    """Orders organizations by the name that the reader sees, without regard to case."""
    languages = sorted(INTERFACE_LANGUAGES, key=lambda language: language != get_language())
    return Lower(Coalesce(*[NullIf(to_attribute("name", language), Value("")) for language in languages]))


@require_safe
def organization_list(request):
    """The directory, by country as the reader's language sorts them; bodies of many countries come first."""
    now = timezone.now()
    directory = OrganizationFilter(request.GET, Organization.objects.published(now), now=now)
    ranks = [
        When(country=code, then=Value(rank))
        for rank, (code, _name) in enumerate(directory.countries_by_name(), start=1)
    ]
    in_order = Case(*ranks, When(sector__in=BODIES_OF_MANY_COUNTRIES, then=Value(0)), default=Value(len(ranks) + 1))
    groups = Membership.objects.active().published(now).select_related("group").order_by("group__slug")
    found = (
        directory.qs.order_by(in_order, name_ordering(), "pk")
        .select_related("place")
        .prefetch_related(Prefetch("memberships", groups, to_attr="groups"))
    )
    page = page_of(found, request, directory.form)
    by_country = [(country, list(rows)) for country, rows in groupby(page.object_list, key=country_words)]
    return render(
        request,
        "organizations/organization_list.html",
        {"filter": directory, "page_obj": page, "by_country": by_country},
    )


def country_words(organization):
    """The country under which an organization stands in a list, or why there is none."""
    if organization.country:
        return organization.country.name
    if organization.sector in BODIES_OF_MANY_COUNTRIES:
        return _("International")
    return _("Country not known")


@require_safe
def organization_detail(request, slug):
    """What a body is, where, what it belongs to and who to it, its people, initiatives, projects and cases."""
    now = timezone.now()
    shown = get_by_slug(Organization.objects.published(now).select_related("place"), slug)
    initiatives = Initiative.objects.published(now)
    projects = Project.objects.published(now).filter(Q(city=shown) | Q(pk__in=shown.partner_projects.values("pk")))
    memberships = Membership.objects.published(now)
    figures, earlier_figures = newest_figures(shown.reported_figures.order_by("-as_of", "pk"))
    return render(
        request,
        "organizations/organization_detail.html",
        {
            "organization": shown,
            "utc_offset": utc_offset(shown.place, now),
            "aliases": shown.aliases.all(),
            "topics": shown.topics.all(),
            "memberships": memberships.filter(member=shown)
            .exclude(state=Membership.State.PROSPECTIVE)  # who merely applied is no public fact
            .select_related("group")
            .order_by("state", "group__slug"),
            "figures": figures,
            "earlier_figures": earlier_figures,
            "positions": Position.objects.published(now)
            .filter(organization=shown)
            .select_related("person")
            .order_by("until", "-since", "person__name"),
            "led": initiatives.filter(lead=shown),
            "supported_by": initiatives.filter(supports=shown),
            "projects": projects.select_related("initiative", "stage").order_by("initiative", "stage__number", "pk"),
            "cases": BestPractice.objects.published(now).filter(city=shown),
            "machine_readable": organization_json_ld(shown),
            **current_memberships(shown, memberships),
        },
    )


def organization_json_ld(organization):
    """The organization in the words of schema.org, with what is known and nothing else."""
    kind = "GovernmentOrganization" if organization.sector in GOVERNMENTS else "Organization"
    known = {
        "@type": kind,
        "@id": f"{settings.SITE_URL}{organization.get_absolute_url()}",
        "url": organization.website or f"{settings.SITE_URL}{organization.get_absolute_url()}",
        "name": organization.name,
        "alternateName": [name for name in (organization.short_name, organization.native_name) if name],
        "description": organization.summary,
        "foundingDate": iso_partial(organization.founded, organization.founded_precision),
        "address": {
            "@type": "PostalAddress",
            "addressCountry": organization.country.code,
            **({"addressLocality": organization.place.name} if organization.place else {}),
        }
        if organization.country
        else None,
    }
    return {key: value for key, value in known.items() if value}


def current_memberships(group, memberships):
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


def class_counts(memberships):
    """["Member: 38", …]: how many memberships there are of each class, the most first."""
    counts = Counter(row.get_member_class_display() for row in memberships)
    return [f"{label}{gettext(': ')}{count}" for label, count in counts.most_common()]


def group_by_country(memberships):
    """[(country, memberships)] by the country's name as the reader reads it, those without a country last."""

    def place_in_list(row):
        return not row.member.country, collation_key(country_words(row.member)), membership_sort_key(row)

    ordered = sorted(memberships, key=place_in_list)
    return [(country, list(rows)) for country, rows in groupby(ordered, key=lambda row: country_words(row.member))]


def membership_sort_key(membership):
    """Sorts memberships by the member's name as the reader sees it."""
    return collation_key(membership.member.name)


def newest_figures(figures):
    """Reported figures, newest first, in two lists: the newest of what is counted, and the earlier ones of the same."""
    newest, earlier = {}, []
    for figure in figures:
        if figure.label in newest:
            earlier.append(figure)
        else:
            newest[figure.label] = figure
    return list(newest.values()), earlier


def utc_offset(place, now):
    """How far the clocks of a place are from UTC at `now`, such as "UTC+9" or "UTC+5:30"; "" for an unknown zone."""
    if place is None or not place.time_zone:
        return ""
    offset = now.astimezone(ZoneInfo(place.time_zone)).utcoffset()
    hours, minutes = divmod(abs(offset) // datetime.timedelta(minutes=1), 60)
    return f"UTC{'-' if offset < datetime.timedelta() else '+'}{hours}{f':{minutes:02}' if minutes else ''}"


class SuggestForm(forms.Form):
    """What was typed so far into an organization field."""

    q = BoundedCharField(label=_("Search"), max_length=MAX_SEARCH_LENGTH)


@require_safe
@cache_control(public=True, max_age=SUGGESTIONS_CACHE_SECONDS)
def organization_suggest(request):
    """Names of at most eight organizations that the text `q` begins or is contained in, as a JSON list.

    An empty `q` gets an empty list; one too long or with a NUL is answered 400 and says why.
    """
    form = SuggestForm(request.GET)
    if not form.is_valid():
        wrong = form.errors["q"] if form.data.get("q", "").strip() else None
        return JsonResponse({"error": wrong[0]}, status=400) if wrong else JsonResponse([], safe=False)
    typed = form.cleaned_data["q"]
    if not fold(typed):
        return JsonResponse([], safe=False)
    found = (
        Organization.objects.published(timezone.now())
        .filter(matching_name(typed))
        .order_by(Case(When(folded_begins(typed), then=Value(0)), default=Value(1)), name_ordering(), "pk")
        .only("original_language", *(to_attribute("name", language) for language in INTERFACE_LANGUAGES))
    )
    return JsonResponse([str(each.name) for each in found[:MAX_SUGGESTIONS]], safe=False)
