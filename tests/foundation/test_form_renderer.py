"""Inputs and lists come out as Django's own templates have them, to the letter but for empty lines."""

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy, override

from wego_portal.foundation.form_renderer import FormRenderer

GROUPED = [("", "-"), ("Asia", [("JP", "日本"), ("KR", gettext_lazy("Republic of <Korea>"))]), ("XX", mark_safe("<b>"))]
WIDGETS = [
    forms.TextInput(attrs={"autocomplete": "name", "required": True, "disabled": False, "data-say": 'a "b" & <c>'}),
    forms.EmailInput(attrs={"class": mark_safe("x&amp;y")}),
    forms.URLInput(),
    forms.NumberInput(attrs={"min": 0, "step": "any"}),
    forms.HiddenInput(),
    forms.CheckboxInput(attrs={"aria-invalid": "true"}),
    forms.Select(choices=GROUPED, attrs={"id": "id_country"}),
    forms.Select(choices=[(None, "unknown"), (1, 1), (2, 2.5)]),
    forms.SelectMultiple(choices=GROUPED),
    forms.RadioSelect(choices=GROUPED),
    forms.Textarea(),
    forms.DateInput(),
]


@pytest.mark.parametrize("widget", WIDGETS, ids=lambda widget: type(widget).__name__)
@pytest.mark.parametrize("value", [None, "", "JP", 1, True, "<b>\"'&", mark_safe("<i>&amp;"), ["JP", "XX"]])
@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_control_is_drawn_as_django_draws_it(widget, value, language):
    with override(language):
        drawn = widget.render("field", value, {"id": "id_field"}, FormRenderer())
        by_django = widget.render("field", value, {"id": "id_field"}, TemplatesSetting())
        assert drawn.replace("\n\n", "\n") == by_django.replace("\n\n", "\n")
        assert hasattr(drawn, "__html__")


def test_every_form_is_drawn_with_it():
    assert isinstance(forms.Form().renderer, FormRenderer)
