"""Files of any name are stored under one that every file system takes, and downloaded under one that can be read."""

import unicodedata
from pathlib import PurePosixPath
from urllib.parse import unquote

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models

from events.models import Handout, StoryPicture, Transcript
from tests.factories.events import PartFactory, StoryFactory
from tests.factories.organizations import InitiativeFactory, LanguageFactory
from tests.upload_files import picture
from wego_portal.foundation.pictures import PictureField
from wego_portal.foundation.uploads import UploadField

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 and so on"
LETTERS = "第三回スマートシティ推進会議配布資料"
BYTES_OF_A_NAME = 255


def letters(number):
    return (LETTERS * number)[:number]


def name_of(file):
    return PurePosixPath(file.name).name


def downloaded_as(response):
    return unquote(response["Content-Disposition"].partition("filename*=utf-8''")[2])


def hand_out(admin_client, name):
    part = PartFactory()
    form = {"part": part.pk, "title_en": "Slides", "publication": "published"}
    response = admin_client.post("/admin/events/handout/add/", {**form, "file": SimpleUploadedFile(name, PDF)})
    assert response.status_code == 302, response.context["adminform"].form.errors
    return Handout.objects.get(part=part)


@pytest.mark.parametrize("number", [84, 200])
def test_a_long_name_in_japanese_is_taken_and_stays_readable(admin_client, client, number):
    first, second = (hand_out(admin_client, f"{letters(number)}.pdf") for _time in range(2))
    for handout in (first, second):
        assert len(name_of(handout.file).encode()) <= BYTES_OF_A_NAME
        response = client.get(handout.file.url)
        assert response.status_code == 200
        assert b"".join(response.streaming_content) == PDF
        assert downloaded_as(response).startswith(letters(40))
        assert downloaded_as(response).endswith(".pdf")
    assert first.file.name != second.file.name


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        (unicodedata.normalize("NFD", "ガイド 서울.pdf"), "ガイド_서울.pdf"),
        ("🎉.pdf", "file.pdf"),
        ("....pdf", "file.pdf"),
        ("a\u202efdp.PDF", "afdp.PDF"),
        ("Slides (final), v2.pdf", "Slides_final_v2.pdf"),
    ],
)
def test_what_stands_in_a_name_is_kept_where_it_can_be(admin_client, name, stored):
    assert name_of(hand_out(admin_client, name).file) == stored


@pytest.mark.parametrize("number", [84, 200])
def test_other_files_and_pictures_are_taken_too(admin_client, number):
    form = {
        "initiative": InitiativeFactory().pk,
        "title_en": "Guide",
        "publication": "published",
        "date_precision": "day",
    }
    form |= {"original_language": "en", "file": SimpleUploadedFile(f"{letters(number)}.pdf", PDF)}
    assert admin_client.post("/admin/organizations/resource/add/", form).status_code == 302
    form = {"part": PartFactory().pk, "language": LanguageFactory().pk, "kind": "original", "publication": "published"}
    form |= {"file": SimpleUploadedFile(f"{letters(number)}.txt", b"Kim: Good morning.")}
    assert admin_client.post("/admin/events/transcript/add/", form).status_code == 302
    assert len(name_of(Transcript.objects.get().file).encode()) <= BYTES_OF_A_NAME
    story = StoryFactory()
    address = f"/admin/events/story/{story.pk}/change/"
    form = {"title_en": "News", "slug": story.slug, "dateline_date": "2026-11-20", "publication": "published"}
    form |= {"original_language": "en", "pictures-TOTAL_FORMS": 1, "pictures-INITIAL_FORMS": 0}
    form |= {"pictures-0-picture": SimpleUploadedFile(f"{letters(number)}.png", picture(kind="PNG"))}
    form |= {"pictures-0-alt_en": "A street", "pictures-0-order": 0}
    assert admin_client.post(address, form).status_code == 302
    assert len(name_of(StoryPicture.objects.get().picture).encode()) <= BYTES_OF_A_NAME


@pytest.mark.parametrize("size", [10, 3_000_000])
def test_a_name_that_is_all_ending_is_refused_in_words(admin_client, size):
    form = {"part": PartFactory().pk, "title_en": "Slides", "publication": "published"}
    form |= {"file": SimpleUploadedFile(f"会議.{letters(200)}", PDF.ljust(size))}
    response = admin_client.post("/admin/events/handout/add/", form)
    assert "is not accepted here" in response.context["adminform"].form.errors["file"][0]


def test_every_file_column_is_one_that_takes_any_name():
    columns = [
        field for model in apps.get_models() for field in model._meta.fields if isinstance(field, models.FileField)
    ]
    assert len(columns) >= 7
    for column in columns:
        assert isinstance(column, UploadField | PictureField), column
