"""Uploaded files: what is allowed, and which object a stored file belongs to.

Here because both apps publish files, and both refuse those of unpublished content.
"""

from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

MEGABYTE = 1024 * 1024

# First bytes of the types whose content can be told from them.
SIGNATURES = {
    ".pdf": (b"%PDF-",),
    ".webm": (b"\x1aE\xdf\xa3",),
    ".pptx": (b"PK",),
    ".xlsx": (b"PK",),
    ".docx": (b"PK",),
}


@deconstructible
class AllowedFile:
    """Validator: one of `extensions` (lower case with dot), at most `megabytes`, content that fits the extension."""

    def __init__(self, extensions, megabytes):
        self.extensions = tuple(extensions)
        self.megabytes = megabytes

    def __call__(self, upload):
        extension = PurePosixPath(upload.name).suffix.lower()
        if extension not in self.extensions:
            raise ValidationError(
                _("A file of type “%(type)s” is not accepted here. Allowed: %(allowed)s."),
                params={"type": extension or "?", "allowed": ", ".join(self.extensions)},
            )
        if upload.size > self.megabytes * MEGABYTE:
            raise ValidationError(_("The file is larger than %(limit)s MB."), params={"limit": self.megabytes})
        signatures = SIGNATURES.get(extension, ())
        if signatures and not getattr(upload, "_committed", False):
            upload.seek(0)
            head = upload.read(16)
            upload.seek(0)
            if not head.startswith(signatures):
                raise ValidationError(
                    _("The content of this file is not what its name says (%(type)s)."), params={"type": extension}
                )

    def __eq__(self, other):
        return isinstance(other, AllowedFile) and vars(self) == vars(other)


_owners = {}


def stored_in(folder, model_label, field_name):
    """Say that files under `folder` of the media root belong to `field_name` of a model. Called by app configs."""
    _owners[folder] = (model_label, field_name)


def owner_of(folder):
    """(model label, field name) of the files under `folder`, or None."""
    return _owners.get(folder)
