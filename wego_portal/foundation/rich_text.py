"""Rich text: what staff may format, cleaned on the server when it is saved.

Here because bodies of both apps are written in the same editor.
"""

import html
import re
from collections import Counter

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django_prose_editor.fields import ProseEditorField, create_sanitizer

from .lazy_text import LazyText

EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "Heading": {"levels": [2, 3]},
    "Link": {"enableTarget": False, "protocols": ["http", "https", "mailto"]},
    "History": True,
}
# Characters, about fifty pages. The cleaner's cost grows with the square of the ampersands, to 0.1 s for as many.
MAX_LENGTH = 100_000
MAX_DEPTH = 100  # elements in one another; the cleaner's cost grows with the square of the depth

TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
# Elements that hold no other, and those that do not nest, since the next of their kind ends them.
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
ENDED_BY_THE_NEXT = {"p", "li", "dt", "dd", "td", "th", "tr", "tbody", "option"}
NOT_NESTED = VOID | ENDED_BY_THE_NEXT


def refuse_costly_markup(markup: str) -> str:
    """The same markup. Raises ValidationError where it is so long, or nested so deeply, that cleaning it takes long."""
    if len(markup) > MAX_LENGTH:
        raise ValidationError(_("This text is longer than %(most)s characters."), params={"most": MAX_LENGTH})
    names: Counter[str] = Counter()
    depth = 0
    for end, name in TAG.findall(markup.lower()):
        if name in NOT_NESTED or (end and not names[name]):
            continue
        names[name] += -1 if end else 1
        depth += -1 if end else 1
        if depth > MAX_DEPTH:
            raise ValidationError(_("The formatting of this text cannot be read. Paste the text without formatting."))
    return markup


def rich_text_field(verbose_name: str | LazyText) -> ProseEditorField:
    """A text column with headings of two levels, lists, quotations, bold, italic and links, and nothing else."""
    # The last is done first.
    sanitize = [create_sanitizer, refuse_costly_markup]
    return ProseEditorField(verbose_name, blank=True, extensions=EXTENSIONS, sanitize=sanitize)


_INLINE = {"a", "b", "em", "i", "strong"}
_WHOLE_TAG = re.compile(r"<(/?\w*+)[^<>]*+>")


def plain_text(markup: str) -> str:
    """The words of rich text, without its tags; what stands in another paragraph or item is another word."""
    words = _WHOLE_TAG.sub(lambda tag: "" if tag[1].removeprefix("/").lower() in _INLINE else " ", markup)
    return html.unescape(words)
