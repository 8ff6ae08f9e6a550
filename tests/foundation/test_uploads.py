"""Uploaded files and pictures: what is refused says why, what is accepted is stored safely."""

import pytest
from django.core.exceptions import ValidationError
from PIL import Image

from tests.factories.organizations import OrganizationFactory
from tests.upload_files import picture, upload
from wego_portal.foundation.pictures import MAX_SIDE_PIXELS, validate_picture
from wego_portal.foundation.uploads import MEGABYTE, AllowedFile

PDF = b"%PDF-1.7 and so on"


@pytest.mark.parametrize(("name", "content"), [("a.pdf", PDF), ("A.PDF", PDF), ("notes.txt", b"any text")])
def test_an_allowed_file_is_accepted(name, content):
    AllowedFile((".pdf", ".txt"), megabytes=1)(upload(name, content))


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.exe", b"MZ", "Allowed: .pdf, .txt"),
        ("pdf", PDF, "Allowed: .pdf, .txt"),
        ("a.pdf.html", PDF, "Allowed: .pdf, .txt"),
        ("a.pdf", b"<script>", "not what its name says"),
        ("a.pdf", b"", "not what its name says"),
        ("a.txt", b"x" * (MEGABYTE + 1), "larger than 1 MB"),
    ],
)
def test_a_file_of_wrong_type_content_or_size_is_refused(name, content, why):
    with pytest.raises(ValidationError) as refusal:
        AllowedFile((".pdf", ".txt"), megabytes=1)(upload(name, content))
    assert why in refusal.value.messages[0]


@pytest.mark.parametrize(("name", "content"), [("a.mp4", b"nope"), ("a.docx", b"PK\x03\x04"), ("a.webm", b"nope")])
def test_a_file_whose_content_is_something_else_is_refused(name, content):
    with pytest.raises(ValidationError, match="not what its name says"):
        AllowedFile((".mp4", ".webm", ".docx"), megabytes=1)(upload(name, content))


def test_a_video_is_accepted():
    AllowedFile((".mp4",), megabytes=1)(upload("a.mp4", b"\x00\x00\x00\x18ftypisom"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture(kind="GIF", mode="P"),
        picture()[:60],
    ],
    ids=["empty", "text", "svg", "gif", "cut"],
)
def test_what_is_not_a_picture_is_refused(content):
    with pytest.raises(ValidationError, match="Allowed: JPEG, PNG and WebP"):
        validate_picture(upload("a.png", content))


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P"])
def test_a_picture_is_stored_small_as_webp(mode):
    organization = OrganizationFactory(picture=upload("My photo.png", picture((4000, 1000), mode=mode)))
    with Image.open(organization.picture.path) as stored:
        assert stored.format == "WEBP"
        assert stored.size == (MAX_SIDE_PIXELS, 400)
    assert organization.picture.name.endswith(".webp")


@pytest.mark.django_db
def test_a_picture_is_turned_upright_and_loses_what_it_tells_of_its_maker():
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "Camera of Kim"
    organization = OrganizationFactory(picture=upload("a.jpg", picture((400, 200), kind="JPEG", exif=exif)))
    with Image.open(organization.picture.path) as stored:
        assert stored.size == (200, 400)
        assert not stored.getexif()
