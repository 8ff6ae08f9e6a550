"""Rich text: what staff may format, cleaned on the server when it is saved.

Here because bodies of both apps are written in the same editor.
"""

import html
import re

from django_prose_editor.fields import ProseEditorField

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


def rich_text_field(verbose_name):
    """A text column with headings of two levels, lists, quotations, bold, italic and links, and nothing else."""
    return ProseEditorField(verbose_name, blank=True, extensions=EXTENSIONS, sanitize=True)


_TAG = re.compile(r"<(/?\w*)[^<>]*>")
_INLINE = {"a", "b", "em", "i", "strong"}


def plain_text(markup: str) -> str:
    """The words of rich text, without its tags; what stands in another paragraph or item is another word."""
    words = _TAG.sub(lambda tag: "" if tag[1].removeprefix("/").lower() in _INLINE else " ", markup)
    return html.unescape(words)
