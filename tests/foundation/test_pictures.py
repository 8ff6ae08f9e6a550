"""Pictures as they are stored: the colours that were seen, no colours that were hidden, in little memory."""

import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageCms, ImageOps

from wego_portal.foundation import pictures
from wego_portal.foundation.pictures import as_webp, validate_picture

NEAR = 6  # of 255: what WebP changes in an even colour
SIDE = 32


def stored(image, kind="PNG", **options):
    """The picture as it is stored after an upload in a format that Pillow writes."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return opened(out.getvalue())


def opened(data):
    picture = Image.open(io.BytesIO(as_webp(SimpleUploadedFile("a.png", data))))
    picture.load()
    return picture


def is_near(picture, colour, at=(SIDE // 2, SIDE // 2)):
    found = picture.convert("RGBA" if len(colour) == 4 else "RGB").getpixel(at)
    return all(abs(one - other) <= NEAR for one, other in zip(found, colour, strict=True))


def halves(mode, left, right):
    """A picture whose left half has one colour and whose right half another."""
    image = Image.new(mode, (SIDE, SIDE), left)
    image.paste(right, (SIDE // 2, 0, SIDE, SIDE))
    return image


LEFT, RIGHT = (4, 16), (28, 16)


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [
        ("1", 1, (255, 255, 255)),
        ("L", 128, (128, 128, 128)),
        ("LA", (128, 255), (128, 128, 128, 255)),
        ("LA", (200, 128), (200, 200, 200, 128)),
        ("I;16", 32_896, (128, 128, 128)),
        ("I;16", 65_535, (255, 255, 255)),
        ("I;16", 257, (1, 1, 1)),
        ("RGB", (200, 30, 60), (200, 30, 60)),
        ("RGBA", (200, 30, 60, 255), (200, 30, 60, 255)),
    ],
)
@pytest.mark.parametrize("side", [SIDE, 2000])
def test_a_picture_of_any_depth_keeps_its_colour(mode, colour, seen, side):
    assert is_near(stored(Image.new(mode, (side, side), colour)), seen)


def test_a_cmyk_picture_of_a_printer_keeps_its_colour():
    image = stored(Image.new("RGB", (SIDE, SIDE), (200, 40, 60)).convert("CMYK"), "JPEG", quality=95)
    assert is_near(image, (200, 40, 60))


@pytest.mark.parametrize(
    ("image", "options"),
    [
        (halves("LA", (255, 0), (50, 255)), {}),
        (halves("RGBA", (255, 0, 0, 0), (50, 50, 50, 255)), {}),
        (halves("RGB", (255, 0, 0), (50, 50, 50)), {"transparency": (255, 0, 0)}),
        (halves("L", 255, 50), {"transparency": 255}),
        (halves("I;16", 65_535, 257 * 50), {"transparency": 65_535}),
        (halves("RGB", (255, 0, 0), (50, 50, 50)).quantize(2), {"transparency": "first"}),
    ],
    ids=["LA", "RGBA", "RGB", "L", "I;16", "P"],
)
def test_what_is_transparent_stays_so_and_shows_nothing_of_what_it_hides(image, options):
    if options.get("transparency") == "first":
        options = {"transparency": image.getpixel(LEFT)}
    picture = stored(image, **options)
    assert is_near(picture, (50, 50, 50, 255), RIGHT)
    red, green, blue, alpha = picture.getpixel(LEFT)
    assert (alpha, max(red, green, blue) <= NEAR) == (0, True)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(*chunks, colour_type=2, depth=8, row=b"\0" * 30, size=10):
    """A PNG file of ten rows, with chunks before its pixels."""
    header = struct.pack(">IIBBBBB", size, size, depth, colour_type, 0, 0, 0)
    pixels = zlib.compress((b"\0" + row) * 10)
    return b"".join(
        [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *chunks, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    )


def test_sixteen_bits_of_colour_with_a_transparent_one():
    red = struct.pack(">HHH", 0xFF12, 0x0034, 0x0056)
    picture = opened(png(chunk(b"tRNS", red), depth=16, row=red * 10))
    assert picture.getpixel((5, 5)) == (0, 0, 0, 0)


def _fixed(value):
    return struct.pack(">i", round(value * 65536))


def display_p3(is_grey=False):
    """A colour profile of version 2 built by hand: the primaries of Display P3, or grey, with a gamma of 2.2."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(2.2 * 256)) + bytes(2)
    xyz = {
        b"wtpt": (0.9642, 1.0, 0.8249),
        b"rXYZ": (0.5151, 0.2412, -0.0011),
        b"gXYZ": (0.2920, 0.6922, 0.0419),
        b"bXYZ": (0.1571, 0.0666, 0.7841),
    }
    tags = {name: b"XYZ " + bytes(4) + b"".join(map(_fixed, values)) for name, values in xyz.items()}
    tags |= {b"kTRC": curve} if is_grey else {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    if is_grey:
        tags = {b"wtpt": tags[b"wtpt"], b"kTRC": curve}
    position, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        table += name + struct.pack(">II", position + len(body), len(data))
        body += data
    space = b"GRAY" if is_grey else b"RGB "
    head = struct.pack(">I4sI4s4s4s", position + len(body), b"lcms", 0x02400000, b"mntr", space, b"XYZ ")
    head = head.ljust(36, b"\0") + b"acsp"
    white = b"".join(map(_fixed, xyz[b"wtpt"]))
    return head.ljust(68, b"\0") + white + bytes(128 - 68 - 12) + struct.pack(">I", len(tags)) + table + body


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_colours_of_display_p3_become_those_of_srgb(mode):
    """A green that both can show: it has other numbers in sRGB, where it is more saturated."""
    colour = (100, 200, 100, 255)[: len(mode)]
    picture = stored(Image.new(mode, (SIDE, SIDE), colour), icc_profile=display_p3())
    assert "icc_profile" not in picture.info
    expected = ImageCms.profileToProfile(
        Image.new("RGB", (1, 1), colour[:3]), io.BytesIO(display_p3()), ImageCms.createProfile("sRGB")
    ).getpixel((0, 0))
    assert is_near(picture, expected)
    assert expected[0] < 80


def test_a_grey_picture_follows_its_profile_of_grey_or_colour():
    grey = Image.new("L", (SIDE, SIDE), 128)
    for profile in (display_p3(is_grey=True), display_p3()):
        assert is_near(stored(grey, icc_profile=profile), (128, 128, 128))


@pytest.mark.parametrize("profile", [b"no profile", display_p3()[:200], display_p3(is_grey=True)])
def test_a_profile_that_is_damaged_or_of_another_kind_is_passed_over(profile):
    picture = stored(Image.new("RGB", (SIDE, SIDE), (100, 200, 100)), icc_profile=profile)
    assert is_near(picture, (100, 200, 100))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright_whichever_way_it_lies(orientation):
    """By how Pillow itself does it, before the picture is small."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = halves("RGB", (255, 0, 0), (0, 0, 255)).crop((0, 0, SIDE, SIDE // 2))
    image.paste((0, 255, 0), (0, 0, SIDE, 4))
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, quality=95, subsampling=0)
    picture = opened(out.getvalue())
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(out.getvalue())))
    assert picture.size == upright.size
    for at in [(2, 2), (picture.width - 3, 2), (2, picture.height - 3), (picture.width - 3, picture.height - 3)]:
        found, right = picture.getpixel(at), upright.getpixel(at)
        assert sum(abs(one - other) for one, other in zip(found, right, strict=True)) < 150


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_damaged_notes_of_a_camera_do_not_matter():
    image = Image.new("RGB", (SIDE, SIDE), (200, 30, 60))
    for exif in (
        b"Exif\0\0MM\0*\0\0\0\xff",
        b"Exif\0\0" + b"\xff" * 500,
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\1" * 90,
    ):
        assert is_near(stored(image, "JPEG", exif=exif, quality=95), (200, 30, 60))


def refusal(data):
    with pytest.raises(ValidationError) as refused:
        validate_picture(SimpleUploadedFile("a.png", data))
    return refused.value.messages[0]


@pytest.mark.parametrize(
    ("size", "kind", "options", "limit"),
    [
        ((5_001, 4_000), "PNG", {}, 20),
        ((5_001, 4_000), "JPEG", {"progressive": True}, 20),
        ((10_001, 5_000), "JPEG", {}, 50),
        ((4_001, 3_000), "WEBP", {"method": 0}, 12),
        ((14_000, 14_000), "PNG", {}, 50),  # Pillow's own limit
    ],
)
def test_a_picture_that_would_take_much_memory_is_refused_before_it_is_decoded(monkeypatch, size, kind, options, limit):
    out = io.BytesIO()
    Image.new("L" if kind == "JPEG" else "RGB" if kind == "WEBP" else "1", size).save(out, kind, **options)
    monkeypatch.setattr(pictures, "_in_srgb", lambda opened: pytest.fail("it was decoded"))
    assert refusal(out.getvalue()) == f"The picture has more than {limit} megapixels. Make it smaller first."


def test_a_large_jpeg_is_decoded_in_a_smaller_size(monkeypatch):
    out, sizes = io.BytesIO(), []
    Image.new("L", (8_000, 6_000), 200).save(out, "JPEG")
    eight_bits = pictures._with_eight_bits
    monkeypatch.setattr(pictures, "_with_eight_bits", lambda image: sizes.append(image.size) or eight_bits(image))
    assert opened(out.getvalue()).size == (1600, 1200)
    assert sizes == [(2000, 1500)]


def jpeg(pieces):
    out = io.BytesIO()
    Image.new("RGB", (SIDE, SIDE)).save(out, "JPEG")
    return out.getvalue()[:2] + pieces + out.getvalue()[2:]


@pytest.mark.parametrize(
    "data",
    [
        png(*[chunk(b"IDAT", b"")] * 200_000),
        png(*[chunk(b"tEXt", b"a\0b")] * 200_000),
        png(chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(100_000_000)))),
        png(*[chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000)))] * 100),
        jpeg(b"\xff\xe5\0\2" * 200_000),
        jpeg(b"\xff\xfe\0\2" * 200_000),
        jpeg(b"\xff" * 800_000),
        jpeg(b"\xff\xe2\0\2")[:200],
    ],
    ids=["IDAT", "tEXt", "profile bomb", "text bomb", "APP", "comments", "padding", "cut"],
)
def test_a_file_made_to_take_time_or_memory_is_refused(data):
    assert "This is not a picture that can be read" in refusal(data)
