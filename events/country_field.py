"""The country of a form: a list of all countries, put together once for each language."""

import functools
from typing import Any

from django import forms
from django.conf import settings
from django.forms.renderers import BaseRenderer
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.bounds import BoundedChoiceField
from wego_portal.foundation.collation import sorted_countries

CHOOSE = ("", _("Choose"))


@functools.cache
def country_choices(language: str) -> list[tuple[str, str]]:
    """(code, name) of every country in the language, sorted by name there. Kept, for they take long to put together."""
    return sorted_countries()


@functools.cache
def _country_options(language: str) -> SafeString:
    """The options of `country_choices` as HTML, none of them selected."""
    return format_html_join("\n", '<option value="{}">{}</option>', [CHOOSE, *country_choices(language)])


class CountrySelect(forms.Select):
    """A list of all countries. Django renders a template for each option, which would take most of the page's time."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """The element with the chosen country selected; a value that is no country selects nothing."""
        language = get_language() or settings.LANGUAGE_CODE
        options: str = _country_options(language)
        if value in dict(country_choices(language)):
            options = options.replace(f'value="{value}"', f'value="{value}" selected', 1)
        attributes = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return format_html("<select{}>{}</select>", attributes, mark_safe(options))


class CountryField(BoundedChoiceField):
    """A country of `country_choices`. Django would copy that list for each form that is made."""

    widget = CountrySelect

    def valid_value(self, value: str) -> bool:
        return value in dict(country_choices(get_language() or settings.LANGUAGE_CODE))
