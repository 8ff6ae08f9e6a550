from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import (
    PUBLICATION_FIELDSET,
    ContentAdminMixin,
    PublicationAdminMixin,
    language_fieldsets,
)

from ..models import Project, Stage


@admin.register(Project)
class ProjectAdmin(ContentAdminMixin, PublicationAdminMixin, admin.ModelAdmin):
    list_display = ["__str__", "initiative", "stage", "city", "year", "is_sample", "publication"]
    list_filter = ["publication", "initiative", "is_sample", "year"]
    list_select_related = ["initiative", "stage", "city"]
    search_fields = ["folded__contains", "city__folded__contains", "slug"]
    autocomplete_fields = ["initiative", "city", "partners"]
    prepopulated_fields = {"slug": ["title_en"]}
    fieldsets = [
        (None, {"fields": ["initiative", "stage", "city", "partners", "year"]}),
        *language_fieldsets("title", "summary", "result"),
        (_("Address"), {"fields": ["slug"]}),
        (_("Where this comes from"), {"fields": ["original_language", "source_url", "is_sample"]}),
        PUBLICATION_FIELDSET,
    ]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "stage":
            field.queryset = Stage.objects.select_related("initiative")
            field.label_from_instance = lambda stage: f"{stage.initiative}: {stage}"
        return field
