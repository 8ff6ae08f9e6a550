"""Words of transcripts: times from the beginning, and words that were searched for marked in what was said."""

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe

from wego_portal.foundation.fold import find_folded

from ..domain import transcript

register = template.Library()


@register.filter
def timestamp(milliseconds):
    """A time from the beginning: "1:35", "1:02:05"."""
    return transcript.timestamp(milliseconds)


@register.filter
def excerpt(text, words):
    """About 200 characters of the text around the words."""
    return transcript.excerpt(text, words)


@register.filter
def mark_words(text, words):
    """The text with each occurrence of `words` in a mark element, whatever its case, accents and width."""
    pieces, after = [], 0
    for start, end in find_folded(text, words):
        pieces += [conditional_escape(text[after:start]), format_html("<mark>{}</mark>", text[start:end])]
        after = end
    return mark_safe("".join([*pieces, conditional_escape(text[after:])]))
