from django.contrib import admin

from wego_portal.foundation.content_admin import (
    PUBLICATION_FIELDSET,
    PublicationAdminMixin,
    TranslatedLabelsMixin,
)
from wego_portal.foundation.upload_admin import UploadAdminMixin

from ..models import Handout


@admin.register(Handout)
class HandoutAdmin(UploadAdminMixin, TranslatedLabelsMixin, PublicationAdminMixin, admin.ModelAdmin):
    """Documents of parts to download."""

    list_display = ["__str__", "part", "language", "publication", "is_sample"]
    list_filter = ["publication", "language", "is_sample"]
    list_select_related = ["part__event", "language"]
    search_fields = ["folded__contains", "part__event__folded__contains", "url"]
    autocomplete_fields = ["part", "language"]
    fieldsets = [
        (None, {"fields": ["part", ("title_en", "title_ja", "title_ko"), "language", "url", "file", "is_sample"]}),
        PUBLICATION_FIELDSET,
    ]

    def view_on_site(self, handout):
        """The part on the event's public page."""
        return f"{handout.part.event.get_absolute_url()}#part-{handout.part.number}"
