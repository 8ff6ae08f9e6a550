from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django_countries.fields import Country, CountryField

from wego_portal.foundation.fold import FoldedField, FoldedModel

from .sector import Sector


class Inquiry(FoldedModel):
    """Sent by a visitor through the membership and partnership form; personal data, for staff who handle it."""

    class Kind(models.TextChoices):
        """What the sender is interested in."""

        MEMBERSHIP = "membership", _("Membership")
        PARTNERSHIP = "partnership", _("Partnership")
        OTHER = "other", _("Something else")

    class State(models.TextChoices):
        """How far staff has come with it."""

        NEW = "new", _("New")
        IN_HAND = "in_hand", _("In hand")
        CLOSED = "closed", _("Closed")

    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.NEW)
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("email"))
    organization_name = models.CharField(_("organization"), max_length=200)
    sector = models.CharField(_("sector"), max_length=20, choices=Sector)
    country: "models.Field[str | Country, Country]" = CountryField(_("country"))
    message = models.TextField(_("message"), max_length=4000)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    consent_text = models.TextField(_("consent"), help_text=_("The text the sender agreed to."))
    sent_at = models.DateTimeField(_("sent at"))
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("handled by"), on_delete=models.SET_NULL, null=True, blank=True
    )
    note = models.TextField(_("note"), blank=True, help_text=_("For colleagues."))

    folded = FoldedField(["name", "organization_name", "message"])

    class Meta:
        verbose_name = _("inquiry")
        verbose_name_plural = _("inquiries")
        ordering = ["-sent_at"]
        indexes = [models.Index(fields=["state", "-sent_at"], name="organizations_inquiry_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower(F("email"))), name="organizations_inquiry_address_lower_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.sent_at:%Y-%m-%d}"
