from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from .contact import normalise_address


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
    def of(cls, address):
        """The row of this address, as a queryset that is empty where nothing stops it."""
        return cls.objects.filter(address_hash=cls.hash_of(address))

    @classmethod
    def stops(cls, address):
        """Whether this address wants no invitations any more. One query."""
        return cls.of(address).exists()

    @staticmethod
    def hash_of(address):
        """HMAC-SHA256 of the normalised address, hexadecimal, keyed with SECRET_KEY."""
        return salted_hmac("events.suppression", normalise_address(address), algorithm="sha256").hexdigest()
