"""What every request meets: refusals before a form is read, headers of every answer, moved objects.

Here because it holds for the pages of both apps alike.
"""

import codecs
import logging
from collections.abc import Callable
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
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.request import split_domain_port
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.urls import NoReverseMatch, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from .error_pages import bad_request, is_admin, render_refusal
from .slugs import MovedError

GetResponse = Callable[[HttpRequest], HttpResponseBase]
logger = logging.getLogger(__name__)

# What any browser sends is far below these, in bytes and numbers.
MAX_PATH_LENGTH = 2_048
MAX_QUERY_LENGTH = 4_096
MAX_PARAMETERS = 50
MAX_HEADER_LENGTH = 8_192
MAX_HEADERS_LENGTH = 32_768  # of all headers together
FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class RequestRefusedError(Exception):
    """A request that is answered with `status` and a page of `title` and `message`."""

    def __init__(self, status: int, title: str, message: str) -> None:
        super().__init__(title)
        self.status, self.title, self.message = status, title, message


def _not_readable() -> RequestRefusedError:
    return RequestRefusedError(
        400,
        _("This address or form cannot be read"),
        _(
            "It holds bytes that are not text in UTF-8. Type the address again, or take the links from here; if a form"
            " brought you here, go back, remove unusual characters and send it again."
        ),
    )


def _too_large() -> RequestRefusedError:
    return RequestRefusedError(
        413,
        _("That is too much at once"),
        _(
            "What was sent is larger than a form of this site takes. Nothing was saved. Go back, shorten the text or"
            " take a smaller file, and send it again."
        ),
    )


def _check_headers(request: HttpRequest) -> None:
    """Headers are short, cookies among them, before anything takes them apart."""
    lengths = [len(value) for name, value in request.META.items() if name.startswith(("HTTP_", "CONTENT_"))]
    if max(lengths, default=0) > MAX_HEADER_LENGTH or sum(lengths) > MAX_HEADERS_LENGTH:
        raise RequestRefusedError(
            431,
            _("Your browser sent too much"),
            _("Mostly these are old cookies: delete those of this site in your browser, then load the page again."),
        )


def _check_charset(request: HttpRequest) -> None:
    """Django takes any codec a request declares as its encoding, and fails on many of them."""
    charset = (request.content_params or {}).get("charset")
    if charset is None:
        return
    try:
        is_utf_8 = codecs.lookup(charset.strip("\"'")).name == "utf-8"
    except (LookupError, ValueError):
        is_utf_8 = False
    if is_utf_8:
        request.encoding = "utf-8"  # the one spelling that Django compares with
    else:
        raise RequestRefusedError(
            415,
            _("This character set is not accepted"),
            _("Forms are accepted in UTF-8 only. Send it again without another character set."),
        )


def _check_text(raw: bytes) -> None:
    """Bytes are UTF-8, without NUL, which PostgreSQL does not store and which nobody types."""
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise _not_readable()
    if b"\0" in raw:
        raise _not_readable()


def _check_address(request: HttpRequest) -> None:
    """Path and query are short, and UTF-8 without NUL, and so are the cookies."""
    query = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
    if (
        len(request.path_info.encode("utf-8", "replace")) > MAX_PATH_LENGTH
        or len(query) > MAX_QUERY_LENGTH
        or query.count(b"&") >= MAX_PARAMETERS
    ):
        raise RequestRefusedError(
            414,
            _("This address is too long"),
            _("No address of this site is as long. Take the links from here, or search with fewer words."),
        )
    # Django has decoded the path, and written what it could not decode as "%FF" again.
    _check_text(unquote_to_bytes(request.path_info))
    _check_text(unquote_to_bytes(query.replace(b"+", b" ")))
    if any("\0" in value for value in request.COOKIES.values()):
        raise _not_readable()


def _check_host(request: HttpRequest) -> None:
    """The host is one of ours, with a port that can be. Raises DisallowedHost."""
    _host, port = split_domain_port(request.get_host())
    if port and not 1 <= int(port) <= 65535:
        raise DisallowedHost(f"no such port: {port}")


