from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import (
    PUBLICATION_FIELDSET,
    ContentAdminMixin,
    PublicationAdminMixin,
    language_fieldsets,
)
from wego_portal.foundation.upload_admin import UploadAdminMixin

from ..models import Resource


@admin.register(Resource)
class ResourceAdmin(UploadAdminMixin, ContentAdminMixin, PublicationAdminMixin, admin.ModelAdmin):
    list_display = ["__str__", "initiative", "topic", "language", "date", "publication"]
    list_filter = ["publication", "initiative", "topic", "language"]
    list_select_related = ["initiative", "topic", "language"]
    search_fields = ["folded__contains", "url"]
    date_hierarchy = "date"
    autocomplete_fields = ["initiative", "topic", "language"]
    fieldsets = [
        (None, {"fields": ["initiative", "topic", "language"]}),
        (_("Link or file"), {"fields": ["url", "file", "source", ("date", "date_precision")]}),
        *language_fieldsets("title", "summary"),
        (_("Where this comes from"), {"fields": ["original_language"]}),
        PUBLICATION_FIELDSET,
    ]
