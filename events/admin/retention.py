"""The tool by which a registrar changes how long an event's registrations are kept, after seeing what that erases."""

import contextlib

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.admin_bases import AdminBase

from ..domain.retention import ChangedMeanwhileError, retention_effect, set_retention
from ..models import Event
from ..models.event import RETENTION_MONTHS_RANGE

PERMISSION = "events.change_registration"


def months_words(months: int) -> str:
    """The term in words: "12 months after the event"."""
    return ngettext("%(count)s month after the event", "%(count)s months after the event", months) % {"count": months}


class RetentionForm(forms.Form):
    """For how many months registrations are kept. `seen` is how many it would erase at once, as the page showed it."""

    months = forms.IntegerField(
        label=_("Keep registrations for (months)"),
        min_value=RETENTION_MONTHS_RANGE[0],
        max_value=RETENTION_MONTHS_RANGE[1],
        help_text=_(
            "After the end of the event. A longer time holds for who registers from now on: nobody is kept longer than"
            " they agreed to. A shorter one holds for everybody."
        ),
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)


class RetentionAdminMixin(AdminBase):
    """For the admin of events: the retention term, shown to all staff, changed by who may change registrations."""

    def get_urls(self):
        """Also the page of the tool."""
        address = path(
            "<int:pk>/retention/", self.admin_site.admin_view(self.retention_view), name="events_event_retention"
        )
        return [address, *super().get_urls()]

    def retention_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The form, then what it would erase, then the deed. Only the last changes anything, and only what was seen."""
        event = get_object_or_404(Event, pk=pk)
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        form = RetentionForm(request.POST or None, initial={"months": event.retention_months})
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": event,
            "title": gettext("How long registrations are kept"),
            "subtitle": str(event),
            "now_words": months_words(event.retention_months),
            "effect": None,
        }
        step = request.POST.get("do")
        if step in ("look", "confirm") and form.is_valid():
            months = form.cleaned_data["months"]
            if step == "confirm":
                with contextlib.suppress(ChangedMeanwhileError):
                    return self._set_retention(request, event, form.cleaned_data)
            effect = retention_effect(event=event, months=months, now=timezone.now())
            context |= {"effect": effect, "months": months, "months_words": months_words(months)}
        # Its template draws fields of any form, though the stubs know it for model forms alone.
        context["adminform"] = AdminForm(form, [(None, {"fields": ["months"]})], {})  # type: ignore[arg-type]
        context["errors"] = form.errors if step == "look" else {}
        return TemplateResponse(request, "admin/events/event/retention.html", context)

    @transaction.atomic
    def _set_retention(self, request: HttpRequest, event: Event, typed: dict[str, int]) -> HttpResponse:
        before = set_retention(event=event, months=typed["months"], seen=typed["seen"], now=timezone.now())
        said = gettext("Registrations are kept: %(after)s (before: %(before)s).")
        said %= {"after": months_words(typed["months"]), "before": months_words(before)}
        self.log_change(request, event, said)
        self.message_user(request, said, messages.SUCCESS)
        return redirect(reverse("admin:events_event_change", args=[event.pk]))

    @admin.display(description=_("registrations are kept"))
    def retention(self, event: Event) -> str:
        """The term, and to who may change registrations the link to the tool."""
        words = months_words(event.retention_months)
        if event.pk is None or not getattr(event, "may_change_retention", False):
            return words
        address = reverse("admin:events_event_retention", args=[event.pk])
        return format_html('{} · <a href="{}">{}</a>', words, address, gettext("Change…"))
