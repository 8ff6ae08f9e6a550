"""Pages of a list, 24 rows each.

Here because the lists of both apps are cut the same way.
"""

from django.core.paginator import InvalidPage, Paginator
from django.http import Http404

ROWS = 24


def page_of(rows, request):
    """The page of `rows` that the address asks for (`page`, from 1). Raises Http404 for a page that is not there."""
    try:
        return Paginator(rows, ROWS).page(request.GET.get("page") or 1)
    except InvalidPage:
        raise Http404
