"""Damaged files of every kind that is accepted: a message beside the field, never an error."""

import contextlib
import io
import random
import re

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from PIL import Image

from events.domain.caption_file import read_passages
from events.models import Handout, Recording, Transcript
from tests.admin_forms import admin_url, field_errors, form_data
from tests.factories.events import PartFactory, StoryFactory, TranscriptFactory
from tests.upload_files import office_file
from wego_portal.foundation.pictures import validate_picture
from wego_portal.foundation.upload_admin import UploadAdminMixin

SEED = 20_261_125
FLIPS, CUTS = 150, 60


def picture(kind, mode="RGB", **options):
    out = io.BytesIO()
    Image.effect_noise((40, 30), 80).convert(mode).save(out, kind, **options)
    return out.getvalue()


SRT = b"1\n00:00:01,000 --> 00:00:02,000\nGood morning\n\n2\n00:00:03,000 --> 00:00:04,000\nand welcome\n"
WHOLE = {
    "a.docx": office_file(),
    "a.pptx": office_file(),
    "a.xlsx": office_file(),
    "a.pdf": b"%PDF-1.7 and so on",
    "a.csv": b"a;b\n1;2\n",
    "a.mp4": b"\x00\x00\x00\x18ftypisom and so on",
    "a.webm": b"\x1aE\xdf\xa3 and so on",
    "a.vtt": b"WEBVTT\n\n" + SRT.replace(b",", b"."),
    "a.srt": SRT,
    "a.txt": "Lee: Good morning\n\n두 번째".encode(),
    "a.jpg": picture("JPEG"),
    "b.jpg": picture("JPEG", "CMYK", progressive=True),
    "a.png": picture("PNG", "RGBA"),
    "b.png": picture("PNG", "P", transparency=3),
    "a.webp": picture("WEBP"),
}


def check(name, data):
    """What the form of such a file checks. Raises ValidationError, and has to raise nothing else."""
    upload = SimpleUploadedFile(name, data)
    if name.endswith((".jpg", ".png", ".webp")):
        return validate_picture(upload)
    models_of = {".mp4": Recording, ".webm": Recording, ".vtt": Transcript, ".srt": Transcript}
    model = models_of.get(name[-4:], Handout) if not name.endswith(".webm") else Recording
    model._meta.get_field("file").run_validators(upload)
    if model is Transcript or name.endswith(".txt"):
        read_passages(upload)
    return None


def damaged(whole, choice):
    """The file cut at places, and with bytes of it changed."""
    step = max(len(whole) // CUTS, 1)
    yield from (whole[:end] for end in range(0, len(whole), step))
    for _ in range(FLIPS):
        data = bytearray(whole)
        for _ in range(choice.choice([1, 1, 3, 20])):
            data[choice.randrange(len(data))] = choice.choice([0, 0x7F, 0x80, 0xFF, choice.randrange(256)])
        yield bytes(data)


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("name", WHOLE)
def test_a_damaged_file_is_accepted_or_refused_but_never_fails(name):
    check(name, WHOLE[name])
    for data in damaged(WHOLE[name], random.Random(SEED)):
        with contextlib.suppress(ValidationError):
            check(name, data)


@pytest.mark.parametrize("name", [name for name in WHOLE if name.endswith(("x", "jpg", "png", "webp"))])
def test_a_file_that_lost_its_end_is_refused(name):
    for part in (0.2, 0.5, 0.9):
        with pytest.raises(ValidationError):
            check(name, WHOLE[name][: int(len(WHOLE[name]) * part)])


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_with_the_name_of_another_kind_is_refused_or_is_a_picture(name):
    """The type of a picture is told by its content, and what is stored is WebP in any case."""
    for other, data in WHOLE.items():
        if name[2:] in ("docx", "pptx", "xlsx", "pdf", "mp4", "webm", "jpg", "png", "webp") and other[2:] != name[2:]:
            is_same_kind = all(one.endswith(("jpg", "png", "webp")) for one in (name, other)) or all(
                one.endswith("x") for one in (name, other)
            )
            with contextlib.nullcontext() if is_same_kind else pytest.raises(ValidationError):
                check(name, data)


def end_of_directory(data):
    return data.rindex(b"PK\5\6")


def directory(data):
    return data.index(b"PK\1\2")


def announcing(size):
    """An Office file whose first part says that it is unpacked as large as that."""
    data = bytearray(office_file())
    place = directory(data) + 24
    data[place : place + 4] = size.to_bytes(4, "little")
    return bytes(data)


WRONG = "The content of this file is not what its name says (.docx)."


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("data", "message"),
    [
        (office_file()[: directory(office_file())] + office_file()[end_of_directory(office_file()) :], WRONG),
        (office_file().replace(b"PK\1\2", b"PK\1\3"), WRONG),
        (office_file().replace(b"_rels/.rels", b"\xff\xfe\x00\xd8_rels\xff\xff"[:11]), None),
        (office_file(parts=["a.txt"]), WRONG),
        (
            office_file(parts=["[Content_Types].xml", *(f"word/{number:020}" for number in range(20_000))], size=0),
            WRONG,
        ),
        (announcing(501 * 1024 * 1024), "This file becomes larger than 500 MB when it is opened."),
        (b"\xd0\xcf\x11\xe0 an encrypted one", WRONG),
    ],
    ids=["no directory", "damaged directory", "strange name", "zip", "many parts", "bomb", "not packed"],
)
def test_a_damaged_office_file_is_a_message_beside_the_field(admin_client, data, message):
    url = admin_url("handout", "add")
    form = form_data(admin_client, url) | {"part": PartFactory().pk, "title_en": "Slides"}
    response = admin_client.post(url, form | {"file": SimpleUploadedFile("a.docx", data)})
    assert response.status_code == (200 if message else 302)
    if message:
        assert field_errors(response) == {"file": message}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
def test_a_damaged_picture_is_a_message_beside_the_field(admin_client, name):
    story = StoryFactory()
    url = admin_url("story", "change", story.pk)
    data = form_data(admin_client, url) | {"pictures-TOTAL_FORMS": 1, "pictures-0-order": 0, "pictures-0-alt_en": "A"}
    cut = SimpleUploadedFile(name, WHOLE[name][: len(WHOLE[name]) // 2])
    response = admin_client.post(url, data | {"pictures-0-picture": cut})
    assert "This is not a picture that can be read" in field_errors(response)["pictures-0-picture"]


@pytest.mark.django_db
def test_files_with_names_that_no_field_has_are_passed_over(admin_client):
    transcript = TranscriptFactory()
    url = admin_url("transcript", "change", transcript.pk)
    strange = {
        name: SimpleUploadedFile("a.txt", b"Hi") for name in ("note", "x", "-", "parts-0-file", "pk", "language-1-")
    }
    assert admin_client.post(url, strange | form_data(admin_client, url)).status_code == 302


def test_every_form_that_takes_files_looks_at_them_before_its_transaction():
    takes_files = []
    for model, model_admin in admin.site._registry.items():
        shown = [model, *(inline.model for inline in model_admin.inlines)]
        if any(isinstance(field, models.FileField) for one in shown for field in one._meta.fields):
            takes_files.append(model.__name__)
            assert isinstance(model_admin, UploadAdminMixin), model
    assert len(takes_files) == 9


def test_the_kinds_that_are_damaged_here_are_all_that_are_accepted():
    accepted = {".jpg", ".png", ".webp"}
    for model in (Handout, Recording, Transcript):
        accepted.update(model._meta.get_field("file").validators[0].extensions)
    assert {re.sub(r"^.*\.", ".", name) for name in WHOLE} == accepted
