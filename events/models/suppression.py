import hmac

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.email_address import unicode_spelling


class Suppression(models.Model):
    """The keyed hash of an address that receives no invitations any more. It does not identify anybody."""

    address_hash = models.CharField(_("hash of the address"), max_length=64, unique=True)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("stopped address")
        verbose_name_plural = _("stopped addresses")
        ordering = ["-since"]

    def __str__(self) -> str:
        return self.address_hash[:12]

    @classmethod
    def for_address(cls, address: str) -> models.QuerySet["Suppression"]:
        """The rows for a normalised address; empty if it may be invited."""
        return cls.objects.filter(address_hash__in=cls.hashes_of(address))

    @classmethod
    def is_suppressed(cls, address: str) -> bool:
        """Whether a normalised address receives no invitations any more. One query."""
        return cls.for_address(address).exists()

    @staticmethod
    def hash_of(address: str) -> str:
        """The hash of a normalised address: HMAC-SHA256 with the newest key, hexadecimal."""
        return _hash(settings.HASH_KEYS[0], address)

    @staticmethod
    def hashes_of(address: str) -> list[str]:
        """Every hash that a normalised address may be stored under.

        That includes hashes with former keys, and of the Unicode spelling of an international domain, which was stored
        before addresses were normalised to the encoded one.
        """
        spellings = dict.fromkeys([address, unicode_spelling(address)])
        return [_hash(key, spelling) for key in settings.HASH_KEYS for spelling in spellings]


def _hash(key: str, text: str) -> str:
    return hmac.new(bytes.fromhex(key), text.encode(), "sha256").hexdigest()
