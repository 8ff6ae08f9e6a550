"""Names in the order in which a reader looks for them.

Here because lists, filters and forms of both apps sort names and countries, and the country list of the library comes
in the order of its codes where names are not in Latin letters.
"""

import unicodedata
from collections.abc import Collection

from django_countries import countries

from .lazy_text import LazyText


def collation_key(text: str | LazyText) -> str:
    """A key that sorts texts without regard to case and accents: "Türkiye" stands beside "Turkmenistan"."""
    decomposed = unicodedata.normalize("NFKD", str(text))
    return "".join(character for character in decomposed if not unicodedata.combining(character)).casefold()


def sorted_countries(codes: Collection[str] | None = None) -> list[tuple[str, str]]:
    """(code, name) of all countries, or of those in `codes`, by their name in the active language."""
    wanted = [(code, str(name)) for code, name in countries if codes is None or code in codes]
    return sorted(wanted, key=lambda country: collation_key(country[1]))
