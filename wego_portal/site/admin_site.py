"""Django's admin with the portal's name, its lists in the order of the work."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.contrib.admin import AdminSite, ModelAdmin
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.constraint_admin import constraint_admin
from wego_portal.foundation.error_pages import render_refusal
from wego_portal.foundation.staff_tasks import open_staff_tasks

from .login import LoginForm

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

# What is used daily comes first; shared lists and accounts come last. What is not named follows in alphabetical order.
APPS = ["events", "organizations", "foundation", "auth"]
MODELS = [
    "Event",
    "Registration",
    "Seat",
    "Invitation",
    "Contact",
    "Suppression",
    "Series",
    "Story",
    "Recording",
    "Transcript",
    "Handout",
    "Part",
    "AgendaItem",
    "Organization",
    "Membership",
    "Inquiry",
    "Person",
    "Initiative",
    "Project",
    "Resource",
    "BestPractice",
]


# Of a search in a list: each word becomes a condition on every searched column.
MAX_SEARCH_LENGTH = 200  # characters
MAX_SEARCH_WORDS = 20
SEARCH_PARAMETERS = ("q", "term")  # of lists, and of fields that complete what is typed


class PortalAdminSite(AdminSite):
    """The admin site of the portal."""

    login_form = LoginForm

    site_header = _("WeGO portal")
    site_title = _("WeGO portal")
    index_title = _("Desk of the secretariat")

    def register(self, model_or_iterable, admin_class=None, **options):
        """Every admin and its inlines check the constraints of the database, without having to ask for it."""
        super().register(model_or_iterable, constraint_admin(admin_class or ModelAdmin), **options)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """A page that checks who asks for it, and that nobody searches for more words than a person does."""
        page = super().admin_view(view, cacheable)

        @functools.wraps(page)
        def bounded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            searches = [request.GET.get(name, "") for name in SEARCH_PARAMETERS]
            if any(len(each) > MAX_SEARCH_LENGTH or len(each.split()) > MAX_SEARCH_WORDS for each in searches):
                return render_refusal(
                    request,
                    400,
                    gettext("This search is too long"),
                    gettext("Go back and search for a few words, such as a name or an address."),
                )
            return page(request, *args, **kwargs)

        return cast(View, bounded)

    def index(self, request, extra_context=None):
        """The first page, with what waits for staff."""
        waiting = open_staff_tasks(request, self, now=timezone.now())
        waiting.sort(key=lambda each: _rank(APPS, each.model._meta.app_label))
        return super().index(request, {"waiting": waiting, **(extra_context or {})})

    def get_app_list(self, request, app_label=None):
        """The apps and their lists in the order of the work."""
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: _rank(MODELS, model["object_name"]))
        return sorted(apps, key=lambda app: _rank(APPS, app["app_label"]))


def _rank(order, name):
    return order.index(name) if name in order else len(order)
