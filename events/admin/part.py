from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import TextAdminMixin, TranslatedLabelsMixin, language_fieldsets
from wego_portal.foundation.upload_admin import UploadAdminMixin

from ..domain.part_times import date_words, hour_words
from ..domain.seat import waitlist_report
from ..models import AgendaItem, Handout, Part, Recording, Transcript
from .agenda_item import AgendaItemForm
from .locked_fields import PartForm
from .mixins import LockPartsAdminMixin
from .part_seats import PartSeatsAdminMixin, reassign_and_report, seat_counts_text
from .transcript import TranscriptForm


class AgendaItemInline(TranslatedLabelsMixin, admin.StackedInline):
    model = AgendaItem
    form = AgendaItemForm
    extra = 0
    show_change_link = True
    readonly_fields = ["people"]
    fields = [("order", "kind", "start_time"), ("title_en", "title_ja", "title_ko"), "people"]
    verbose_name_plural = _("agenda (speakers and cases: “Change”)")

    def get_queryset(self, request):
        """Items with those who appear in them."""
        return super().get_queryset(request).prefetch_related("appearances__person", "appearances__organization")

    @admin.display(description=_("who appears"))
    def people(self, item):
        """The names of who appears, which are edited on the item's own page."""
        if item.pk is None:
            return gettext("Save first, then “Change” adds who appears.")
        return ", ".join(str(appearance) for appearance in item.appearances.all()) or "-"


class RecordingInline(TranslatedLabelsMixin, admin.StackedInline):
    model = Recording
    extra = 0
    autocomplete_fields = ["language"]
    fields = [
        ("title_en", "title_ja", "title_ko"),
        ("language", "source", "duration_seconds"),
        ("url", "file"),
        ("publication", "publish_at", "is_sample"),
    ]


class TranscriptInline(TranslatedLabelsMixin, admin.StackedInline):
    model = Transcript
    form = TranscriptForm
    extra = 0
    show_change_link = True
    autocomplete_fields = ["language"]
    fields = [("language", "kind", "recording"), "file", "note", ("publication", "publish_at", "is_sample")]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Only recordings of this part can be chosen."""
        if db_field.name == "recording":
            part = request.resolver_match.kwargs.get("object_id")
            recordings = Recording.objects.filter(part=part) if part else Recording.objects.none()
            kwargs["queryset"] = recordings.select_related("part__event")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class HandoutInline(TranslatedLabelsMixin, admin.StackedInline):
    model = Handout
    extra = 0
    autocomplete_fields = ["language"]
    fields = [
        ("title_en", "title_ja", "title_ko"),
        "language",
        ("url", "file"),
        ("publication", "publish_at", "is_sample"),
    ]


@admin.register(Part)
class PartAdmin(
    UploadAdminMixin,
    LockPartsAdminMixin,
    PartSeatsAdminMixin,
    TranslatedLabelsMixin,
    TextAdminMixin,
    admin.ModelAdmin,
):
    """One meeting of an event: its agenda and what is left of it. Usually reached from the event."""

    list_display = ["__str__", "when", "status", "capacity", "unverified_seats"]
    list_filter = ["status", "event__kind", "event__series"]
    search_fields = ["event__folded__contains", "folded__contains"]
    autocomplete_fields = ["event"]
    form = PartForm
    readonly_fields = ["back", "reschedule", "seats", "unverified_seats"]
    inlines = [AgendaItemInline, RecordingInline, TranscriptInline, HandoutInline]
    save_on_top = True
    fieldsets = [
        (None, {"fields": ["event", "back", ("number", "status")]}),
        (
            _("When"),
            {
                "fields": ["reschedule", ("date", "precision", "start_time", "time_zone"), ("end_date", "end_time")],
                "description": _("Say only what is known. Without an hour and a zone nobody can register."),
            },
        ),
        *language_fieldsets("title", "summary"),
        (
            _("Places and registration"),
            {
                "fields": [
                    ("capacity", "has_waitlist"),
                    "seats",
                    "unverified_seats",
                    ("registration_opens_at", "registration_closes_at"),
                    "room_url",
                ],
                "description": _(
                    "Who has a place enters the room by a personal link. Its address is shown nowhere else."
                ),
            },
        ),
    ]

    def get_queryset(self, request):
        """Parts with their event, which their names begin with."""
        return super().get_queryset(request).select_related("event__place").order_by("-earliest", "pk")

    def get_readonly_fields(self, request, obj=None):
        """A part stays with its event, since its seats belong to the event's registrations."""
        return [*self.readonly_fields, *(["event"] if obj else [])]

    def save_model(self, request, obj, form, change):
        """Save the part, then promote from the waitlist where capacity grew, and seat who asked for later parts."""
        super().save_model(request, obj, form, change)
        reassign_and_report(request, obj.event, resized={obj.pk} if "capacity" in form.changed_data else set())

    @admin.display(description=_("date"), ordering="earliest")
    def when(self, part):
        """The known date and hours."""
        return ", ".join(filter(None, [date_words(part), hour_words(part)]))

    @admin.display(description=_("seats"))
    def seats(self, part):
        """How many seats are confirmed, waitlisted and requested, and why nobody is promoted."""
        if part.pk is None:
            return "-"
        return seat_counts_text(waitlist_report(part, now=timezone.now()))

    @admin.display(description=_("event's page"))
    def back(self, part):
        """A link back to the event."""
        if part.pk is None:
            return "-"
        address = reverse("admin:events_event_change", args=[part.event_id])
        return format_html('<a href="{}">{}</a>', address, gettext("Back to the event"))

    def view_on_site(self, part):
        """The part on the event's public page."""
        return f"{part.event.get_absolute_url()}#part-{part.number}"
