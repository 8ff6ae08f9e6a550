from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import PUBLICATION_FIELDSET, PublicationAdminMixin, TranslatedLabelsMixin

from ..models import Person, Position


class PositionInline(TranslatedLabelsMixin, admin.StackedInline):
    model = Position
    autocomplete_fields = ["organization"]
    fields = [
        "organization",
        ("title_en", "title_ja", "title_ko"),
        ("since", "since_precision"),
        ("until", "until_precision"),
        "known_for",
    ]
    extra = 0


@admin.register(Person)
class PersonAdmin(PublicationAdminMixin, admin.ModelAdmin):
    list_display = ["name", "native_name", "where", "publication"]
    list_filter = ["publication", ("positions__organization", admin.RelatedOnlyFieldListFilter)]
    search_fields = ["folded__contains", "positions__organization__folded__contains"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [PositionInline]
    fieldsets = [
        (
            None,
            {
                "fields": ["name", "native_name", "slug", "source_url"],
                "description": _("Only people who appear in public in their office. Nothing private belongs here."),
            },
        ),
        PUBLICATION_FIELDSET,
    ]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("positions__organization")

    @admin.display(description=_("where"))
    def where(self, obj):
        return ", ".join(str(each.organization.short_name or each.organization) for each in obj.positions.all())
