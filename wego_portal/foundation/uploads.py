"""Uploaded files: what is allowed, and which object a stored file belongs to.

Here because both apps publish files, and both refuse those of unpublished content.
"""

import os
import unicodedata
import zipfile
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.db import models
from django.db.models.fields.files import FieldFile
from django.utils.deconstruct import deconstructible
from django.utils.translation import gettext_lazy as _

MEGABYTE = 1024 * 1024
MAX_OFFICE_DIRECTORY = MEGABYTE  # bytes of the list of files in an Office file: some 15,000 files
MAX_UNPACKED_MEGABYTES = 500  # of an Office file

PDF, WEBM = b"%PDF-", b"\x1aE\xdf\xa3"

Result = TypeVar("Result")


def validated_once(upload: File, work: Callable[[File], Result]) -> Result:
    """What `work` returns or raises (ValidationError) for an uploaded file; it is done once for each upload.

    So it can be done before a transaction begins (see `upload_admin.py`), and be asked for again by a form within it.
    """
    upload = upload.file if isinstance(upload, FieldFile) else upload
    done = vars(upload).setdefault("_done_once", {})
    if work not in done:
        try:
            done[work] = work(upload), None
        except ValidationError as refusal:
            done[work] = None, refusal
    result, error = done[work]
    if error:
        raise error
    return result


class _SmallReads:
    """A file of which nothing larger than a megabyte is read at once, whatever sizes a damaged file gives."""

    def __init__(self, file: File) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(min(size, MAX_OFFICE_DIRECTORY + 1) if size >= 0 else MAX_OFFICE_DIRECTORY + 1)
        if len(data) > MAX_OFFICE_DIRECTORY:
            raise zipfile.BadZipFile
        return data


def _is_office_file(upload: File) -> bool:
    """Whether it is a ZIP file with the part that every Office file has. Unpacks nothing, and trusts no size."""
    try:
        with zipfile.ZipFile(_SmallReads(upload)) as packed:
            parts = packed.infolist()
    except Exception:  # what zipfile raises on damaged bytes is of a dozen kinds: none may become an error 500
        return False
    if sum(part.file_size for part in parts) > MAX_UNPACKED_MEGABYTES * MEGABYTE:
        raise ValidationError(
            _("This file becomes larger than %(limit)s MB when it is opened."), params={"limit": MAX_UNPACKED_MEGABYTES}
        )
    return any(part.filename == "[Content_Types].xml" for part in parts)


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

    def __init__(self, extensions: Iterable[str], megabytes: int) -> None:
        self.extensions = tuple(extensions)
        self.megabytes = megabytes

    def __call__(self, upload: File) -> None:
        extension = PurePosixPath(upload.name or "").suffix.lower()
        if extension not in self.extensions:
            raise ValidationError(
                _("A file of type “%(type)s” is not accepted here. Allowed: %(allowed)s."),
                params={"type": extension or "?", "allowed": ", ".join(self.extensions)},
            )
        if upload.size > self.megabytes * MEGABYTE:
            raise ValidationError(_("The file is larger than %(limit)s MB."), params={"limit": self.megabytes})
        if extension in CONTENT_FITS and not getattr(upload, "_committed", False):
            validated_once(upload, _check_content)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AllowedFile) and vars(self) == vars(other)


def _check_content(upload: File) -> None:
    """Refuse a file whose content is not of the type that its name says."""
    extension = PurePosixPath(upload.name or "").suffix.lower()
    upload.seek(0)
    try:
        is_fitting = CONTENT_FITS[extension](upload)
    finally:
        upload.seek(0)
    if not is_fitting:
        raise ValidationError(
            _("The content of this file is not what its name says (%(type)s)."), params={"type": extension}
        )


# Characters of a stored name, of 4 bytes at most: with what makes it unique, below the 255 bytes of file systems.
MAX_STEM, MAX_EXTENSION_LENGTH = 50, 10


def stored_name(name: str) -> str:
    """A short name under which a file can be stored anywhere, in NFC, as readable as it was; its ending stays."""
    path = PurePosixPath(unicodedata.normalize("NFC", name))
    ending = path.suffix if len(path.suffix) <= MAX_EXTENSION_LENGTH else ""
    stem = path.name.removesuffix(ending)[:MAX_STEM]
    return f"{stem if any(map(str.isalnum, stem)) else 'file'}{ending}"


class UploadField(models.FileField):
    """A file column that takes files of any name, and stores them under one that is short enough for file systems."""

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"max_length": None, **kwargs})

    def generate_filename(self, instance: models.Model, filename: str | os.PathLike[str]) -> str:
        return super().generate_filename(instance, stored_name(str(filename)))


class ShortNameUploadHandler(TemporaryFileUploadHandler):
    """Keeps a large upload in a temporary file, whose name ends as the upload's does: that has to be short, too."""

    def new_file(self, field_name: str, file_name: str, *args: Any, **kwargs: Any) -> None:
        super().new_file(field_name, stored_name(file_name), *args, **kwargs)


_owners: dict[str, tuple[str, str]] = {}


def register_upload_owner(folder: str, model_label: str, field_name: str) -> None:
    """Say that files under `folder` of the media root belong to `field_name` of a model. Called by app configs."""
    _owners[folder] = (model_label, field_name)


def upload_owner(folder: str) -> tuple[str, str] | None:
    """(model label, field name) of the files under `folder`, or None."""
    return _owners.get(folder)
