"""Reading the markup of a page as a browser does: white space beside a tag, and more than one, say nothing."""

import re

from django.http import HttpResponse


def markup(page: HttpResponse | str) -> str:
    """The content of a page without white space beside its tags, and with single spaces elsewhere."""
    content = page if isinstance(page, str) else page.content.decode()
    return re.sub(r"\s*(<[^>]*>)\s*", r"\1", " ".join(content.split()))
