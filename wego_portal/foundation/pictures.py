"""Pictures: checked on upload, turned upright, made small, stored as WebP without metadata.

Here because organizations, events and news carry pictures.
"""

import io
import uuid
from pathlib import PurePosixPath

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

from .uploads import MEGABYTE, stored_name

LONGEST_SIDE = 1600  # pixels
MOST_PIXELS = 50_000_000
MOST_MEGABYTES = 12
ALLOWED_FORMATS = ("JPEG", "PNG", "WEBP")
NOT_A_PICTURE = _("This is not a picture that can be read. Allowed: JPEG, PNG and WebP.")


def validate_picture(upload):
    """Refuse what is not a JPEG, PNG or WebP picture of at most 12 MB and 50 million pixels."""
    if getattr(upload, "_committed", False):
        return
    if upload.size > MOST_MEGABYTES * MEGABYTE:
        raise ValidationError(_("The picture is larger than %(limit)s MB."), params={"limit": MOST_MEGABYTES})
    try:
        upload.seek(0)
        with Image.open(upload, formats=ALLOWED_FORMATS) as image:
            pixels = image.width * image.height
            if pixels > MOST_PIXELS:
                raise ValidationError(_("The picture has more than 50 million pixels. Make it smaller first."))
            image.load()
    except (OSError, SyntaxError, Image.DecompressionBombError):
        raise ValidationError(NOT_A_PICTURE)
    finally:
        upload.seek(0)


def as_webp(upload):
    """The picture upright, at most 1,600 px on its longest side, as WebP bytes without metadata such as location."""
    upload.seek(0)
    with Image.open(upload, formats=ALLOWED_FORMATS) as opened:
        image = ImageOps.exif_transpose(opened)
        image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        if image.mode not in ("RGB", "RGBA"):
            image = image.convert("RGBA" if "transparency" in image.info else "RGB")
        out = io.BytesIO()
        image.save(out, "WEBP", quality=82, method=4)
    return out.getvalue()


class PictureFormField(forms.ImageField):
    """An upload of a picture. Django's own would list every type that Pillow reads, by the end of its name."""

    default_validators = []
    default_error_messages = {"invalid_image": NOT_A_PICTURE}

    def widget_attrs(self, widget):
        """The types that the browser offers."""
        return {**super().widget_attrs(widget), "accept": "image/jpeg,image/png,image/webp"}


class PictureField(models.ImageField):
    """An image column that checks what is uploaded and stores a WebP rendition under a name nobody can guess."""

    default_validators = [validate_picture]

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": PictureFormField, "max_length": None, **kwargs})

    def pre_save(self, instance, add):
        file = getattr(instance, self.attname)
        if file and not file._committed:
            data = as_webp(file.file)
            name = f"{PurePosixPath(stored_name(file.name)).stem[:40]}-{uuid.uuid4().hex[:8]}.webp"
            file.save(name, ContentFile(data), save=False)
        return super().pre_save(instance, add)
