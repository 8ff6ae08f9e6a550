"""The short lists that everything is described with: topics and languages."""

from django.contrib import admin

from wego_portal.foundation.content_admin import TextAdminMixin, TranslatedLabelsMixin

from ..models import Language, Topic


@admin.register(Topic)
class TopicAdmin(TranslatedLabelsMixin, TextAdminMixin, admin.ModelAdmin):
    list_display = ["name_en", "name_ja", "name_ko", "slug"]
    search_fields = ["folded__contains", "slug"]
    prepopulated_fields = {"slug": ["name_en"]}
    fields = ["name_en", "name_ja", "name_ko", "slug"]


@admin.register(Language)
class LanguageAdmin(TranslatedLabelsMixin, TextAdminMixin, admin.ModelAdmin):
    list_display = ["code", "name_en", "name_ja", "name_ko"]
    search_fields = ["code", "folded__contains"]
    fields = ["name_en", "name_ja", "name_ko", "code"]
