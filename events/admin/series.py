from django.contrib import admin
from django.db.models import Count
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import (
    PUBLICATION_FIELDSET,
    ContentAdminMixin,
    PublicationAdminMixin,
    language_fieldsets,
)

from ..models import Series


@admin.register(Series)
class SeriesAdmin(ContentAdminMixin, PublicationAdminMixin, admin.ModelAdmin):
    """Running programmes of events."""

    list_display = ["__str__", "cadence", "initiative", "events_listed", "publication"]
    list_filter = ["publication", "initiative"]
    list_select_related = ["initiative"]
    search_fields = ["folded__contains", "slug"]
    autocomplete_fields = ["run_by", "initiative"]
    prepopulated_fields = {"slug": ["title_en"]}
    fieldsets = [
        *language_fieldsets("title", "summary", "cadence", "body"),
        (_("Who"), {"fields": ["run_by", "initiative"]}),
        (_("Address and origin"), {"fields": ["slug", "original_language", "source_url"]}),
        PUBLICATION_FIELDSET,
    ]

    def get_queryset(self, request):
        """Series with the number of their events."""
        return super().get_queryset(request).annotate(event_count=Count("events"))

    @admin.display(description=_("events"), ordering="event_count")
    def events_listed(self, series):
        """How many events it has, leading to them."""
        address = reverse("admin:events_event_changelist")
        return format_html('<a href="{}?series__id__exact={}">{}</a>', address, series.pk, series.event_count)
