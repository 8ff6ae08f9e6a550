from typing import Self

from django.core.signing import BadSignature, Signer
from django.db import models

SEPARATOR = "."  # not in the base64 alphabet, and mail programs do not end a link at it


class PersonalLink(models.Model):
    """Mixin for a model with `reference` and `link_version` whose rows are reached through a signed link.

    The signature makes the link unguessable even for somebody who has read the table. Raising `link_version` revokes
    links sent before. Links signed with a former key work while that key is in SECRET_KEY_FALLBACKS.
    """

    reference: models.CharField
    link_version: models.PositiveSmallIntegerField

    class Meta:
        abstract = True

    @classmethod
    def _signer(cls) -> Signer:
        return Signer(salt=f"{cls._meta.label_lower}.personal_link", sep=SEPARATOR)

    @property
    def token(self) -> str:
        """The token in the personal link."""
        return self._signer().sign(f"{self.reference}{SEPARATOR}{self.link_version}")

    @classmethod
    def get_by_token(cls, token: str, queryset: models.QuerySet[Self] | None = None) -> Self | None:
        """The row of a token, or None if the token is forged, cut, revoked or of another model. At most one query."""
        try:
            reference, _separator, version = cls._signer().unsign(token).rpartition(SEPARATOR)
        except BadSignature:
            return None
        rows = cls._default_manager.all() if queryset is None else queryset
        return rows.filter(reference=reference, link_version=version).first()
