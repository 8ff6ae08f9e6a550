"""What every request meets: refusals before a form is read, headers of every answer, moved objects.

Here because it holds for the pages of both apps alike.
"""

import codecs
import logging
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import (
    BadRequest,
    DisallowedHost,
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.db import DataError, OperationalError
from django.http import HttpResponsePermanentRedirect, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware.gzip import GZipMiddleware
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from .refusals import bad_request, is_admin, refuse
from .slugs import Moved

logger = logging.getLogger(__name__)

FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class Refused(Exception):
    """A request that is answered with `status` and a page of `title` and `message`."""

    def __init__(self, status, title, message):
        super().__init__(title)
        self.status, self.title, self.message = status, title, message


def _not_readable():
    return Refused(
        400,
        _("This address or form cannot be read"),
        _(
            "It holds bytes that are not text in UTF-8. Type the address again, or take the links from here; if a form"
            " brought you here, go back, remove unusual characters and send it again."
        ),
    )


def _too_large():
    return Refused(
        413,
        _("That is too much at once"),
        _(
            "What was sent is larger than a form of this site takes. Nothing was saved. Go back, shorten the text or"
            " take a smaller file, and send it again."
        ),
    )


def _check_charset(request):
    """Django takes any codec a request declares as its encoding, and fails on many of them."""
    charset = request.content_params.get("charset")
    if charset is None:
        return
    try:
        is_utf_8 = codecs.lookup(charset.strip("\"'")).name == "utf-8"
    except (LookupError, ValueError):
        is_utf_8 = False
    if is_utf_8:
        request.encoding = "utf-8"  # the one spelling that Django compares with
    else:
        raise Refused(
            415,
            _("This character set is not accepted"),
            _("Forms are accepted in UTF-8 only. Send it again without another character set."),
        )


def _check_text(raw, *, nul_allowed=False):
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise _not_readable()
    if not nul_allowed and b"\0" in raw:
        raise _not_readable()


def _check_address(request):
    """Path and query are UTF-8 without NUL (which PostgreSQL does not store), and so are the cookies."""
    # Django has decoded the path, and written what it could not decode as "%FF" again.
    _check_text(unquote_to_bytes(request.path_info))
    query = request.environ.get("QUERY_STRING", "").encode("latin-1", "replace")
    _check_text(unquote_to_bytes(query.replace(b"+", b" ")))
    if query.count(b"&") >= settings.DATA_UPLOAD_MAX_NUMBER_FIELDS:
        raise _too_large()
    if any("\0" in value for value in request.COOKIES.values()):
        raise _not_readable()


def _content_length(request):
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _check_form(request):
    """A form is small (in the admin it may bring a file), UTF-8, and can be taken apart.

    A NUL in a form is left to the form, which says so beside the field, and EchoMiddleware keeps it out of the page.
    """
    is_file_form = is_admin(request) and request.content_type == "multipart/form-data"
    limit = settings.ADMIN_UPLOAD_MAX_SIZE if is_file_form else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if _content_length(request) > limit:
        raise _too_large()
    if request.content_type not in FORM_TYPES:
        return
    try:
        if not is_file_form:
            body = request.body
            _check_text(body, nul_allowed=True)
            if request.content_type == FORM_TYPES[0]:
                _check_text(unquote_to_bytes(body.replace(b"+", b" ")), nul_allowed=True)
        request.POST  # noqa: B018 - takes the form apart, here rather than where a failure would be less clear
    except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
        raise _too_large()
    except (MultiPartParserError, BadRequest, SuspiciousOperation, UnreadablePostError):
        raise _not_readable()


class EdgeMiddleware:
    """Refuses, before any view or form sees it, what Django itself would answer with an error 500 or a bare page.

    400 for what is not readable text or asks for an unknown host, 413 for what is too large, 415 for another character
    set than UTF-8.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        with translation.override(translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE):
            try:
                _check_charset(request)
                _check_address(request)
                request.get_host()
                if request.method == "POST":
                    _check_form(request)
            except Refused as refused:
                return refuse(request, refused.status, refused.title, refused.message)
            except DisallowedHost:
                return refuse(
                    request,
                    400,
                    _("This site is not known by that name"),
                    _("Use its own address: %(address)s") % {"address": settings.SITE_URL},
                )
        return self.get_response(request)

    def process_exception(self, request, exception):
        """503 when the database is locked for too long, ends a query, or is gone.

        400 for values that passed every form but that the database cannot hold: NUL, a number of thirty digits; and
        for rows of a list of the admin that are chosen by what is no number, which Django asks for unchecked."""
        has_nul = any("\0" in value for _name, values in request.POST.lists() for value in values)
        if isinstance(exception, DataError | OverflowError) or (has_nul and isinstance(exception, ValueError)):
            logger.warning("a value was refused by the database: %s", type(exception).__name__)
            refused = _not_readable()
            return refuse(request, refused.status, refused.title, refused.message)
        if isinstance(exception, OperationalError):
            logger.error("the database gave up: %s", str(exception).partition("\n")[0])
            return refuse(
                request,
                503,
                _("This took too long"),
                _("The site is very busy. What you sent was not saved: go back and send it again in a minute."),
            )
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME) if is_admin(request) else []
        if isinstance(exception, ValueError) and not all(key.isdecimal() for key in chosen):
            return bad_request(request, exception)
        return None


class EchoMiddleware:
    """Leaves NUL out of a page that answers a form: what was typed, and what is said of it, is shown without.

    Pages escape what they show, and no escaped text becomes another by this.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        is_page = not response.streaming and response.headers.get("Content-Type", "").startswith("text/html")
        if request.method == "POST" and is_page and b"\0" in response.content:
            response.content = response.content.replace(b"\0", b"")
        return response


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses pages; leaves streamed files as they are, which are compressed already and asked for in ranges."""

    def process_response(self, request, response):
        return response if response.streaming else super().process_response(request, response)


class MovedMiddleware:
    """Turns `Moved`, which a view raised for an old slug, into a redirect (301) that keeps language, page and query."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_exception(self, request, exception):
        if not isinstance(exception, Moved):
            return None
        match = request.resolver_match
        try:
            # The same page of the object: its registration form rather than its front page.
            address = reverse(match.view_name, kwargs={**match.kwargs, "slug": exception.destination.slug})
        except NoReverseMatch:
            address = exception.destination.get_absolute_url()
        query = request.META.get("QUERY_STRING", "")
        is_read = request.method in ("GET", "HEAD")
        return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address, preserve_request=not is_read)


class HeadersMiddleware:
    """Headers of every answer that its view has not chosen itself."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        # Kept, but asked for again each time: the state of an event changes with the clock. An unchanged page is a 304.
        response.headers.setdefault("Cache-Control", "no-cache")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
        )
        return response