def _content_length(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _check_length(request: HttpRequest) -> None:
    """A body is as small as a form of the public pages; only who is signed in as staff may send more, in the admin."""
    length = _content_length(request)
    if length <= settings.FORM_MAX_SIZE:
        return
    if not is_admin(request) or not (request.user.is_active and request.user.is_staff):
        raise _too_large()
    is_file_form = request.content_type == "multipart/form-data"
    if length > (settings.ADMIN_UPLOAD_MAX_SIZE if is_file_form else settings.DATA_UPLOAD_MAX_MEMORY_SIZE):
        raise _too_large()


def _check_form(request: HttpRequest) -> None:
    """A form is UTF-8 without NUL and can be taken apart; one of the public pages has not many fields."""
    if request.content_type not in FORM_TYPES:
        return
    try:
        if not is_admin(request) or request.content_type != "multipart/form-data":
            body = request.body
            _check_text(body)
            if request.content_type == FORM_TYPES[0]:
                _check_text(unquote_to_bytes(body.replace(b"+", b" ")))
        # Taken apart here, rather than where a failure would be less clear.
        sent = [(name, value) for name, values in request.POST.lists() for value in values]
    except (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent):
        raise _too_large()
    except (MultiPartParserError, BadRequest, SuspiciousOperation, UnreadablePostError):
        raise _not_readable()
    if any("\0" in name or "\0" in value for name, value in sent):
        raise _not_readable()
    if not is_admin(request) and len(sent) > settings.FORM_MAX_FIELDS:
        raise _too_large()


class EdgeMiddleware:
    """Refuses, before any view or form sees it, what Django itself would answer with an error 500 or a bare page.

    400 for what is not readable text or asks for an unknown host, 414 for an address that is too long, 415 for another
    character set than UTF-8, 431 for too much in headers and cookies. What a form brings is FormMiddleware's.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with translation.override(translation.get_language_from_path(request.path_info) or settings.LANGUAGE_CODE):
            try:
                _check_headers(request)
                _check_charset(request)
                _check_address(request)
                _check_host(request)
            except RequestRefusedError as refused:
                return render_refusal(request, refused.status, refused.title, refused.message)
            except DisallowedHost:
                return render_refusal(
                    request,
                    400,
                    _("This site is not known by that name"),
                    _("Use its own address: %(address)s") % {"address": settings.SITE_URL},
                )
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """503 when the database is locked for too long, ends a query, or is gone.

        400 for values that passed every form but that the database cannot hold, such as a number of thirty digits; and
        for rows of a list of the admin that are chosen by what is no number, which Django asks for unchecked."""
        if isinstance(exception, DataError | OverflowError):
            logger.warning("a value was refused by the database: %s", type(exception).__name__)
            refused = _not_readable()
            return render_refusal(request, refused.status, refused.title, refused.message)
        if isinstance(exception, OperationalError):
            logger.error("the database gave up: %s", str(exception).partition("\n")[0])
            return render_refusal(
                request,
                503,
                _("This took too long"),
                _("The site is very busy. What you sent was not saved: go back and send it again in a minute."),
            )
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME) if is_admin(request) else []
        if isinstance(exception, ValueError) and not all(key.isdecimal() for key in chosen):
            return bad_request(request, exception)
        return None


class FormMiddleware:
    """Refuses a form that is too large (413) or not readable text (400) before anything reads it.

    It knows who is signed in, so it comes after AuthenticationMiddleware. Django compares the token of a form, for
    which it reads all of it, only once every middleware has seen the request.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            _check_length(request)
            if request.method == "POST":
                _check_form(request)
        except RequestRefusedError as refused:
            return render_refusal(request, refused.status, refused.title, refused.message)
        return self.get_response(request)


class PageCompressionMiddleware(GZipMiddleware):
    """Compresses pages; leaves streamed files as they are, which are compressed already and asked for in ranges."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        return response if response.streaming else super().process_response(request, response)


class MovedMiddleware:
    """Redirects (301) where a view raised MovedError for an old slug; keeps language, page and query."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match = request.resolver_match
        if not isinstance(exception, MovedError) or match is None:
            return None
        try:
            # The same page of the object: its registration form rather than its front page.
            address = reverse(match.view_name, kwargs={**match.kwargs, "slug": exception.destination.slug})
        except NoReverseMatch:
            address = exception.destination.get_absolute_url()
        query = request.META.get("QUERY_STRING", "")
        is_read = request.method in ("GET", "HEAD")
        return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address, preserve_request=not is_read)


class HeadersMiddleware:
    """Headers of every answer that its view has not chosen itself. Comes first, for what other middleware answers."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        # A page is kept, but asked for again each time: the state of an event changes with the clock, and an unchanged
        # page is a 304. An error, or a redirect by middleware, may name a personal page and is not kept at all.
        is_page = request.resolver_match is not None and response.status_code < 400
        response.headers.setdefault("Cache-Control", "no-cache" if is_page else "no-store")
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"
        )
        return response
