from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import TextAdminMixin, TranslatedLabelsMixin, language_fieldsets

from ..models import AgendaItem, Appearance
from .mixins import AutoNumberedForm


class AgendaItemForm(AutoNumberedForm):
    """An agenda item; what is left without an order comes last in its part."""

    number_field = "order"
    number_scope = "part"


class AppearanceInline(TranslatedLabelsMixin, admin.TabularInline):
    model = Appearance
    extra = 0
    autocomplete_fields = ["person", "organization"]
    fields = ["order", "role", "person", "organization", "title_then_en", "title_then_ja", "title_then_ko"]


@admin.register(AgendaItem)
class AgendaItemAdmin(TranslatedLabelsMixin, TextAdminMixin, admin.ModelAdmin):
    """What happens inside a part, and who appears in it. Usually reached from the part."""

    form = AgendaItemForm
    list_display = ["__str__", "part", "kind", "start_time"]
    list_filter = ["kind"]
    list_select_related = ["part__event"]
    search_fields = ["folded__contains", "part__event__folded__contains", "appearances__person__folded__contains"]
    autocomplete_fields = ["part", "cases"]
    readonly_fields = ["back"]
    inlines = [AppearanceInline]
    fieldsets = [
        (None, {"fields": ["part", "back", ("order", "kind", "start_time")]}),
        *language_fieldsets("title", "summary"),
        (_("Cases shown"), {"fields": ["cases"]}),
    ]

    @admin.display(description=_("part's page"))
    def back(self, item):
        """A link back to the part."""
        if item.pk is None:
            return "-"
        address = reverse("admin:events_part_change", args=[item.part_id])
        return format_html('<a href="{}">{}</a>', address, gettext("Back to the part"))
