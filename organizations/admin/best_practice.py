from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import (
    PUBLICATION_FIELDSET,
    ContentAdminMixin,
    PicturePreviewMixin,
    PublicationAdminMixin,
    language_fieldsets,
)
from wego_portal.foundation.upload_admin import UploadAdminMixin

from ..models import BestPractice


@admin.register(BestPractice)
class BestPracticeAdmin(
    UploadAdminMixin, ContentAdminMixin, PublicationAdminMixin, PicturePreviewMixin, admin.ModelAdmin
):
    list_display = ["__str__", "city", "publication"]
    list_filter = ["publication", "topics", ("city", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["city"]
    search_fields = ["folded__contains", "city__folded__contains", "slug"]
    autocomplete_fields = ["city", "topics"]
    prepopulated_fields = {"slug": ["title_en"]}
    readonly_fields = ["preview"]
    fieldsets = [
        (
            None,
            {
                "fields": ["city", "topics", "slug"],
                "description": _("A case is seen only while its city is published."),
            },
        ),
        *language_fieldsets("title", "summary", "done", "result", "picture_alt"),
        (_("Picture"), {"fields": ["picture", "preview"]}),
        (_("Where this comes from"), {"fields": ["original_language", "source_url"]}),
        PUBLICATION_FIELDSET,
    ]
