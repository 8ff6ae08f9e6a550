from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ..models import Membership


@admin.register(Membership)
class MembershipAdmin(admin.ModelAdmin):
    list_display = ["member", "group", "member_class", "office", "state", "since", "until", "note"]
    list_filter = ["state", "member_class", "office", ("group", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["member", "group"]
    search_fields = [
        "member__name_en",
        "member__name_ja",
        "member__name_ko",
        "member__short_name",
        "group__name_en",
        "group__short_name",
    ]
    date_hierarchy = "since"
    autocomplete_fields = ["member", "group"]
    fieldsets = [
        (None, {"fields": [("member", "group"), ("member_class", "office"), "state"]}),
        (
            _("Since when and until when"),
            {
                "fields": [("since", "since_precision"), ("until", "until_precision")],
                "description": _("Leave empty what is not known. Only active memberships are counted."),
            },
        ),
        (_("Where this comes from"), {"fields": ["source_url", "note"]}),
    ]
