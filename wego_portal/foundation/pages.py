"""Pages of a list, 24 rows each, and the query that links of a page repeat.

Here because the lists of both apps are cut the same way.
"""

from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, QueryDict

PAGE_SIZE = 24


def keep_query(request: HttpRequest, form: Form | None) -> QueryDict:
    """The parameters of the address that `form` understood, which alone links of the page repeat.

    They are kept as `request.kept_query`, where templates find them. Whatever else an address holds, no page grows
    with it.
    """
    kept = QueryDict(mutable=True)
    if form is not None:
        for name in [name for name in request.GET if name in form.fields]:
            value = form[name].data
            if value and name not in form.errors:
                kept[name] = "on" if value is True else value
    vars(request)["kept_query"] = kept
    return kept


def page_of(rows: Any, request: HttpRequest, form: Form | None = None) -> Page:
    """The page of `rows` that the address asks for (`page`, from 1), filtered by what `form` understood.

    Raises Http404 for a page that is not there.
    """
    kept = keep_query(request, form)
    try:
        page = Paginator(rows, PAGE_SIZE).page(request.GET.get("page") or 1)
    except InvalidPage:
        raise Http404
    if page.number > 1:
        kept["page"] = str(page.number)
    return page
