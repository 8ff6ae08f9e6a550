import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer, TimestampSigner
from django.db import connection, models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# How long a link to all personal data of a contact works after its mail was rendered.
DATA_LINK_DURATION = datetime.timedelta(hours=1)


class Contact(models.Model):
    """An email address that registered or was invited. Consent to invitations outlives any registration."""

    email = models.EmailField(_("email"), unique=True)
    language = models.CharField(_("language"), max_length=2, choices=settings.LANGUAGES, default="en")
    invite_consent_at = models.DateTimeField(_("agreed to invitations at"), null=True, blank=True)
    invite_consent_text = models.TextField(_("text agreed to"), blank=True)
    created_at = models.DateTimeField(_("first seen"))

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower(F("email"))), name="events_contact_address_lower_case"),
            models.CheckConstraint(
                condition=Q(invite_consent_at__isnull=True) | ~Q(invite_consent_text=""),
                name="events_contact_consent_has_text",
                violation_error_message=_("Consent is kept with the text that was shown."),
            ),
        ]

    def __str__(self) -> str:
        # Without the address: the admin's log keeps this text for good.
        return gettext("Contact %(number)s") % {"number": self.pk}

    @classmethod
    def create_if_new(cls, *, email: str, language: str, now: datetime.datetime) -> "Contact | None":
        """Save and return a contact for a normalised address; None if there is one already.

        One statement decides, so that two requests at once cannot both create it. Django's `ignore_conflicts` does not
        say whether a row was created.
        """
        made = cls(email=email, language=language, created_at=now)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {cls._meta.db_table} (email, language, invite_consent_text, created_at)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT (email) DO NOTHING RETURNING id",
                [email, language, made.invite_consent_text, connection.ops.adapt_datetimefield_value(now)],
            )
            rows = cursor.fetchall()
        if not rows:
            return None
        made.pk, made._state.adding, made._state.db = rows[0][0], False, connection.alias
        return made

    @staticmethod
    def _unsubscribe_signer() -> Signer:
        return Signer(salt="events.contact.stop", sep=".")

    @property
    def unsubscribe_token(self) -> str:
        """The token of the link that stops invitations. It can do nothing else and does not expire."""
        return self._unsubscribe_signer().sign(str(self.pk))

    @classmethod
    def key_from_unsubscribe_token(cls, token: str) -> int | None:
        """The primary key in an unsubscribe token, or None if the token is forged or cut. The contact may be gone."""
        try:
            return int(cls._unsubscribe_signer().unsign(token))
        except BadSignature:
            return None

    @classmethod
    def get_by_key(cls, key: int) -> "Contact | None":
        """The contact with this primary key, or the contact that one was merged into."""
        return cls.objects.filter(Q(pk=key) | Q(former=key)).first()

    @staticmethod
    def _data_signer() -> TimestampSigner:
        return TimestampSigner(salt="events.contact.personal_data", sep=".")

    @property
    def data_token(self) -> str:
        """A new token for the link to all personal data of the contact. It works for DATA_LINK_DURATION from now."""
        return self._data_signer().sign(str(self.pk))

    @classmethod
    def get_by_data_token(cls, token: str) -> "Contact | None":
        """The contact of a data token, or None if the token is forged, cut or expired, or the contact was erased."""
        try:
            key = cls._data_signer().unsign(token, max_age=DATA_LINK_DURATION)
        except BadSignature:
            return None
        return cls.objects.filter(pk=key).first()


class FormerContact(models.Model):
    """The primary key of a contact that was merged into another, so that its unsubscribe links still work."""

    id = models.BigIntegerField(_("number of the contact that was joined"), primary_key=True)
    contact = models.ForeignKey(Contact, verbose_name=_("contact"), on_delete=models.CASCADE, related_name="former")

    class Meta:
        verbose_name = _("joined contact")
        verbose_name_plural = _("joined contacts")

    def __str__(self) -> str:
        return str(self.pk)
