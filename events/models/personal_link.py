from django.core.signing import BadSignature, Signer

SEPARATOR = "."  # in no base64 alphabet, and no mail reader breaks a link at it when something follows


class PersonalLink:
    """Mixin for a row with `reference` and `link_version` that its owner reaches by a signed link, and nobody else.

    The signature makes the link unguessable even to who has read the table; raising `link_version` revokes links sent
    before. Keys that were replaced go on working while they are in SECRET_KEY_FALLBACKS.
    """

    @classmethod
    def _signer(cls):
        return Signer(salt=f"{cls._meta.label_lower}.personal_link", sep=SEPARATOR)

    @property
    def token(self):
        """What stands in the personal link."""
        return self._signer().sign(f"{self.reference}{SEPARATOR}{self.link_version}")

    @classmethod
    def by_token(cls, token, queryset=None):
        """The row of a link, or None for one that is forged, cut, revoked or of another kind. At most one query."""
        try:
            reference, _separator, version = cls._signer().unsign(token).rpartition(SEPARATOR)
        except BadSignature:
            return None
        rows = cls.objects.all() if queryset is None else queryset
        return rows.filter(reference=reference, link_version=version).first()
