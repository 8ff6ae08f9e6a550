from django.contrib import admin
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import (
    PUBLICATION_FIELDSET,
    ContentAdminMixin,
    PicturePreviewMixin,
    PublicationAdminMixin,
    TranslatedLabelsMixin,
    language_fieldsets,
)
from wego_portal.foundation.upload_admin import UploadAdminMixin

from ..models import Story, StoryPicture


class StoryPictureInline(TranslatedLabelsMixin, PicturePreviewMixin, admin.StackedInline):
    model = StoryPicture
    extra = 0
    readonly_fields = ["preview"]
    fields = [
        ("picture", "preview"),
        ("alt_en", "alt_ja", "alt_ko"),
        ("caption_en", "caption_ja", "caption_ko"),
        ("credit", "order"),
    ]


@admin.register(Story)
class StoryAdmin(UploadAdminMixin, ContentAdminMixin, PublicationAdminMixin, admin.ModelAdmin):
    """News articles with their pictures and what they are about."""

    list_display = ["__str__", "dateline_date", "dateline_place", "picture_count", "publication", "is_sample"]
    list_filter = ["publication", "topics", "is_sample"]
    date_hierarchy = "dateline_date"
    search_fields = ["folded__contains", "slug", "organizations__folded__contains", "events__folded__contains"]
    autocomplete_fields = ["events", "organizations", "initiatives", "topics"]
    prepopulated_fields = {"slug": ["title_en"]}
    inlines = [StoryPictureInline]
    save_on_top = True
    fieldsets = [
        (None, {"fields": ["dateline_date"], "description": _("The place of the dateline is given in each language.")}),
        *language_fieldsets("title", "summary", "dateline_place", "body"),
        (_("What it is about"), {"fields": ["events", "organizations", "initiatives", "topics"]}),
        (_("Address and origin"), {"fields": ["slug", "original_language", "source_url", "is_sample"]}),
        PUBLICATION_FIELDSET,
    ]

    def get_queryset(self, request):
        """Articles with the number of their pictures."""
        return super().get_queryset(request).annotate(pictures_listed=Count("pictures"))

    @admin.display(description=_("pictures"), ordering="pictures_listed")
    def picture_count(self, story):
        """How many pictures it has."""
        return story.pictures_listed
