from django.contrib import admin, messages
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.admin import register_recipient_link
from wego_portal.foundation.content_admin import AddressSearchMixin
from wego_portal.foundation.models import OutboxMail

from ..domain.invitation import withdraw_invitation
from ..emails.invitation import INVITATION
from ..models import Invitation

register_recipient_link("invitation", "admin:events_invitation_change", _("Invitation %(number)s"))


class StateFilter(admin.SimpleListFilter):
    """Invitations by what became of them."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        """The states in their order."""
        return Invitation.State.choices

    def queryset(self, request, queryset):
        """The invitations in the chosen state."""
        return queryset.filter(state=self.value()) if self.value() in Invitation.State.values else queryset


@admin.register(Invitation)
class InvitationAdmin(AddressSearchMixin, admin.ModelAdmin):
    """Who was invited to what, and what became of it. Inviting is done from the event."""

    list_display = ["number", "e_mail", "event_title", "state_words", "mail_words", "created_at", "expires_at"]
    list_filter = [StateFilter, ("event", admin.RelatedOnlyFieldListFilter)]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["contact__email"]
    search_help_text = _("Email address.")
    ordering = ["-created_at", "-pk"]
    fields = readonly_fields = (
        "event", "number", "e_mail", "state_words", "mail_words", "created_at", "expires_at", "opened_at",
        "withdrawn_at", "registration",
    )  # fmt: skip
    actions = ["withdraw_all"]

    def get_queryset(self, request):
        """Invitations with their state and that of their mail, without a query for each."""
        key = Concat(  # as `invitation_key` returns it
            Value(f"{INVITATION}:"),
            Cast(OuterRef("pk"), CharField()),
            Value(":"),
            Cast(OuterRef("link_version"), CharField()),
            output_field=CharField(),
        )
        mail = OutboxMail.objects.filter(deduplication_key=key).order_by()
        invitations = super().get_queryset(request).with_state(timezone.now())
        return invitations.select_related("contact", "event").annotate(mail=Subquery(mail.values("state")[:1]))

    def has_add_permission(self, request):
        """Not here: from the event, where it is seen first who is invited."""
        return False

    def has_delete_permission(self, request, obj=None):
        """It is withdrawn instead; it goes with the personal data of its event."""
        return False

    @admin.display(description=_("email"))
    def e_mail(self, invitation):
        """The invited address."""
        return invitation.contact.email

    @admin.display(description=_("event"), ordering="event")
    def event_title(self, invitation):
        """The event, in a column that wraps."""
        return str(invitation.event)

    @admin.display(description=_("state"))
    def state_words(self, invitation):
        """What became of it."""
        return Invitation.State(invitation.state).label

    @admin.display(description=_("mail"))
    def mail_words(self, invitation):
        """Where its mail stands in the outbox, which forgets a mail after thirty days."""
        return OutboxMail.State(invitation.mail).label if invitation.mail else "-"

    @admin.action(permissions=["change"], description=_("Withdraw the selected invitations"))
    def withdraw_all(self, request, queryset):
        """End those that are neither used nor over."""
        count = 0
        for invitation in queryset:
            if withdraw_invitation(invitation=invitation, now=timezone.now()):
                count += 1
                self.log_change(request, invitation, gettext("Withdrawn."))
        said = ngettext("%(count)s invitation was withdrawn.", "%(count)s invitations were withdrawn.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS if count else messages.WARNING)
