"""Pictures: checked on upload, turned upright, made small, stored as WebP in sRGB without metadata.

Here because organizations, events and news carry pictures.
"""

import contextlib
import io
import logging
import threading
import uuid
from pathlib import PurePosixPath
from typing import IO, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.files.base import ContentFile
from django.db import models
from django.utils.translation import gettext_lazy as _
from PIL import ExifTags, Image, ImageCms, ImageFile

from .uploads import MEGABYTE, stored_name, validated_once

logger = logging.getLogger(__name__)

MAX_SIDE_PIXELS = 1600  # pixels of what is stored
MAX_MEGABYTES = 12
ALLOWED_FORMATS = ("JPEG", "PNG", "WEBP")
# A plain JPEG is made smaller while it is decoded. Everything else is in memory as a whole, a WebP three times.
MAX_MEGAPIXELS = {"JPEG": 50, "PNG": 20, "WEBP": 12}
MAX_MEGAPIXELS_PROGRESSIVE = 20
MAX_READS = 100_000  # from one file: Pillow reads each of its pieces, of which a hostile one has millions
NOT_A_PICTURE = _("This is not a picture that can be read. Allowed: JPEG, PNG and WebP.")
TOO_MANY_PIXELS = _("The picture has more than %(limit)s megapixels. Make it smaller first.")

# How a picture that lies on its side or its face is turned upright, by the orientation that its camera noted.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
SIXTEEN_BITS_AS_EIGHT = [round(value / 257) for value in range(65_536)]
# The mode of pictures that a colour profile of each kind describes.
MODE_OF_PROFILE = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}

_one_at_a_time = threading.Lock()  # so that a process needs the memory of one picture, however many are sent


class _FewReads:
    """A file that ends with an error when it is read from too often."""

    def __init__(self, file: File) -> None:
        self._file, self._reads = file, 0
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        self._reads += 1
        if self._reads > MAX_READS:
            raise OSError("too many pieces")
        return self._file.read(size)


def validate_picture(upload: File) -> None:
    """Refuse what is not a JPEG, PNG or WebP picture of at most 12 MB that can be decoded in little memory."""
    if getattr(upload, "_committed", False):
        return
    if upload.size > MAX_MEGABYTES * MEGABYTE:
        raise ValidationError(_("The picture is larger than %(limit)s MB."), params={"limit": MAX_MEGABYTES})
    validated_once(upload, as_webp)


def as_webp(upload: File) -> bytes:
    """The picture upright, at most 1,600 px on its longest side, in sRGB, as WebP bytes without metadata such as
    location. Raises ValidationError where it cannot be decoded.
    """
    upload.seek(0)
    few_reads = cast(IO[bytes], _FewReads(upload))  # Pillow wants no more of a file than it has
    try:
        with _one_at_a_time, Image.open(few_reads, formats=ALLOWED_FORMATS) as opened:
            _check_pixels(opened)
            image = _in_srgb(opened)
            out = io.BytesIO()
            image.save(out, "WEBP", quality=82, method=4)
    except ValidationError:
        raise
    except Image.DecompressionBombError:
        raise ValidationError(TOO_MANY_PIXELS, params={"limit": max(MAX_MEGAPIXELS.values())})
    except Exception as error:  # what Pillow raises on damaged bytes is of a dozen kinds: none may become an error 500
        logger.info("a picture could not be read: %s", type(error).__name__)
        raise ValidationError(NOT_A_PICTURE)
    finally:
        upload.seek(0)
    return out.getvalue()


def _check_pixels(image: Image.Image) -> None:
    """Refuse a picture, not decoded yet, that would take too much memory."""
    limit = MAX_MEGAPIXELS_PROGRESSIVE if image.info.get("progressive") else MAX_MEGAPIXELS[image.format or "JPEG"]
    if image.width * image.height > limit * 1_000_000:
        raise ValidationError(TOO_MANY_PIXELS, params={"limit": limit})


def _in_srgb(opened: ImageFile.ImageFile) -> Image.Image:
    """The picture small, upright and in sRGB, with alpha where it has any, and without hidden colours."""
    transparent = opened.info.get("transparency")
    if isinstance(transparent, tuple) and opened.tile and opened.tile[0].args == "RGB;16B":
        opened.info["transparency"] = tuple(value >> 8 for value in transparent)  # as Pillow decodes the colours
    profile, orientation = opened.info.get("icc_profile"), _orientation(opened)
    scale = max(MAX_SIDE_PIXELS / max(opened.size), 1 / min(opened.size))
    opened.draft(None, (int(opened.width * scale), int(opened.height * scale)))  # a JPEG is decoded in a smaller size
    image = _with_eight_bits(opened)
    image.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
    alpha = image.getchannel("A") if image.mode in ("LA", "RGBA") else None
    colours = _profile_applied(image.convert(image.mode.removesuffix("A")), profile)
    if alpha:
        colours.putalpha(alpha)
        # What is behind transparent pixels, such as something painted over, is gone: here it becomes black.
        colours = colours.convert("RGBa").convert("RGBA")
    return colours.transpose(UPRIGHT[orientation]) if orientation in UPRIGHT else colours


def _orientation(image: Image.Image) -> int | None:
    """The orientation that the camera noted, None where it is not known or its notes are damaged."""
    with contextlib.suppress(Exception):  # damaged notes raise errors of many kinds, and the picture is good without
        return image.getexif().get(ExifTags.Base.Orientation)
    return None


def _with_eight_bits(image: Image.Image) -> Image.Image:
    """The picture in mode L, LA, RGB, RGBA or CMYK: eight bits a channel, and alpha where a colour or some are
    transparent.
    """
    transparent = image.info.get("transparency")
    if image.mode.startswith("I"):  # sixteen bits of grey
        deep = image.convert("I")
        grey = deep.point(SIXTEEN_BITS_AS_EIGHT, "L")
        if isinstance(transparent, int):
            grey.putalpha(deep.point([255 * (value != transparent) for value in range(65_536)], "L"))
        return grey
    if transparent is not None or image.mode == "PA":
        return image.convert("LA" if image.mode in ("1", "L") else "RGBA")
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in ("L", "LA", "RGB", "RGBA", "CMYK") else image.convert("RGB")


def _profile_applied(colours: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture (mode L, RGB or CMYK) in sRGB. A profile that is damaged, or of another kind, is passed over."""
    with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
        if profile:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            mode = MODE_OF_PROFILE.get(source.profile.xcolor_space.strip())
            if mode == "RGB" and colours.mode == "L":
                colours = colours.convert("RGB")
            if mode == colours.mode:
                target = ImageCms.createProfile("sRGB")
                colours = ImageCms.profileToProfile(colours, source, target, outputMode="RGB") or colours
    return colours.convert("RGB")


class PictureFormField(forms.FileField):
    """An upload of a picture. Its column checks it; Django's own field would decode it once more, in any format."""

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """The types that the browser offers."""
        return {**super().widget_attrs(widget), "accept": "image/jpeg,image/png,image/webp"}


class PictureField(models.ImageField):
    """An image column that checks what is uploaded and stores a WebP rendition under a name nobody can guess."""

    default_validators = [validate_picture]

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"form_class": PictureFormField, "max_length": None, **kwargs})

    def pre_save(self, instance: models.Model, add: bool) -> Any:
        file = getattr(instance, self.attname)
        if file and not file._committed:
            data = validated_once(file, as_webp)
            name = f"{PurePosixPath(stored_name(file.name)).stem[:40]}-{uuid.uuid4().hex[:8]}.webp"
            file.save(name, ContentFile(data), save=False)
        return super().pre_save(instance, add)
