"""What the filters of public lists have in common: bounded fields, search by words, and what is said of a wrong value.

Here because the lists of both apps are filtered.
"""

import datetime
from collections.abc import Iterable, Mapping

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_filters.fields import ChoiceField as FilterChoiceField

from .bounds import BoundedCharField, BoundedChoiceMixin
from .fold import fold

MAX_SEARCH_LENGTH = 100  # characters
MAX_SEARCH_WORDS = 8


def search_words(text: str) -> list[str]:
    """The folded words of a search, at most MAX_SEARCH_WORDS of them."""
    return fold(text).split()[:MAX_SEARCH_WORDS]


class _BoundedFilterChoiceField(BoundedChoiceMixin, FilterChoiceField):
    pass


class SearchFilter(django_filters.CharFilter):
    """A filter by words, of at most MAX_SEARCH_LENGTH characters."""

    field_class = BoundedCharField

    def __init__(self, **kwargs: object) -> None:
        super().__init__(max_length=MAX_SEARCH_LENGTH, **kwargs)


class OptionFilter(django_filters.ChoiceFilter):
    """A filter by one of several options."""

    field_class = _BoundedFilterChoiceField


class FilterForm(forms.Form):
    """The form of a filter; a field with a wrong value is marked."""

    error_css_class = "field--wrong"


class ListFilter(django_filters.FilterSet):
    """A filter whose options depend on what is published at `now` (aware datetime) and have words for a wrong value."""

    unknown_option: str | Promise = _("“%(value)s” is not in this list. It was left out of the search.")

    def __init__(self, data: Mapping[str, str] | None, queryset: QuerySet, *, now: datetime.datetime) -> None:
        super().__init__(data, queryset)
        self.now = now
        for each in self.filters.values():
            if isinstance(each, OptionFilter):
                each.extra["error_messages"] = {"invalid_choice": self.unknown_option}

    def offer(
        self, name: str, choices: Iterable[tuple[str, str | Promise]], unknown_option: str | Promise | None = None
    ) -> None:
        """Give the filter of this name its options, and its own words for a value that is none of them."""
        self.filters[name].extra["choices"] = choices
        if unknown_option:
            self.filters[name].extra["error_messages"] = {"invalid_choice": unknown_option}

    def get_form_class(self) -> type[forms.Form]:
        """A form of the filters' fields that marks a wrong value."""
        return type("FilterForm", (FilterForm,), {name: each.field for name, each in self.filters.items()})

    @property
    def is_narrowed(self) -> bool:
        """Whether anything was asked for, understood or not."""
        return any(self.data.get(name) for name in self.filters)
