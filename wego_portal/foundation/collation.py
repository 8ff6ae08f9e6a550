"""Names in the order in which a reader looks for them.

Here because lists, filters and forms of both apps sort names and countries, and the country list of the library comes
in the order of its codes where names are not in Latin letters.
"""

import functools
from collections.abc import Collection

from django_countries import countries
from pyuca import Collator

from .lazy_text import LazyText


@functools.cache
def _collator() -> Collator:
    """The order of Unicode (UTS #10, default table); loading it takes some 10 MB and a tenth of a second."""
    return Collator()


def collation_key(text: str | LazyText) -> tuple[int, ...]:
    """A key that sorts texts as readers expect: "Türkiye" beside "Turkmenistan", かな beside カナ."""
    return _collator().sort_key(str(text))


def sorted_countries(codes: Collection[str] | None = None) -> list[tuple[str, str]]:
    """(code, name) of all countries, or of those in `codes`, by their name in the active language."""
    wanted = [(code, str(name)) for code, name in countries if codes is None or code in codes]
    return sorted(wanted, key=lambda country: collation_key(country[1]))
