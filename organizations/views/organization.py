"""The directory, an organization's page, and names for the organization field of forms."""

from itertools import groupby

from django import forms
from django.db.models import Case, Prefetch, Q, Value, When
from django.db.models.functions import Coalesce, Lower, NullIf
from django.http import JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from translated_fields import to_attribute

from wego_portal.foundation.bounds import BoundedCharField
from wego_portal.foundation.fold import fold, folded_begins
from wego_portal.foundation.list_filters import MAX_SEARCH_LENGTH
from wego_portal.foundation.pages import page_of
from wego_portal.foundation.slugs import get_by_slug
from wego_portal.foundation.translated import INTERFACE_LANGUAGES

from ..domain.json_ld import organization_json_ld
from ..domain.organization_page import (
    INTERNATIONAL_SECTORS,
    country_words,
    current_memberships,
    newest_figures,
    utc_offset,
)
from ..filters import OrganizationFilter, matching_name
from ..models import BestPractice, Initiative, Membership, Organization, Position, Project

MAX_SUGGESTIONS = 8
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
    in_order = Case(*ranks, When(sector__in=INTERNATIONAL_SECTORS, then=Value(0)), default=Value(len(ranks) + 1))
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
            "json_ld": organization_json_ld(shown),
            **current_memberships(shown, memberships),
        },
    )


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
