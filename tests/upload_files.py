"""Files to upload, made in memory."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def upload(name, content):
    return SimpleUploadedFile(name, content)


def picture(size=(40, 20), mode="RGB", kind="PNG", **options):
    out = io.BytesIO()
    Image.new(mode, size, 255 if mode in ("L", "P") else (200, 30, 30, 128)[: len(mode)]).save(out, kind, **options)
    return out.getvalue()


def office_file(parts=("[Content_Types].xml", "_rels/.rels", "word/document.xml"), size=200):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in parts:
            packed.writestr(part, b"x" * size)
    return out.getvalue()
