from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import TextAdminMixin

from ..models import Membership


@admin.register(Membership)
class MembershipAdmin(TextAdminMixin, admin.ModelAdmin):
    list_display = ["member", "group", "member_class", "office", "state", "since", "until", "note"]
    list_filter = ["state", "member_class", "office", ("group", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["member", "group"]
    search_fields = ["member__folded__contains", "group__folded__contains"]
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
