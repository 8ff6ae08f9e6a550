"""The membership and partnership inquiry."""

from django import forms
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.abuse_guard import GuardedForm, Limits
from wego_portal.foundation.bounds import BoundedChoiceField
from wego_portal.foundation.email_address import AddressField
from wego_portal.foundation.text_fields import LinesField, SingleLineField

from .form_fields import CountryField, SectorField
from .models import Inquiry

CONSENT = _("I agree that WeGO keeps what I enter here in order to answer my inquiry.")


class InquiryForm(GuardedForm, forms.ModelForm):
    """What a visitor who wants to join or work with WeGO tells the secretariat."""

    limits = Limits("inquiry", by_address=3, by_network=20)

    kind = BoundedChoiceField(
        label=_("What would you like to discuss?"),
        choices=Inquiry.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is about.")},
    )
    sector = SectorField()
    country = CountryField()
    email = AddressField(label=_("Work email"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    consent = forms.BooleanField(
        label=CONSENT, error_messages={"required": _("Tick this box: without your consent the inquiry cannot be kept.")}
    )

    class Meta:
        model = Inquiry
        fields = ["kind", "name", "email", "organization_name", "sector", "country", "message"]
        field_classes = {
            "name": SingleLineField,
            "organization_name": SingleLineField,
            "message": LinesField,
        }
        labels = {
            "name": _("Your name"),
            "organization_name": _("Your organization"),
            "message": _("Your message"),
        }
        help_texts = {
            "message": _("What you have in mind, and what you would like to know. 4,000 characters at most."),
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "organization_name": forms.TextInput(attrs={"autocomplete": "organization"}),
            "message": forms.Textarea(attrs={"rows": 7, "maxlength": None}),
        }
        error_messages = {
            "name": {"required": _("Enter your name.")},
            "organization_name": {"required": _("Enter the name of your organization.")},
            "message": {"required": _("Write a few words on what it is about.")},
        }

    def save_inquiry(self) -> Inquiry:
        """Keep the inquiry with the consent as it was worded to the sender. Returns it."""
        inquiry = self.save(commit=False)
        inquiry.sent_at = self.now
        inquiry.language = translation.get_language()
        inquiry.consent_text = str(CONSENT)
        inquiry.save()
        return inquiry
