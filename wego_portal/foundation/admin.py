"""The outbox, as staff sees it: which mail stands where, and why. Never a text, an address or a personal link."""

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from .outbox import OutboxMail, send_again


@admin.register(OutboxMail)
class OutboxMailAdmin(admin.ModelAdmin):
    """To look at; the only thing that can be done is to send a mail again."""

    list_display = ["kind", "state", "created_at", "send_after", "sent_at", "attempts", "error"]
    list_filter = ["state", "kind"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["cause"]
    date_hierarchy = "created_at"
    fields = readonly_fields = [
        "kind",
        "cause",
        "parameters",
        "state",
        "attempts",
        "error",
        "created_at",
        "send_after",
        "sent_at",
        "leased_until",
    ]
    actions = ["send_once_more"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        """The worker empties the outbox on time."""
        return False

    @admin.action(permissions=["change"], description=_("Send the selected mails again"))
    def send_once_more(self, request, queryset):
        """Queue them anew; what is no longer due is dropped when its turn comes."""
        count = send_again(queryset, now=timezone.now())
        said = ngettext("%(count)s mail is queued again.", "%(count)s mails are queued again.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS if count else messages.WARNING)
