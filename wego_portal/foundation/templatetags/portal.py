"""Tags every template may use: texts in their language, drawn pictures, addresses of this page in other languages.

Here because the templates of both apps use them.
"""

import datetime
import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from django import template
from django.conf import settings
from django.core.paginator import Page
from django.core.serializers.json import DjangoJSONEncoder
from django.template import Context
from django.urls import reverse, translate_url
from django.utils.encoding import escape_uri_path
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext

from wego_portal.foundation import skyline as drawn
from wego_portal.foundation.list_filters import MAX_SEARCH_LENGTH
from wego_portal.foundation.partial_dates import format_partial, iso_partial

register = template.Library()

MAX_REPEATED_PATH = 500  # characters; a page would grow with a longer one, which is no page's but by mistake


class HasPage(Protocol):
    """An object with a page of its own."""

    def get_absolute_url(self) -> str: ...


@register.filter
def lang_attr(text: str) -> str:
    """` lang="ja"` when a translated text is not in the page's language, for the element that holds it."""
    language = getattr(text, "language", "")
    return format_html(' lang="{}"', language) if language and language != get_language() else ""


@register.simple_tag
def partial_date(date: datetime.date | None, precision: str) -> str:
    """A date known to the year, the month or the day, as a `time` element; nothing where there is no date."""
    if date is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', iso_partial(date, precision), format_partial(date, precision))


@register.filter
def in_its_language(text: str) -> str:
    """The text, in a span that names its language where that is not the page's."""
    language = getattr(text, "language", "")
    return format_html('<span lang="{}">{}</span>', language, text) if language and language != get_language() else text


def _label(thing: object) -> str:
    """The title or name by which an object is shown."""
    return getattr(thing, "title", "") or getattr(thing, "name", "")


@register.simple_tag
def join_items(*items: str) -> SafeString:
    """The items that are not empty, with the separator of the page's language between them."""
    separator = conditional_escape(gettext(", "))
    return mark_safe(separator.join(conditional_escape(item) for item in items if item))  # each is escaped


@register.filter
def join_names(things: Iterable[object]) -> SafeString:
    """Names or titles of objects, each in its language, with the separator of the page's language between them."""
    return join_items(*(in_its_language(_label(thing)) for thing in things))


@register.simple_tag
def link_to(thing: HasPage, text: str = "", css_class: str = "") -> SafeString:
    """A link to the page of an object by its title or name, or by `text`; it names the language of what it shows."""
    label = text or _label(thing)
    css_attr = format_html(' class="{}"', css_class) if css_class else ""
    return format_html('<a{} href="{}"{}>{}</a>', css_attr, thing.get_absolute_url(), lang_attr(label), label)


@register.filter
def as_link(thing: HasPage | None) -> str:
    """As `link_to`, for an argument of another tag; nothing where there is no object."""
    return link_to(thing) if thing else ""


@register.filter
def join_list(items: Iterable[str]) -> SafeString:
    """As `join_items`, for the items of a list."""
    return join_items(*items)


@register.filter
def join_links(things: Iterable[HasPage]) -> SafeString:
    """Links to the pages of objects, with the separator of the page's language between them."""
    return join_items(*(link_to(thing) for thing in things))


@register.filter
def rich(text: str) -> str:
    """Rich text that was sanitised when saved, in a block that names its language where that is not the page's."""
    return format_html('<div class="prose"{}>{}</div>', lang_attr(text), mark_safe(text)) if text else ""


@register.simple_tag
def json_ld(data: Mapping[str, object]) -> SafeString:
    """What a page says, for machines (schema.org), in a data block. `data` is of dicts, lists, texts and numbers."""
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False, cls=DjangoJSONEncoder)
    safe = text.translate({ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"})
    return format_html('<script type="application/ld+json">{}</script>', mark_safe(safe))


@register.simple_tag
def skyline(slug: str) -> SafeString:
    """A small drawn skyline, always the same for the same slug; stands in for a missing photograph."""
    return mark_safe(drawn.card(slug))


@register.simple_tag
def skyline_strip(slug: str) -> SafeString:
    """The skyline of a slug as a wide silhouette in the colour of the text around it, for the foot of a `.hero`."""
    return mark_safe(drawn.strip(slug))


@register.simple_tag
def monogram(name: str) -> SafeString:
    """A coloured circle with the initials of a person or a body, for lists of people; hidden from screen readers."""
    words = name.split()
    if words and unicodedata.name(words[0][0], "").startswith(("CJK", "HANGUL", "HIRAGANA", "KATAKANA")):
        initials = words[0][0]
    else:
        initials = "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()
    return format_html(
        '<span class="monogram monogram--{}" aria-hidden="true">{}</span>', drawn.palette_number(name), initials
    )


@register.simple_tag
def max_search_length() -> int:
    """How many characters a search of a list may have, for a search field outside its form."""
    return MAX_SEARCH_LENGTH


@register.simple_tag
def elided_pages(page_obj: Page) -> Iterator[int | str]:
    """The page numbers of a long list with gaps: the first, the last and those around the present one."""
    return page_obj.paginator.get_elided_page_range(page_obj.number, on_each_side=1, on_ends=1)


@register.simple_tag(takes_context=True)
def this_page_in(context: Context, language: str) -> str:
    """The address of this page in another language, with what it understood of its query (`keep_query`); the home page
    where the address leads nowhere."""
    request = context["request"]
    # A page asks for each several times: in its head, in its masthead and in its menu.
    addresses = vars(request).setdefault("this_page_in", {})
    if language not in addresses:
        query = getattr(request, "kept_query", None)
        leads_somewhere = request.resolver_match and len(request.path) <= MAX_REPEATED_PATH
        address = escape_uri_path(request.path) if leads_somewhere else reverse("home")
        address = f"{address}?{query.urlencode()}" if query and leads_somewhere else address
        addresses[language] = translate_url(address, language)
    return addresses[language]


@register.simple_tag(takes_context=True)
def absolute(context: Context, address: str = "") -> str:
    """`address`, or that of this page without its query, with scheme and host as readers reach the portal."""
    return f"{settings.SITE_URL}{address or context['request'].path}"
