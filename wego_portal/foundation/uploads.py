"""Uploaded files: what is allowed, and which object a stored file belongs to.

Here because both apps publish files, and both refuse those of unpublished content.
"""

import unicodedata
import zipfile
from pathlib import PurePosixPath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import models
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

MEGABYTE = 1024 * 1024

PDF, WEBM = b"%PDF-", b"\x1aE\xdf\xa3"


def _is_office_file(upload):
    return zipfile.is_zipfile(upload) and "[Content_Types].xml" in zipfile.ZipFile(upload).namelist()


# How the content tells that it is of the type: its first bytes, or the list of files in a packed one.
CONTENT_FITS = {
    ".pdf": lambda upload: upload.read(5) == PDF,
    ".webm": lambda upload: upload.read(4) == WEBM,
    ".mp4": lambda upload: upload.read(8)[4:] == b"ftyp",  # ISO/IEC 14496-12, 4.3
    ".pptx": _is_office_file,
    ".xlsx": _is_office_file,
    ".docx": _is_office_file,
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
        fits = CONTENT_FITS.get(extension)
        if fits and not getattr(upload, "_committed", False):
            upload.seek(0)
            is_fitting = fits(upload)
            upload.seek(0)
            if not is_fitting:
                raise ValidationError(
                    _("The content of this file is not what its name says (%(type)s)."), params={"type": extension}
                )

    def __eq__(self, other):
        return isinstance(other, AllowedFile) and vars(self) == vars(other)


# Characters of a stored name, of 4 bytes at most: with what makes it unique, below the 255 bytes of file systems.
MAX_STEM, LONGEST_ENDING = 50, 10


def stored_name(name: str) -> str:
    """A short name under which a file can be stored anywhere, in NFC, as readable as it was; its ending stays."""
    path = PurePosixPath(unicodedata.normalize("NFC", name))
    ending = path.suffix if len(path.suffix) <= LONGEST_ENDING else ""
    stem = path.name.removesuffix(ending)[:MAX_STEM]
    return f"{stem if any(map(str.isalnum, stem)) else 'file'}{ending}"


class UploadField(models.FileField):
    """A file column that takes files of any name, and stores them under one that is short enough for file systems."""

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"max_length": None, **kwargs})

    def generate_filename(self, instance: models.Model | None, filename: str) -> str:
        return super().generate_filename(instance, stored_name(filename))


class ShortNameUploadHandler(TemporaryFileUploadHandler):
    """Keeps a large upload in a temporary file, whose name ends as the upload's does: that has to be short, too."""

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, stored_name(file_name), *args, **kwargs)


_owners = {}


def stored_in(folder, model_label, field_name):
    """Say that files under `folder` of the media root belong to `field_name` of a model. Called by app configs."""
    _owners[folder] = (model_label, field_name)


def owner_of(folder):
    """(model label, field name) of the files under `folder`, or None."""
    return _owners.get(folder)
