"""Form fields that the forms of both apps share: sector and country."""

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

from .models import Sector

CHOOSE = ("", _("Choose"))


@functools.cache
def country_choices(language: str) -> list[tuple[str, str]]:
    """Return (code, name) of every country, sorted by name in the language. Cached, since sorting takes long."""
    return sorted_countries()


@functools.cache
def _country_options(language: str) -> SafeString:
    """Return the options of `country_choices` as HTML, none of them selected."""
    return format_html_join("\n", '<option value="{}">{}</option>', [CHOOSE, *country_choices(language)])


class CountrySelect(forms.Select):
    """A select of all countries from cached HTML. Django would render a template for each option, which is slow."""

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: BaseRenderer | None = None
    ) -> SafeString:
        """Return the element with the chosen country selected; an unknown value selects nothing."""
        language = get_language() or settings.LANGUAGE_CODE
        options: str = _country_options(language)
        if value in dict(country_choices(language)):
            options = options.replace(f'value="{value}"', f'value="{value}" selected', 1)
        attributes = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return format_html("<select{}>{}</select>", attributes, mark_safe(options))


class SectorField(BoundedChoiceField):
    """The sector of somebody's organization."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Sector"),
            choices=[CHOOSE, *Sector.choices],
            error_messages={"required": _("Choose the sector of your organization.")},
        )


class CountryField(BoundedChoiceField):
    """Somebody's country. It does not keep `country_choices`, since Django copies a field's choices for each form."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Country"),
            widget=CountrySelect(attrs={"autocomplete": "country"}),
            error_messages={"required": _("Choose your country.")},
        )

    def valid_value(self, value: str) -> bool:
        return value in dict(country_choices(get_language() or settings.LANGUAGE_CODE))
