"""Filters of the public lists, each a form in GET parameters. An app above may add its own to the directory.

`OrganizationFilter.add("role", filter)`, called when the app is ready, is how `events` filters organizations by their
role at events while this app knows nothing of events. See docs/decisions/0009-filters-from-above.md.
"""

import django_filters
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.bounds import OptionFilter, SearchFilter
from wego_portal.foundation.collation import collation_key, sorted_countries
from wego_portal.foundation.fold import fold, folded_contains

from .models import Alias, BestPractice, Membership, Organization, Sector, Topic

MAX_SEARCH_LENGTH = 100  # characters


def matching_name(word):
    """A condition on organizations: a name in any language, a short, native or other name contains `word`."""
    aliases = Alias.objects.filter(folded_contains(word), organization=OuterRef("pk"))
    return folded_contains(word) | Q(Exists(aliases))


def with_count(label, count):
    """The label of a choice with how many rows it stands for."""
    return f"{label} ({count})"


class ListFilter(django_filters.FilterSet):
    """A filter whose choices depend on what is published at `now` (aware datetime) and have words for a wrong value."""

    q = SearchFilter(label=_("Search"), method="by_words", max_length=MAX_SEARCH_LENGTH)

    def __init__(self, data, queryset, *, now):
        super().__init__(data, queryset)
        self.now = now
        for name, choices in self.choices().items():
            self.filters[name].extra["choices"] = choices
        for item in self.filters.values():
            if isinstance(item, OptionFilter):
                item.extra["error_messages"] = {
                    "invalid_choice": _("“%(value)s” is not in this list. It was left out of the search.")
                }

    def choices(self):
        """The choices of the filters that depend on the data, by the filter's name."""
        return {}

    @property
    def is_narrowed(self):
        """Whether anything was asked for, understood or not."""
        return any(self.data.get(name) for name in self.filters)


class OrganizationFilter(ListFilter):
    """The directory: by words, sector, country and network, and by what apps above add."""

    sector = OptionFilter(label=_("Sector"), empty_label=_("All sectors"))
    country = OptionFilter(label=_("Country"), empty_label=_("All countries"))
    network = OptionFilter(label=_("Member of"), empty_label=_("Any network"), method="by_network")

    class Meta:
        model = Organization
        fields = []

    @classmethod
    def add(cls, name, further_filter):
        """Let an app above own one more filter. It may read the time as `filter.parent.now`."""
        cls.base_filters[name] = further_filter

    def choices(self):
        sectors, self.countries = {}, {}
        for sector, country, number in self.queryset.order_by().values_list("sector", "country").annotate(Count("pk")):
            sectors[sector] = sectors.get(sector, 0) + number
            if country:
                self.countries[country] = self.countries.get(country, 0) + number
        memberships = Membership.objects.active().published(self.now)
        networks = self.queryset.filter(pk__in=memberships.values("group")).annotate(
            members=Count("group_memberships__member", filter=Q(group_memberships__in=memberships), distinct=True)
        )
        return {
            "sector": [
                (value, with_count(label, sectors[value])) for value, label in Sector.choices if value in sectors
            ],
            "country": [(code, with_count(name, self.countries[code])) for code, name in self.countries_by_name()],
            "network": [
                (network.slug, with_count(network.short_name or network.name, network.members))
                for network in sorted(networks, key=lambda network: -network.members)
            ],
        }

    def countries_by_name(self):
        """(code, name) of the countries that have organizations, by their name in the reader's language."""
        return sorted_countries(self.countries)

    def by_words(self, queryset, _name, value):
        for word in fold(value).split()[:8]:
            queryset = queryset.filter(matching_name(word))
        return queryset

    def by_network(self, queryset, _name, value):
        memberships = Membership.objects.active().published(self.now).filter(group__slug=value)
        return queryset.filter(pk__in=memberships.values("member"))


class BestPracticeFilter(ListFilter):
    """Cases: by words, city and topic."""

    city = OptionFilter(label=_("City"), empty_label=_("All cities"), field_name="city__slug")
    topic = OptionFilter(label=_("Topic"), empty_label=_("All topics"), field_name="topics__slug")

    class Meta:
        model = BestPractice
        fields = []

    def choices(self):
        shown = Count("best_practices", filter=Q(best_practices__in=self.queryset))
        cities = Organization.objects.annotate(cases=shown).filter(cases__gt=0)
        topics = Topic.objects.annotate(cases=shown).filter(cases__gt=0)
        return {
            "city": sorted(
                ((city.slug, with_count(city.name, city.cases)) for city in cities),
                key=lambda choice: collation_key(choice[1]),
            ),
            "topic": sorted(
                ((topic.slug, with_count(topic.name, topic.cases)) for topic in topics),
                key=lambda choice: collation_key(choice[1]),
            ),
        }

    def by_words(self, queryset, _name, value):
        for word in fold(value).split()[:8]:
            queryset = queryset.filter(folded_contains(word) | folded_contains(word, "city__folded"))
        return queryset
