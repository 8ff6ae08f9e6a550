from django.contrib import admin
from django.contrib.auth import get_user_model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from wego_portal.foundation.content_admin import AddressSearchMixin
from wego_portal.foundation.staff_tasks import register_staff_task

from ..models import Inquiry

SENT = [
    "kind",
    "name",
    "email",
    "organization_name",
    "sector",
    "country",
    "message",
    "language",
    "consent_text",
    "sent_at",
]


@register_staff_task(
    Inquiry, words=ngettext_lazy("%(count)s new inquiry", "%(count)s new inquiries", "count"), query="state__exact=new"
)
def new_inquiries(now):
    """Inquiries that nobody has taken in hand."""
    return Inquiry.objects.filter(state=Inquiry.State.NEW).count()


@admin.register(Inquiry)
class InquiryAdmin(AddressSearchMixin, admin.ModelAdmin):
    """What visitors sent cannot be changed; how it is handled can."""

    list_display = ["sent_at", "kind", "organization_name", "name", "country", "state", "handled_by"]
    list_filter = ["state", "kind", "sector", ("handled_by", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["handled_by"]
    search_fields = ["folded__contains", "email"]
    date_hierarchy = "sent_at"
    readonly_fields = SENT
    actions = ["close"]
    fieldsets = [
        (
            _("Handling"),
            {
                "fields": ["state", "handled_by", "note"],
                "description": _("Who takes it in hand answers by mail; the sender does not see this page."),
            },
        ),
        (_("What was sent"), {"fields": ["sent_at", "kind", "message", "language"]}),
        (_("Who sent it"), {"fields": ["name", "email", "organization_name", "sector", "country"]}),
        (_("Consent"), {"fields": ["consent_text"], "classes": ["collapse"]}),
    ]

    def has_add_permission(self, request):
        return False

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "handled_by":
            kwargs["queryset"] = get_user_model().objects.filter(is_active=True, is_staff=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request, obj, form, change):
        """Whoever moves an inquiry on is taken to handle it, unless somebody is named."""
        if obj.handled_by is None and obj.state != Inquiry.State.NEW:
            obj.handled_by = request.user
        super().save_model(request, obj, form, change)

    @admin.action(permissions=["change"], description=_("Close the selected inquiries"))
    def close(self, request, queryset):
        for inquiry in queryset.exclude(state=Inquiry.State.CLOSED):
            inquiry.state = Inquiry.State.CLOSED
            self.save_model(request, inquiry, form=None, change=True)
            self.log_change(request, inquiry, [{"changed": {"fields": ["state"]}}])
