from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django_countries.filters import CountryFilter

from wego_portal.foundation.content_admin import TextAdminMixin, TranslatedLabelsMixin

from ..models import Place


@admin.register(Place)
class PlaceAdmin(TranslatedLabelsMixin, TextAdminMixin, admin.ModelAdmin):
    list_display = ["name_en", "country", "time_zone", "latitude", "longitude"]
    list_filter = [("country", CountryFilter)]
    search_fields = ["folded__contains", "time_zone"]
    fieldsets = [
        (None, {"fields": ["name_en", "name_ja", "name_ko", "country"]}),
        (
            _("Time and map"),
            {
                "fields": ["time_zone", "latitude", "longitude", "geonames_id"],
                "description": _("Events at this place use the time zone; the coordinates put it on the map."),
            },
        ),
    ]
