"""Names in the language they are written in, and addresses and files as a reader wants to see them."""

import unicodedata
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from django import template
from django.utils.html import format_html
from django.utils.translation import get_language

from wego_portal.foundation.templatetags.portal import join_items, link_to

register = template.Library()

# A script that one language is written in, by the first word of its characters' Unicode names.
SCRIPTS = {
    "HANGUL": "ko",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "THAI": "th",
    "LAO": "lo",
    "KHMER": "km",
    "MYANMAR": "my",
}
# Chinese characters are read in the language of the country.
IDEOGRAPHS = {
    "JP": "ja",
    "KR": "ko",
    "CN": "zh-Hans",
    "SG": "zh-Hans",
    "TW": "zh-Hant",
    "HK": "zh-Hant",
    "MO": "zh-Hant",
}


def language_of(name, country_code):
    """The language a name is written in (BCP 47), as far as its script and the body's country tell; "" otherwise."""
    scripts = {unicodedata.name(character, "").split(" ")[0] for character in name if character.isalpha()}
    for script in scripts:
        if script in SCRIPTS:
            return SCRIPTS[script]
    return IDEOGRAPHS.get(country_code, "") if "CJK" in scripts else ""


@register.filter
def name_in_its_language(name, country):
    """A native or other name, in a span that names its language where it is known and is not the page's."""
    language = language_of(name, country.code if country else "")
    return format_html('<span lang="{}">{}</span>', language, name) if language not in ("", get_language()) else name


@register.filter
def shown_address(url):
    """The host of an address, which tells a reader where a link leads: "we-gov.org"."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


@register.filter
def file_kind(name):
    """What sort of file it is, by its extension: "PDF"."""
    return PurePosixPath(name).suffix.removeprefix(".").upper()


@register.filter
def join_short_names(organizations):
    """Short names of organizations, or else their names, with the separator of the page's language between them."""
    return join_items(*(organization.short_name or organization.name for organization in organizations))


@register.filter
def join_group_links(memberships):
    """A link to the group of each membership, by its short name if it has one."""
    return join_items(*(link_to(membership.group, membership.group.short_name) for membership in memberships))
