from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Value
from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from organizations.domain.inquiry import inquiries_from
from wego_portal.foundation.admin import register_recipient_link
from wego_portal.foundation.content_admin import AddressSearchMixin

from ..domain.contact import stop_invitations
from ..domain.personal_data import personal_data_export
from ..domain.privacy import erase_person
from ..models import Contact

register_recipient_link("contact", "admin:events_contact_change", _("Contact %(number)s"))


@admin.register(Contact)
class ContactAdmin(AddressSearchMixin, admin.ModelAdmin):
    """Addresses that registered, and whether they agreed to be invited again."""

    list_display = ["email", "language", "invite_consent_at", "created_at"]
    list_filter = [("invite_consent_at", admin.EmptyFieldListFilter), "language"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["email"]
    fields = readonly_fields = (
        "email",
        "language",
        "invite_consent_at",
        "invite_consent_text",
        "created_at",
        "export",
        "erasing",
    )
    actions = ["withdraw"]

    def get_urls(self):
        """Also the file of what is kept about a person."""
        address = path("<int:pk>/export/", self.admin_site.admin_view(self.export_file), name="events_contact_export")
        return [address, *super().get_urls()]

    def export_file(self, request, pk):
        """What the person gets by the personal link, for one who asks staff for it."""
        contact = get_object_or_404(Contact, pk=pk)
        if not self.has_change_permission(request, contact):
            raise PermissionDenied
        response = JsonResponse(personal_data_export(contact), json_dumps_params={"ensure_ascii": False, "indent": 2})
        response["Content-Disposition"] = f'attachment; filename="contact-{pk}.json"'
        self.log_change(request, contact, gettext("Exported."))
        return response

    @admin.display(description=_("what is kept"))
    def export(self, contact):
        """A link to the file."""
        if not contact.may_be_exported:
            return "-"
        address = reverse("admin:events_contact_export", args=[contact.pk])
        words = gettext("Download everything that is kept about this person (JSON)")
        return format_html('<a href="{}">{}</a>', address, words)

    @admin.display(description=_("erasing"))
    def erasing(self, contact):
        """A link to the page that names what is erased, and asks."""
        if not contact.may_be_erased:
            return "-"
        address = reverse("admin:events_contact_delete", args=[contact.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("Erase everything that is kept about this person…"))

    def get_queryset(self, request):
        """Contacts with what this user may do with them."""
        return (
            super()
            .get_queryset(request)
            .annotate(
                may_be_exported=Value(self.has_change_permission(request)),
                may_be_erased=Value(self.has_delete_permission(request)),
            )
        )

    def has_add_permission(self, request):
        """An address comes from its owner."""
        return False

    def get_deleted_objects(self, objs, request):
        """What the page before deleting says: everything that is kept of the person."""
        lines = []
        for contact in objs:
            lines.append(str(contact))
            lines += [f"{row}: {row.event}" for row in contact.registrations.select_related("event")]
            invitations = contact.invitations.select_related("event")
            lines += [gettext("Invitation: %(event)s") % {"event": row.event} for row in invitations]
            lines += [gettext("Inquiry: %(inquiry)s") % {"inquiry": row} for row in inquiries_from(contact.email)]
        return lines, {}, set(), []

    def delete_model(self, request, obj):
        """Erase the person, as the registrant would: places go to the next on the waitlist, and the counts stay."""
        erase_person(contact=obj, now=timezone.now())

    def get_actions(self, request):
        """Without deleting many at once."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(permissions=["change"], description=_("Withdraw the consent to invitations, as its owner asked"))
    def withdraw(self, request, queryset):
        """Nobody of these is invited any more, and no list of addresses brings them back."""
        contacts = list(queryset.exclude(invite_consent_at=None))
        for contact in contacts:
            stop_invitations(contact=contact, now=timezone.now())
        count = len(contacts)
        said = ngettext("%(count)s consent was withdrawn.", "%(count)s consents were withdrawn.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS if count else messages.WARNING)
