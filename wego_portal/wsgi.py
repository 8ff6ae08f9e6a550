"""WSGI entry point, which the web server of `manage.py serve` loads."""

import os
from typing import Any

from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wego_portal.settings")


class Request(WSGIRequest):
    """A request whose declared type may be anything; Django would fail on some before any middleware sees it."""

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # Django's own; its stubs leave it out
        except (LookupError, ValueError):
            self.content_type, self.content_params = "", {"charset": "unreadable"}  # which is answered 415


application: WSGIHandler = get_wsgi_application()
application.request_class = Request
