"""Filters of the public lists, each a form in GET parameters. An app above may add its own to the directory.

`OrganizationFilter.add("role", filter)`, called when the app is ready, is how `events` filters organizations by their
role at events while this app knows nothing of events. See docs/decisions/0009-filters-from-above.md.
"""

import datetime
from collections.abc import Iterable, Mapping

import django_filters
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.collation import collation_key, sorted_countries
from wego_portal.foundation.fold import folded_contains
from wego_portal.foundation.list_filters import ListFilter, OptionFilter, SearchFilter, search_words

from .models import Alias, BestPractice, Membership, Organization, Sector, Topic


def matching_name(word: str) -> Q:
    """A condition on organizations: a name in any language, a short, native or other name contains `word`."""
    aliases = Alias.objects.filter(folded_contains(word), organization=OuterRef("pk"))
    return folded_contains(word) | Q(Exists(aliases))


def with_count(label: object, count: int) -> str:
    """The label of a choice with how many rows it stands for."""
    return f"{label} ({count})"


class OrganizationFilter(ListFilter):
    """The directory: by words, sector, country and network, and by what apps above add."""

    q = SearchFilter(label=_("Search"), method="by_words")
    sector = OptionFilter(label=_("Sector"), empty_label=_("All sectors"))
    country = OptionFilter(label=_("Country"), empty_label=_("All countries"))
    network = OptionFilter(label=_("Member of"), empty_label=_("Any network"), method="by_network")

    class Meta:
        model = Organization
        fields: list[str] = []

    @classmethod
    def add(cls, name: str, further_filter: django_filters.Filter) -> None:
        """Let an app above own one more filter. It may read the time as `filter.parent.now`."""
        cls.base_filters[name] = further_filter

    def __init__(
        self, data: Mapping[str, str] | None, queryset: QuerySet[Organization], *, now: datetime.datetime
    ) -> None:
        super().__init__(data, queryset, now=now)
        sectors: dict[str, int] = {}
        self.countries: dict[str, int] = {}
        for sector, country, number in self.queryset.order_by().values_list("sector", "country").annotate(Count("pk")):
            sectors[sector] = sectors.get(sector, 0) + number
            if country:
                self.countries[country] = self.countries.get(country, 0) + number
        memberships = Membership.objects.active().published(self.now)
        networks = self.queryset.filter(pk__in=memberships.values("group")).annotate(
            members=Count("group_memberships__member", filter=Q(group_memberships__in=memberships), distinct=True)
        )
        self.offer(
            "sector",
            [(value, with_count(label, sectors[value])) for value, label in Sector.choices if value in sectors],
        )
        self.offer(
            "country", [(code, with_count(name, self.countries[code])) for code, name in self.countries_by_name()]
        )
        self.offer(
            "network",
            [
                (network.slug, with_count(network.short_name or network.name, network.members))
                for network in sorted(networks, key=lambda network: -network.members)
            ],
        )

    def countries_by_name(self) -> list[tuple[str, str]]:
        """(code, name) of the countries that have organizations, by their name in the reader's language."""
        return sorted_countries(self.countries)

    def by_words(self, queryset: QuerySet[Organization], _name: str, value: str) -> QuerySet[Organization]:
        for word in search_words(value):
            queryset = queryset.filter(matching_name(word))
        return queryset

    def by_network(self, queryset: QuerySet[Organization], _name: str, value: str) -> QuerySet[Organization]:
        memberships = Membership.objects.active().published(self.now).filter(group__slug=value)
        return queryset.filter(pk__in=memberships.values("member"))


class BestPracticeFilter(ListFilter):
    """Cases: by words, city and topic."""

    q = SearchFilter(label=_("Search"), method="by_words")
    city = OptionFilter(label=_("City"), empty_label=_("All cities"), field_name="city__slug")
    topic = OptionFilter(label=_("Topic"), empty_label=_("All topics"), field_name="topics__slug")

    class Meta:
        model = BestPractice
        fields: list[str] = []

    def __init__(
        self, data: Mapping[str, str] | None, queryset: QuerySet[BestPractice], *, now: datetime.datetime
    ) -> None:
        super().__init__(data, queryset, now=now)
        shown = Count("best_practices", filter=Q(best_practices__in=self.queryset))
        cities = Organization.objects.annotate(cases=shown).filter(cases__gt=0)
        topics = Topic.objects.annotate(cases=shown).filter(cases__gt=0)
        self.offer("city", _sorted_options((row.slug, with_count(row.name, row.cases)) for row in cities))
        self.offer("topic", _sorted_options((row.slug, with_count(row.name, row.cases)) for row in topics))

    def by_words(self, queryset: QuerySet[BestPractice], _name: str, value: str) -> QuerySet[BestPractice]:
        for word in search_words(value):
            queryset = queryset.filter(folded_contains(word) | folded_contains(word, "city__folded"))
        return queryset


def _sorted_options(options: Iterable[tuple[str, str]]) -> list[tuple[str, str | Promise]]:
    """Options in the order in which the reader's language sorts their labels."""
    return [*sorted(options, key=lambda option: collation_key(option[1]))]
