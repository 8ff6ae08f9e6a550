"""Tags every template may use: texts in their language, partial dates."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from wego_portal.foundation.partial_dates import format_partial, iso_partial

register = template.Library()


@register.filter
def lang_attr(text):
    """` lang="ja"` when a translated text is not in the page's language, for the element that holds it."""
    language = getattr(text, "language", "")
    return format_html(' lang="{}"', language) if language and language != get_language() else ""


@register.simple_tag
def partial_date(date, precision):
    """A date known to the year, the month or the day, as a `time` element; nothing where there is no date."""
    if date is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', iso_partial(date, precision), format_partial(date, precision))


@register.filter
def in_its_language(text):
    """The text, in a span that names its language where that is not the page's."""
    language = getattr(text, "language", "")
    return format_html('<span lang="{}">{}</span>', language, text) if language and language != get_language() else text


@register.filter
def rich(text):
    """Rich text that was sanitised when it was saved, in a block that names its language where that is not the page's."""
    return format_html("<div class=\"prose\"{}>{}</div>", lang_attr(text), mark_safe(text)) if text else ""


@register.simple_tag
def skyline(slug):
    """A small drawn skyline, always the same for the same slug; stands in for a missing photograph."""
    return mark_safe('<svg class="skyline" viewBox="0 0 320 180" aria-hidden="true"></svg>')
