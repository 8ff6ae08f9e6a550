"""Words of transcripts: times from the beginning, and words that were searched for marked in what was said."""

import re

from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import mark_safe

from ..domain import transcript

register = template.Library()


@register.filter
def clock(milliseconds):
    """A time from the beginning: "1:35", "1:02:05"."""
    return transcript.clock(milliseconds)


@register.filter
def excerpt(text, words):
    """About 200 characters of the text around the words."""
    return transcript.excerpt(text, words)


@register.filter
def mark_said(text, words):
    """The text with each occurrence of `words` in a mark element, without regard to case."""
    if not words:
        return conditional_escape(text)
    pieces = re.split(f"({re.escape(words)})", text, flags=re.IGNORECASE)
    return mark_safe(
        "".join(format_html("<mark>{}</mark>", p) if i % 2 else conditional_escape(p) for i, p in enumerate(pieces))
    )
