"""Rich text: what staff may format, cleaned on the server when it is saved.

Here because bodies of both apps are written in the same editor.
"""

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
