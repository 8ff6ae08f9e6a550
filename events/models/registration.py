import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries.fields import Country, CountryField

from organizations.models import Organization, Sector
from wego_portal.foundation.fold import FoldedField, FoldedModel

from .contact import Contact
from .event import RETENTION_MONTHS_RANGE, Event
from .personal_link import PersonalLink


def new_reference() -> str:
    """Return a random public identifier (96 bits), part of a personal link."""
    return secrets.token_urlsafe(12)


class Registration(PersonalLink, FoldedModel):
    """A contact's registration for an event, with name, organization and so on as they were given."""

    # Text that the registrant typed. Mails to an address that is not verified do not repeat it.
    FREE_TEXT_FIELDS = ("name", "organization_name", "position", "request")

    # What the registrant says in the form about the person, and can change later.
    DETAIL_FIELDS = ("name", "organization_name", "sector", "country", "position", "language", "later_parts")

    # Text that erasing empties, besides what is set to None or deleted.
    ERASED_TEXT_FIELDS = (
        *FREE_TEXT_FIELDS,
        *("language", "privacy_consent_text", "pending_consent_text"),
        *("folded_name", "folded_organization"),
    )

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.PROTECT, related_name="registrations")
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="registrations",
        help_text=_("Empty once the person was erased; the rest stays for the counts."),
    )
    reference = models.CharField(_("reference"), max_length=16, unique=True, default=new_reference, editable=False)
    link_version = models.PositiveSmallIntegerField(
        _("version of the link"), default=1, editable=False, help_text=_("Raised to revoke the personal link.")
    )
    name = models.CharField(_("name"), max_length=150)
    organization_name = models.CharField(_("organization"), max_length=200)
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization in the directory"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="registrations",
    )
    sector = models.CharField(_("sector"), max_length=20, choices=Sector)
    country: "models.Field[str | Country, Country]" = CountryField(_("country"))
    position = models.CharField(_("position"), max_length=150, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES)
    later_parts = models.BooleanField(
        _("this and all later parts"),
        default=False,
        help_text=_("Parts added later seat this person, within capacity."),
    )
    request = models.CharField(
        _("why a place is asked for"), max_length=500, blank=True, help_text=_("From somebody outside the audience.")
    )
    outside_audience = models.BooleanField(
        _("outside the audience"),
        default=False,
        editable=False,
        help_text=_("By what was said when registering or at the last change, and the audience as staff set it last."),
    )
    retention_months = models.PositiveSmallIntegerField(
        _("kept for (months)"), editable=False, help_text=_("After the end of the event, as agreed when registering.")
    )
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True, editable=False)
    thanked_at = models.DateTimeField(
        _("thanked at"), null=True, blank=True, editable=False, help_text=_("When the mail after the event was queued.")
    )
    address_verified_at = models.DateTimeField(
        _("address confirmed at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("When a button behind a link in a mail to the address was first pressed."),
    )
    pending_consent_at = models.DateTimeField(
        _("invitations ticked at"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("By whoever registered; it counts once the address is confirmed."),
    )
    pending_consent_text = models.TextField(_("text ticked"), blank=True, editable=False)
    privacy_consent_at = models.DateTimeField(_("agreed to privacy at"))
    privacy_consent_text = models.TextField(_("text agreed to"))
    registered_at = models.DateTimeField(_("registered at"))
    changed_at = models.DateTimeField(_("changed at"))

    folded_name = FoldedField(["name"])
    folded_organization = FoldedField(["organization_name"])

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ["-registered_at"]
        # Serves the search for registrations to seat in later parts; the index holds only those.
        indexes = [models.Index(fields=["event"], condition=Q(later_parts=True), name="events_registration_later")]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "contact"],
                name="events_registration_unique",
                violation_error_message=_("This address is registered for the event already."),
            ),
            models.CheckConstraint(
                condition=Q(contact__isnull=False, erased_at__isnull=True)
                | Q(contact__isnull=True, erased_at__isnull=False),
                name="events_registration_has_contact_until_erased",
            ),
            models.CheckConstraint(
                condition=~Q(privacy_consent_text="") | Q(erased_at__isnull=False),
                name="events_registration_consent_has_text",
                violation_error_message=_("Consent is kept with the text that was shown."),
            ),
            models.CheckConstraint(
                condition=Q(retention_months__range=RETENTION_MONTHS_RANGE), name="events_registration_retention_range"
            ),
            models.CheckConstraint(
                condition=Q(pending_consent_at__isnull=True, pending_consent_text="")
                | (Q(pending_consent_at__isnull=False) & ~Q(pending_consent_text="")),
                name="events_registration_pending_consent_has_text",
                violation_error_message=_("Consent is kept with the text that was shown."),
            ),
        ]

    def __str__(self) -> str:
        # Without the name: the admin's log keeps this text for good.
        return gettext("Registration %(number)s") % {"number": self.pk}

    @property
    def erased_after_months(self) -> int:
        """Months from the end of the event to erasure: as agreed when registering, or fewer if the event says so."""
        return min(self.retention_months, self.event.retention_months)

    @property
    def has_verified_address(self) -> bool:
        """Whether somebody who receives mail at the address has pressed the button behind a link in a mail."""
        return self.address_verified_at is not None

    @property
    def mail_language(self) -> str:
        """The language of mails to the registrant; while the address is not verified, that of the contact."""
        if self.has_verified_address or self.contact is None:
            return self.language
        return self.contact.language

    @property
    def is_invited(self) -> bool:
        """Whether it was made through an invitation. No query if `invitation` was loaded with select_related."""
        return hasattr(self, "invitation")
