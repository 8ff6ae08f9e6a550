from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import (
    PUBLICATION_FIELDSET,
    PublicationAdminMixin,
    TranslatedLabelsMixin,
)
from wego_portal.foundation.upload_admin import UploadAdminMixin

from ..models import Recording


class PlaceKnownFilter(admin.SimpleListFilter):
    """Recordings by whether it is known where they can be watched."""

    title = _("where to watch")
    parameter_name = "known"

    def lookups(self, request, model_admin):
        """Known or not."""
        return [("yes", _("Known")), ("no", _("Not known"))]

    def queryset(self, request, queryset):
        """The recordings of the chosen kind."""
        if self.value() == "yes":
            return queryset.available()
        return queryset.filter(url="", file="") if self.value() == "no" else queryset


@admin.register(Recording)
class RecordingAdmin(UploadAdminMixin, TranslatedLabelsMixin, PublicationAdminMixin, admin.ModelAdmin):
    """Recordings of parts, with or without an address where they can be watched."""

    list_display = ["__str__", "part", "language", "source_name", "is_available", "publication", "is_sample"]
    list_filter = ["publication", PlaceKnownFilter, "language", "is_sample"]
    search_fields = ["folded__contains", "part__event__folded__contains", "url"]
    autocomplete_fields = ["part", "language"]
    fieldsets = [
        (
            None,
            {"fields": ["part", ("title_en", "title_ja", "title_ko"), ("language", "duration_seconds"), "is_sample"]},
        ),
        (
            _("Where it can be watched"),
            {
                "fields": ["url", "file", "source"],
                "description": _("Leave all empty for a recording that exists but whose place is not known."),
            },
        ),
        PUBLICATION_FIELDSET,
    ]

    def get_queryset(self, request):
        """Recordings with their part and event, whose names they take."""
        return super().get_queryset(request).select_related("part__event", "language")

    @admin.display(description=_("can be watched"), boolean=True)
    def is_available(self, recording):
        """Whether an address or a file is known."""
        return recording.is_available

    @admin.display(description=_("source"))
    def source_name(self, recording):
        """Who the video is loaded from."""
        return recording.source_name or "-"

    def view_on_site(self, recording):
        """The part on the event's public page."""
        return f"{recording.part.event.get_absolute_url()}#part-{recording.part.number}"
