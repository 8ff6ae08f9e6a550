"""The portal's addresses, and some below /stuck/ that never answer, each in another way."""

import re
import time
from collections.abc import Iterator

from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from wego_portal.site.urls import *  # noqa: F403
from wego_portal.site.urls import urlpatterns as portal


def loop(request: HttpRequest) -> HttpResponse:
    """Compute in Python without an end."""
    while True:
        pass


def expression(request: HttpRequest) -> HttpResponse:
    """Match a regular expression for years, during which no other thread of the process runs."""
    return HttpResponse(re.fullmatch("(a|aa)+", "a" * 200 + "b"))


def wait(request: HttpRequest) -> HttpResponse:
    """Wait for what never comes."""
    time.sleep(1_000_000)
    return HttpResponse()


def query(request: HttpRequest) -> HttpResponse:
    """Let the database compute without an end."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_sleep(1000000)")
        else:
            cursor.execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n")
    return HttpResponse()


def half(request: HttpRequest) -> StreamingHttpResponse:
    """Answer half of what was promised, and wait."""

    def parts() -> Iterator[bytes]:
        yield b"half"
        time.sleep(1_000_000)

    return StreamingHttpResponse(parts(), headers={"Content-Length": "8"})


VIEWS = {view.__name__: view for view in (loop, expression, wait, query, half)}
urlpatterns = [*(path(f"stuck/{name}/", view) for name, view in VIEWS.items()), *portal]
