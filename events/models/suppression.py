import hmac

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.email_address import unicode_spelling


class Suppression(models.Model):
    """An address that wants no invitations any more, as a keyed hash: it stops mail and names nobody."""

    address_hash = models.CharField(_("hash of the address"), max_length=64, unique=True)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("stopped address")
        verbose_name_plural = _("stopped addresses")
        ordering = ["-since"]

    def __str__(self):
        return self.address_hash[:12]

    @classmethod
    def of(cls, address: str) -> models.QuerySet["Suppression"]:
        """The rows of this normalised address, as a queryset that is empty where nothing stops it."""
        return cls.objects.filter(address_hash__in=cls.hashes_of(address))

    @classmethod
    def stops(cls, address: str) -> bool:
        """Whether this normalised address wants no invitations any more. One query."""
        return cls.of(address).exists()

    @staticmethod
    def hash_of(address: str) -> str:
        """The hash under which a normalised address is stopped: HMAC-SHA256, hexadecimal, with the newest key."""
        return _hash(settings.HASH_KEYS[0], address)

    @staticmethod
    def hashes_of(address: str) -> list[str]:
        """Every hash under which a normalised address may have been stopped.

        With former keys too, and as international domains were kept before they were encoded.
        """
        spellings = dict.fromkeys([address, unicode_spelling(address)])
        return [_hash(key, spelling) for key in settings.HASH_KEYS for spelling in spellings]


def _hash(key: str, text: str) -> str:
    return hmac.new(bytes.fromhex(key), text.encode(), "sha256").hexdigest()
