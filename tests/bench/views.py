"""The bare form: what Django gives who writes a ModelForm and nothing more.

It asks what the registration form asks of a person (name, address, organization, sector, country, position, language,
consent), is drawn by `{{ form.as_div }}` on a page of a few lines, is protected against forgery, saves one row by one
INSERT, and redirects. It has no event, parts or places, no limits, no mail, no translation, and none of the portal's
page around it.

Django renders a template for each of the 250 options of the country list, which is most of what the bare form costs.
`short_form` takes the country as text in its place: the least that still is such a form.
"""

from django import forms
from django.forms.renderers import TemplatesSetting
from django.shortcuts import redirect, render
from django.utils import translation

from wego_portal.foundation.collation import sorted_countries

from .models import Registrant

with translation.override("en"):
    # A plain list, put together once. The portal's own field for countries does so for each page: that would make the
    # bare form slower than it need be.
    COUNTRIES = [("", "---------"), *sorted_countries()]


class ShortForm(forms.ModelForm):
    """The country is typed."""

    default_renderer = TemplatesSetting  # Django's own: the portal draws its controls without templates

    class Meta:
        model = Registrant
        fields = ["name", "email", "organization", "sector", "country", "position", "language", "privacy"]


class BareForm(ShortForm):
    """The country is chosen."""

    country = forms.ChoiceField(choices=COUNTRIES)


def bare_form(request):
    """A ModelForm in its ordinary view."""
    return _answer(request, BareForm(request.POST or None))


def short_form(request):
    """The same, without the list of countries."""
    return _answer(request, ShortForm(request.POST or None))


def _answer(request, form):
    if form.is_valid():
        form.save()
        return redirect(request.path)
    return render(request, "bench/bare_form.html", {"form": form})
