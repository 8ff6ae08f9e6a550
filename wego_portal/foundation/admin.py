"""The outbox, as staff sees it: which mail stands where, and why. Never a text, an address or a personal link.

Here because the outbox is.
"""

import datetime

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, ngettext_lazy

from .lazy_text import LazyText
from .outbox import OutboxMail, kinds, send_again
from .staff_tasks import register_staff_task

_recipient_links: dict[str, tuple[str, str | LazyText]] = {}


def register_recipient_link(parameter: str, page: str, words: str | LazyText) -> None:
    """Say that mails with this parameter go to whom the admin's page (name of its address, taking the parameter) shows.

    `words` (translatable) name that page with its %(number)s. Called by the admins of the apps that queue mails.
    """
    _recipient_links[parameter] = (page, words)


@register_staff_task(
    OutboxMail,
    words=ngettext_lazy("%(count)s mail failed for good", "%(count)s mails failed for good", "count"),
    query="state__exact=failed",
)
def failed_mails(now: datetime.datetime) -> int:
    """Mails that nobody will get unless somebody looks why."""
    return OutboxMail.objects.filter(state=OutboxMail.State.FAILED).count()


class KindFilter(admin.SimpleListFilter):
    """Mails of a kind, in words."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str | LazyText]]:
        """Every kind there is."""
        return kinds()

    def queryset(self, request: HttpRequest, queryset: QuerySet[OutboxMail]) -> QuerySet[OutboxMail]:
        """The mails of the chosen kind."""
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(OutboxMail)
class OutboxMailAdmin(admin.ModelAdmin):
    """To look at; the only thing that can be done is to send a mail again."""

    list_display = ["kind_in_words", "receiver", "state", "error", "created_at", "sent_or_due"]
    list_filter = ["state", KindFilter]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["deduplication_key"]
    date_hierarchy = "created_at"
    readonly_fields = [
        "kind_in_words",
        "receiver",
        "deduplication_key",
        "parameters",
        "state",
        "attempts",
        "error",
        "created_at",
        "send_after",
        "sent_at",
        "leased_until",
    ]
    fieldsets = [
        (None, {"fields": ["kind_in_words", "receiver", "state", "error", "attempts"]}),
        (_("Times"), {"fields": ["created_at", "send_after", "sent_at"]}),
        (_("Inside"), {"fields": ["deduplication_key", "parameters", "leased_until"], "classes": ["collapse"]}),
    ]
    actions = ["send_once_more"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OutboxMail | None = None) -> bool:
        """The worker empties the outbox on time."""
        return False

    @admin.display(description=_("kind"), ordering="kind")
    def kind_in_words(self, mail: OutboxMail) -> str:
        """What it is, as staff calls it."""
        return mail.kind_label

    @admin.display(description=_("to"))
    def receiver(self, mail: OutboxMail) -> str:
        """A link to the page of whom it goes to."""
        for parameter, (page, words) in _recipient_links.items():
            if number := mail.parameters.get(parameter):
                return format_html('<a href="{}">{}</a>', reverse(page, args=[number]), words % {"number": number})
        return "-"

    @admin.display(description=_("sent, or due"), ordering="send_after")
    def sent_or_due(self, mail: OutboxMail) -> datetime.datetime | None:
        """When it left, or is tried next; nothing where it never will be."""
        return mail.send_after if mail.state == OutboxMail.State.QUEUED else mail.sent_at

    @admin.action(permissions=["change"], description=_("Send the selected mails again"))
    def send_once_more(self, request: HttpRequest, queryset: QuerySet[OutboxMail]) -> None:
        """Queue them anew; what is no longer due is dropped when its turn comes."""
        count = send_again(queryset, now=timezone.now())
        said = ngettext("%(count)s mail is queued again.", "%(count)s mails are queued again.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS if count else messages.WARNING)
