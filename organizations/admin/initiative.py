from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import (
    PUBLICATION_FIELDSET,
    ContentAdminMixin,
    PublicationAdminMixin,
    TranslatedLabelsMixin,
    language_fieldsets,
)

from ..models import Initiative, Stage


class StageInline(TranslatedLabelsMixin, admin.StackedInline):
    model = Stage
    fields = ["number", ("title_en", "title_ja", "title_ko"), ("summary_en", "summary_ja", "summary_ko")]
    extra = 0


@admin.register(Initiative)
class InitiativeAdmin(ContentAdminMixin, PublicationAdminMixin, admin.ModelAdmin):
    list_display = ["__str__", "lead", "launched", "order", "publication"]
    list_editable = ["order"]
    list_filter = ["publication", ("lead", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["lead"]
    search_fields = ["folded__contains", "slug"]
    autocomplete_fields = ["lead", "supports"]
    prepopulated_fields = {"slug": ["title_en"]}
    inlines = [StageInline]
    fieldsets = [
        *language_fieldsets("title", "summary", "body"),
        (_("Who"), {"fields": ["lead", "supports"]}),
        (
            _("Details"),
            {"fields": ["slug", ("launched", "launched_precision"), "order", "website"]},
        ),
        (_("Where this comes from"), {"fields": ["original_language", "source_url"]}),
        PUBLICATION_FIELDSET,
    ]
