"""Tools for what staff cannot undo, in two steps: look at what will happen, then confirm it.

A tool shows a form (unless it is an action of a list, which begins with what was selected), then a page that names
whom and what the change concerns, and only then calls one verb of the domain. The preview carries, signed, what was
seen, so that the verb can refuse where something else is true by now.
"""

import abc
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, AdminForm
from django.contrib.admin.utils import unquote
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise

from wego_portal.foundation.admin_bases import AdminBase

from ..models import Event

LOOK, CONFIRM = "look", "confirm"
FormT = TypeVar("FormT", bound=forms.Form)


class ToolRefusedError(Exception):
    """Nothing was done. The text, for staff, says why; it may be empty where the page shows it."""


class PreviewTool(abc.ABC, Generic[FormT]):
    """Base of the tools. A subclass names its form, describes the change for the preview, and carries it out."""

    title: str | Promise = ""
    form_template = ""
    preview_template = ""
    seen_salt = ""
    seen_max_age: int | None = None  # seconds between the preview and the confirmation
    stale_message: str | Promise = ""  # where what was seen is too old or not ours

    def __init__(self, model_admin: admin.ModelAdmin, request: HttpRequest) -> None:
        self.model_admin, self.request, self.now = model_admin, request, timezone.now()
        self.step = request.POST.get("do", "")
        self.seen: Any = self.unsign(request.POST.get("seen", ""))

    @abc.abstractmethod
    def make_form(self) -> FormT:
        """The form of the current step; unbound where the step sends none."""

    def fieldsets(self, form: FormT) -> list:
        """The form's fieldsets, as the admin draws them."""
        return [(None, {"fields": list(form.fields)})]

    @abc.abstractmethod
    def describe(self, form: FormT) -> dict:
        """The context of the preview, among it `seen`: what `carry_out` compares or acts on, as JSON can hold it.

        Raises ToolRefusedError where there is nothing to show.
        """

    @abc.abstractmethod
    def carry_out(self, form: FormT) -> HttpResponse:
        """Do what was previewed, log it and say so; `self.seen` is what the preview carried.

        Raises ToolRefusedError where it can no longer be done so.
        """

    def respond(self) -> HttpResponse:
        """The page of the current step, or what follows the change."""
        form = self.make_form()
        try:
            if self.step == CONFIRM and (form.is_valid() or not form.is_bound):
                if self.seen is None:
                    raise ToolRefusedError(self.stale_message)
                return self.carry_out(form)
            if self.step == LOOK and form.is_valid():
                return self.preview_page(form)
        except ToolRefusedError as error:
            if message := str(error):
                messages.error(self.request, message)
            return self.start_again(form)
        return self.form_page(form)

    def start_again(self, form: FormT) -> HttpResponse:
        """The page after a refusal: the form with what was typed."""
        return self.form_page(form)

    def form_page(self, form: FormT) -> HttpResponse:
        """The page of the first step."""
        return self.render(self.form_template, **self.form_context(form))

    def preview_page(self, form: FormT) -> HttpResponse:
        """The page of the second step."""
        described = self.describe(form)
        context = {**self.preview_form_context(form), **described, "seen": self.sign(described["seen"])}
        return self.render(self.preview_template, **context)

    def preview_form_context(self, form: FormT) -> dict:
        """The form on the preview, whose template sends what was typed again."""
        return {"form": form}

    def form_context(self, form: FormT) -> dict:
        """The form as the admin draws it, and its errors once it was sent."""
        has_errors = self.step in (LOOK, CONFIRM)
        adminform = AdminForm(form, self.fieldsets(form), {})  # type: ignore[arg-type]  # it draws any form
        return {"adminform": adminform, "errors": form.errors if has_errors else {}}

    def render(self, template: str, **context: object) -> HttpResponse:
        """A page of the tool."""
        base = self.model_admin.admin_site.each_context(self.request)
        own = {"opts": self.model_admin.opts, "title": self.title}
        return TemplateResponse(self.request, template, {**base, **own, **context})

    def sign(self, seen: object) -> str:
        """What the preview carries, signed."""
        return signing.dumps(seen, salt=self.seen_salt, compress=True)

    def unsign(self, signed: str) -> Any:  # whatever `describe` put there, as JSON gives it back
        """What a page carried; None where it is too old or was not signed here."""
        try:
            return signing.loads(signed, salt=self.seen_salt, max_age=self.seen_max_age)
        except signing.BadSignature:
            return None


class EventTool(PreviewTool[FormT]):
    """A tool of one event, at an address of its own: `<event>/<url_path>/`, named `events_event_<name>`."""

    name: ClassVar[str]
    url_path: ClassVar[str]
    permission: ClassVar[str]

    def __init__(self, model_admin: admin.ModelAdmin, request: HttpRequest, event: Event) -> None:
        self.event = event
        self.seen_salt = f"events.admin.{self.name}.{event.pk}"
        super().__init__(model_admin, request)

    def render(self, template: str, **context: object) -> HttpResponse:
        """A page of the tool, under its event."""
        own = {
            "original": self.event,
            "subtitle": str(self.event),
            "list_url": reverse("admin:events_event_changelist"),
        }
        return super().render(template, **own, **context)

    @classmethod
    def url(cls, model_admin: admin.ModelAdmin) -> URLPattern:
        """The tool's address in the admin."""
        view = model_admin.admin_site.admin_view(cls._view(model_admin))
        return path(f"<path:object_id>/{cls.url_path}/", view, name=f"events_event_{cls.name}")

    @classmethod
    def _view(cls, model_admin: admin.ModelAdmin) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            event = model_admin.get_object(request, unquote(object_id))
            if event is None:
                raise Http404
            if not request.user.has_perm(cls.permission):
                raise PermissionDenied
            return cls(model_admin, request, event).respond()

        return view


class EventToolsAdminMixin(AdminBase):
    """For the admin of events: the pages of its `event_tools`."""

    event_tools: ClassVar[list[type[EventTool]]] = []

    def get_urls(self) -> list[URLPattern]:
        """The tools before the pages of the admin, whose addresses would catch theirs."""
        return [*(tool.url(self) for tool in self.event_tools), *super().get_urls()]


class ActionTool(PreviewTool[FormT]):
    """A tool that an action of a list starts: its first page is the preview, with the form, and it ends in the list."""

    def __init__(self, model_admin: admin.ModelAdmin, request: HttpRequest, *, action: str) -> None:
        self.action = action
        self.seen_salt = f"events.admin.{action}"
        super().__init__(model_admin, request)

    def form_page(self, form: FormT) -> HttpResponse:
        """The preview, which is the first page."""
        return self.preview_page(form)

    def preview_form_context(self, form: FormT) -> dict:
        """The form, and what starts the action again: one selected row, since all of them are in `seen`."""
        selected = self.request.POST.getlist(ACTION_CHECKBOX_NAME)[:1]
        return {**self.form_context(form), "action": self.action, "selected": selected}

    def render(self, template: str, **context: object) -> HttpResponse:
        """A page of the tool, under its list as it was narrowed."""
        return super().render(template, list_url=self.request.get_full_path(), **context)

    def return_to_list(self) -> HttpResponse:
        """The list as it was narrowed."""
        return HttpResponseRedirect(self.request.get_full_path())
