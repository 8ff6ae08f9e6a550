"""Pages that refuse: they say what is wrong with a request and how to mend it.

Here because what a visitor sends is judged before either app sees it.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

MAX_FIELDS_AGAIN = 200  # of a form that came without its token
MAX_LENGTH_AGAIN = 50_000  # characters of its names and values together


def render_refusal(request: HttpRequest, status: int, title: str, message: str) -> HttpResponse:
    """A page with this status, title and message, in the language of the address.

    It is rendered from a clean request: nothing of what was refused can stumble into it.
    """
    site = urlsplit(settings.SITE_URL)
    clean = HttpRequest()
    clean.method = "GET"
    clean.path = clean.path_info = "/"
    clean.META = {"HTTP_HOST": site.netloc, "SERVER_NAME": site.hostname, "SERVER_PORT": str(site.port or 80)}
    response = render(clean, "refusal.html", {"refused_title": title, "refused_message": message}, status=status)
    response["Content-Language"] = translation.get_language()
    add_never_cache_headers(response)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's handler of suspicious requests (400)."""
    return render_refusal(
        request,
        400,
        _("This request cannot be answered"),
        _("It is not one that the pages of this site send. Take the links from here."),
    )


def _came_from_here(request: HttpRequest) -> bool:
    """Whether the browser says that the form was on a page of this site."""
    if request.headers.get("Sec-Fetch-Site"):
        return request.headers["Sec-Fetch-Site"] == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer") or ""
    return urlsplit(origin).netloc == request.get_host()


def is_admin(request: HttpRequest) -> bool:
    """Whether the address lies in the admin, in any language."""
    return "/admin/" in request.path_info[: len("/xx/admin/")]


@sensitive_post_parameters()
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What a visitor sees whose form came without its token, mostly because the cookie was gone (403).

    What was typed is offered once more with a new token. Only when the browser says that the form was ours, or another
    site could have its text sent by one press; not in the admin, where it might hold a password; and not where it is
    more than people type.
    """
    typed = []
    if not is_admin(request) and _came_from_here(request) and not request.FILES:
        typed = [
            (name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values
        ]
    if len(typed) > MAX_FIELDS_AGAIN or sum(len(name) + len(value) for name, value in typed) > MAX_LENGTH_AGAIN:
        typed = []
    context = {
        "refused_title": _("The form could not be accepted"),
        "refused_message": _(
            "It came without the mark that shows it was filled in here. This happens when the page stood open for a"
            " long time, or when the browser keeps no cookies for this site. Nothing was saved or changed."
        ),
        "typed": typed,
    }
    response = render(request, "csrf_failure.html", context, status=403)
    add_never_cache_headers(response)
    return response
