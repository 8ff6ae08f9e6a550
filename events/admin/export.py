"""Export of registrations as a table, for staff who may see them."""

import re

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export import fields, resources
from import_export.admin import ExportMixin
from import_export.formats.base_formats import CSV, XLSX

from ..models import Question, Registration

# What spreadsheets take for the beginning of a formula (OWASP, CSV injection). Japanese and Korean ones take the
# full-width signs for it too.
FORMULA_PREFIXES = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n")


# What no file of a spreadsheet can hold (XML 1.0, 2.2). Forms refuse it, but rows may be older than that.
UNEXPORTABLE_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class _FormulaEscapingMixin:
    """Marks cells that a spreadsheet would calculate as text, and leaves out what its file cannot hold."""

    def _escape_formulae(self, dataset):
        rows = [
            [UNEXPORTABLE_CHARACTERS.sub("", cell) if isinstance(cell, str) else cell for cell in row]
            for row in dataset
        ]
        rows = [[f"'{cell}" if str(cell).startswith(FORMULA_PREFIXES) else cell for cell in row] for row in rows]
        while len(dataset):
            dataset.lpop()
        for row in rows:
            dataset.append(row)


class SafeCSV(_FormulaEscapingMixin, CSV):
    """CSV for any spreadsheet."""


class SafeXLSX(_FormulaEscapingMixin, XLSX):
    """An Excel file."""


class RegistrationResource(resources.ModelResource):
    """A row for each registration; the column of seats names each part with its state.

    Each question that somebody answered has a column at the end.
    """

    event = fields.Field(column_name=_("event"))
    seats = fields.Field(column_name=_("seats by part"))
    name = fields.Field(attribute="name", column_name=_("name"))
    email = fields.Field(attribute="contact__email", column_name=_("email"))
    organization_name = fields.Field(attribute="organization_name", column_name=_("organization"))
    organization = fields.Field(column_name=_("organization in the directory"))
    sector = fields.Field(column_name=_("sector"))
    country = fields.Field(attribute="country__name", column_name=_("country"))
    position = fields.Field(attribute="position", column_name=_("position"))
    request = fields.Field(attribute="request", column_name=_("why a place is asked for"))
    later_parts = fields.Field(column_name=_("this and all later parts"))
    language = fields.Field(attribute="language", column_name=_("language"))
    registered_at = fields.Field(column_name=_("registered at (time in Seoul)"))
    address_verified = fields.Field(column_name=_("address confirmed"))
    invitations = fields.Field(column_name=_("agreed to invitations"))

    class Meta:
        model = Registration
        fields = [
            "event",
            "seats",
            "name",
            "email",
            "organization_name",
            "organization",
            "sector",
            "country",
            "position",
            "request",
            "later_parts",
            "language",
            "registered_at",
            "address_verified",
            "invitations",
        ]

    def before_export(self, queryset, **kwargs):
        """Learn which questions the chosen registrations answered."""
        questions = Question.objects.filter(answers__registration__in=queryset.order_by()).distinct()
        self.questions = list(questions.order_by("event", "order", "pk"))

    def get_export_headers(self, **kwargs):
        """The names of the columns, then the questions."""
        return [*super().get_export_headers(**kwargs), *(str(question.label) for question in self.questions)]

    def export_resource(self, instance, **kwargs):
        """The cells of a registration, then its answers."""
        answers = {answer.question_id: answer.text_for_display for answer in instance.answers.all()}
        cells = super().export_resource(instance, **kwargs)
        return [*cells, *(answers.get(question.pk, "") for question in self.questions)]

    def filter_export(self, queryset, **kwargs):
        """The chosen registrations with what their rows read."""
        return _prefetch_for_export(queryset)

    def dehydrate_event(self, registration):
        """The title in the language of who exports."""
        return str(registration.event.title)

    def dehydrate_seats(self, registration):
        """ "1: Confirmed; 2: Waiting list (3)", with the position on the waitlist."""
        seats = sorted(registration.seats.all(), key=lambda seat: seat.part.number)
        return "; ".join(f"{seat.part.number}: {seat.staff_text}" for seat in seats)

    def dehydrate_organization(self, registration):
        """The organization's name in the directory, where it was recognised."""
        return str(registration.organization.name) if registration.organization else ""

    def dehydrate_sector(self, registration):
        """The sector in words."""
        return registration.get_sector_display()

    def dehydrate_registered_at(self, registration):
        """Without a zone in the cell, which spreadsheets do not know; the column names it."""
        return timezone.localtime(registration.registered_at).strftime("%Y-%m-%d %H:%M")

    def dehydrate_address_verified(self, registration):
        """Whether a button behind a link in a mail to the address was pressed."""
        return gettext("yes") if registration.has_verified_address else ""

    def dehydrate_later_parts(self, registration):
        """Whether parts added later seat this person too."""
        return gettext("yes") if registration.later_parts else ""

    def dehydrate_invitations(self, registration):
        """Whether the contact agreed to later invitations."""
        return gettext("yes") if registration.contact.invite_consent_at else ""


def _prefetch_for_export(registrations):
    return registrations.select_related("event", "contact", "organization").prefetch_related(
        "seats__part", "answers__question", "answers__choices"
    )


class ExportAdminMixin(ExportMixin):
    """Export for an admin of personal data: to who may view the rows, in formats that open in any office."""

    to_encoding = "utf-8-sig"  # Excel reads UTF-8 only with this mark, as Japanese and Korean names need

    def get_export_formats(self):
        """Two formats; others would not be opened."""
        return [SafeXLSX, SafeCSV]

    def has_export_permission(self, request):
        """Who may see the rows may take them along."""
        return self.has_view_permission(request)
