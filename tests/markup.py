"""The markup of a page without the white space that the formatter of templates adds beside tags.

Whether two words touch cannot be seen in it, since white space beside an inline tag does count in a browser.
"""

import re

from django.http import HttpResponse


def markup(page: HttpResponse | str) -> str:
    """The content of a page without white space beside its tags, and with single spaces elsewhere."""
    content = page if isinstance(page, str) else page.content.decode()
    return re.sub(r"\s*(<[^>]*>)\s*", r"\1", " ".join(content.split()))
