"""The tool by which a registrar changes how long an event's registrations are kept, after seeing what that erases."""

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ..domain.retention import ChangedMeanwhileError, retention_effect, set_retention
from ..models import Event
from ..models.event import RETENTION_MONTHS_RANGE
from .preview_tool import EventTool, ToolRefusedError


def months_words(months: int) -> str:
    """The term in words: "12 months after the event"."""
    return ngettext("%(count)s month after the event", "%(count)s months after the event", months) % {"count": months}


class RetentionForm(forms.Form):
    """For how many months registrations are kept."""

    months = forms.IntegerField(
        label=_("Keep registrations for (months)"),
        min_value=RETENTION_MONTHS_RANGE[0],
        max_value=RETENTION_MONTHS_RANGE[1],
        help_text=_(
            "After the end of the event. A longer time holds for who registers from now on: nobody is kept longer than"
            " they agreed to. A shorter one holds for everybody."
        ),
    )


class RetentionTool(EventTool[RetentionForm]):
    """Changes how long an event's registrations are kept. What was seen is how many that erases at once."""

    name, url_path, permission = "retention", "retention", "events.change_registration"
    title = _("How long registrations are kept")
    form_template = "admin/events/retention.html"
    preview_template = "admin/events/retention_preview.html"

    def make_form(self) -> RetentionForm:
        """The form, with the term as it is."""
        return RetentionForm(self.request.POST or None, initial={"months": self.event.retention_months})

    def form_context(self, form: RetentionForm) -> dict:
        """The form and the term as it is, in words."""
        return {**super().form_context(form), "now_words": months_words(self.event.retention_months)}

    def describe(self, form: RetentionForm) -> dict:
        """How many registrations another term concerns, and how."""
        months = form.cleaned_data["months"]
        effect = retention_effect(event=self.event, months=months, now=self.now)
        return {
            "seen": effect.erased,
            "effect": effect,
            "months_words": months_words(months),
            "now_words": months_words(self.event.retention_months),
        }

    @transaction.atomic
    def carry_out(self, form: RetentionForm) -> HttpResponse:
        """Change the term and return to the event."""
        months = form.cleaned_data["months"]
        try:
            before = set_retention(event=self.event, months=months, expected_erased=self.seen, now=self.now)
        except ChangedMeanwhileError:
            raise ToolRefusedError from None
        said = gettext("Registrations are kept: %(after)s (before: %(before)s).")
        said %= {"after": months_words(months), "before": months_words(before)}
        self.model_admin.log_change(self.request, self.event, said)
        messages.success(self.request, said)
        return redirect(reverse("admin:events_event_change", args=[self.event.pk]))

    def start_again(self, form: RetentionForm) -> HttpResponse:
        """The preview with the new numbers, since they are why it was refused."""
        return self.preview_page(form)


class RetentionAdminMixin:
    """For the admin of events: the read-only field `retention`."""

    @admin.display(description=_("registrations are kept"))
    def retention(self, event: Event) -> str:
        """The term, and to who may change registrations the link to the tool."""
        words = months_words(event.retention_months)
        if event.pk is None or not getattr(event, "may_change_retention", False):
            return words
        address = reverse("admin:events_event_retention", args=[event.pk])
        return format_html('{} · <a href="{}">{}</a>', words, address, gettext("Change…"))
