"""Draws inputs and lists of forms without a template for each.

Here because every form of the portal is drawn with it. Django renders two templates for an input and two for each
option of a list, which was a quarter of what a page with a form cost. What comes out is what Django's templates say,
without empty lines; what is not named here is drawn by its template.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest
from django.utils.formats import localize
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

WIDGETS = "django/forms/widgets"
Context = Mapping[str, Any]  # what Widget.get_context makes, whose values are of any kind


class FormRenderer(TemplatesSetting):
    """Django's own, but for inputs and lists."""

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        """The HTML of a form, a field or a control, by the name of the template that says how it looks."""
        draw = _DRAWN.get(template_name)
        return draw(context["widget"]) if draw else super().render(template_name, context, request)


def _input(widget: Context) -> SafeString:
    value = "" if widget["value"] is None else format_html(' value="{}"', str(widget["value"]))
    return format_html('<input type="{}" name="{}"{}{}>', widget["type"], widget["name"], value, _attributes(widget))


def _select(widget: Context) -> SafeString:
    groups = []
    for name, options, _number in widget["optgroups"]:
        drawn = mark_safe("".join(f"\n  {_option(option)}" for option in options))
        groups.append(format_html('\n  <optgroup label="{}">{}\n  </optgroup>', name, drawn) if name else drawn)
    return format_html(
        '<select name="{}"{}>{}\n</select>', widget["name"], _attributes(widget), mark_safe("".join(groups))
    )


def _option(widget: Context) -> SafeString:
    label = localize(widget["label"])
    return format_html('<option value="{}"{}>{}</option>', str(widget["value"]), _attributes(widget), label)


def _attributes(widget: Context) -> SafeString:
    said = []
    for name, value in widget["attrs"].items():
        if value is not False:
            said.append(f" {conditional_escape(name)}")
            if value is not True:
                said.append(f'="{conditional_escape(str(value))}"')
    return mark_safe("".join(said))


_DRAWN: dict[str, Callable[[Context], SafeString]] = {
    f"{WIDGETS}/{name}.html": _input for name in ("text", "email", "url", "number", "hidden", "checkbox")
}
_DRAWN[f"{WIDGETS}/select.html"] = _select
