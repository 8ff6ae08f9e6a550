from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.email_address import AddressField, normalise_address

from ..domain.contact import suppress_address
from ..models import Suppression


class SuppressionForm(forms.ModelForm):
    """Takes an address, of which only the hash is kept."""

    email = AddressField(label=_("Email"))

    class Meta:
        model = Suppression
        fields: list[str] = []

    def clean_email(self):
        """The address, unless it is stopped already."""
        if Suppression.is_suppressed(self.cleaned_data["email"]):
            raise ValidationError(gettext("This address is stopped already."))
        return self.cleaned_data["email"]


@admin.register(Suppression)
class SuppressionAdmin(admin.ModelAdmin):
    """Addresses that want no invitations, which nobody can read here: who has an address finds out whether it is one.

    Only its owner takes an address off, by agreeing to invitations on the personal page.
    """

    list_display = ["__str__", "since"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["address_hash"]  # so that the list has a field to search by, see get_search_results
    search_help_text = _("The whole email address. It is found by its hash.")
    date_hierarchy = "since"
    fields = readonly_fields = ("address_hash", "since")

    def get_search_results(self, request, queryset, search_term):
        """The address that was typed, if it is stopped."""
        if not search_term:
            return queryset, False
        try:
            hashes = Suppression.hashes_of(normalise_address(search_term))
        except ValidationError:
            hashes = []
        return queryset.filter(address_hash__in=hashes), False

    def get_form(self, request, obj=None, change=False, **kwargs):
        """To add is to type an address; what is kept of it can only be looked at."""
        if obj is None:
            kwargs |= {"form": SuppressionForm, "fields": []}
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request, obj=None):
        """The address, with what adding it does; or what is kept."""
        if obj is not None:
            return super().get_fieldsets(request, obj)
        words = _(
            "For somebody who asked to be left alone. The consent to invitations ends, and no list of addresses brings"
            " an invitation or a mail after an event again. Mails about places that somebody holds still come."
        )
        return [(None, {"fields": ["email"], "description": words})]

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        """Stop the address, as its owner would by the link in a mail."""
        kept = suppress_address(address=form.cleaned_data["email"], now=timezone.now())
        obj.pk, obj.address_hash, obj.since = kept.pk, kept.address_hash, kept.since
