"""Nothing costly is done while the database is held: others register while a large upload is being worked on."""

import io
import os
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path

import django.core.files.move
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from PIL import Image

import events.admin.transcript
import events.domain.transcript
from events.models import Handout, Registration, StoryPicture
from tests.admin_forms import field_errors, form_data
from tests.factories.events import (
    CueFactory,
    EventFactory,
    PartFactory,
    RecordingFactory,
    StoryFactory,
    TranscriptFactory,
)
from tests.factories.organizations import BestPracticeFactory, LanguageFactory, OrganizationFactory
from tests.factories.registrations import registered
from tests.upload_files import office_file
from wego_portal.foundation import pictures

pytestmark = pytest.mark.django_db(transaction=True)

TALK = b"WEBVTT\n\n00:01.000 --> 00:04.000\n<v Lee>Good morning.\n"
SLIDES = office_file()


@pytest.fixture
def work(monkeypatch):
    """[(what, whether a transaction was open)] of costly work as it is done; `work.meanwhile` is called within it."""

    class Work(list):
        meanwhile = staticmethod(lambda: None)

    done = Work()

    def watched(module, name):
        original = getattr(module, name)

        def costly(*args, **kwargs):
            done.append((name, connection.in_atomic_block))
            done.meanwhile()
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, costly)

    watched(events.admin.transcript, "read_passages")
    watched(events.domain.transcript, "match_passages")
    watched(pictures, "_in_srgb")
    watched(zipfile, "ZipFile")
    return done


def sent(client, url, **changes):
    response = client.post(url, form_data(client, url) | changes)
    assert response.status_code == 302, field_errors(response)


def address(model, pk):
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_change", args=[pk])


def a_picture():
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "PNG")
    return SimpleUploadedFile("a.png", out.getvalue())


def test_a_transcript_is_read_and_matched_before_the_transaction(admin_client, work):
    transcript = TranscriptFactory()
    cue = CueFactory(transcript=transcript, text="Good morning, all.")
    sent(admin_client, address(type(transcript), transcript.pk), file=SimpleUploadedFile("a.vtt", TALK))
    assert list(work) == [("read_passages", False), ("match_passages", False)]
    assert transcript.cues.get().key == cue.key


def test_so_are_the_files_of_a_part(admin_client, work):
    part = PartFactory()
    transcript = TranscriptFactory(part=part)
    cue = CueFactory(transcript=transcript, text="Good morning, all.")
    sent(
        admin_client,
        address(type(part), part.pk),
        **{
            "transcripts-TOTAL_FORMS": 2,
            "transcripts-0-file": SimpleUploadedFile("a.vtt", TALK),
            "transcripts-1-language": LanguageFactory(code="ja").pk,
            "transcripts-1-kind": "translation",
            "transcripts-1-publication": "draft",
            "transcripts-1-file": SimpleUploadedFile("b.vtt", TALK),
            "handouts-TOTAL_FORMS": 1,
            "handouts-0-title_en": "Slides",
            "handouts-0-publication": "draft",
            "handouts-0-file": SimpleUploadedFile("a.docx", SLIDES),
        },
    )
    assert sorted(work) == [("ZipFile", False), *[("match_passages", False)] * 2, *[("read_passages", False)] * 2]
    assert transcript.cues.get().key == cue.key
    assert part.transcripts.get(language__code="ja").cues.get().key != cue.key
    assert Handout.objects.exists()


@pytest.mark.parametrize("factory", [EventFactory, OrganizationFactory, BestPracticeFactory])
def test_a_picture_is_decoded_before_the_transaction(admin_client, work, factory):
    row = factory(with_part=True) if factory is EventFactory else factory()
    sent(admin_client, address(type(row), row.pk), picture=a_picture(), picture_alt_en="A street")
    assert list(work) == [("_in_srgb", False)]
    row.refresh_from_db()
    assert row.picture.name.endswith(".webp")


def test_so_are_the_pictures_of_an_article(admin_client, work):
    story = StoryFactory()
    fields = {"pictures-TOTAL_FORMS": 2}
    for number in range(2):
        fields |= {f"pictures-{number}-order": number, f"pictures-{number}-alt_en": "A street"}
        fields |= {f"pictures-{number}-picture": a_picture()}
    sent(admin_client, address(type(story), story.pk), **fields)
    assert list(work) == [("_in_srgb", False)] * 2
    assert StoryPicture.objects.count() == 2


def test_others_register_while_a_transcript_is_being_worked_on(admin_client, work):
    transcript, part = TranscriptFactory(), PartFactory()
    numbers = iter(range(1, 10))
    arrived = []

    def register():
        registered(part, now=timezone.now(), number=next(numbers))
        connection.close()

    def meanwhile():
        visitor = threading.Thread(target=register)
        visitor.start()
        visitor.join(timeout=10)
        arrived.append(not visitor.is_alive())

    work.meanwhile = meanwhile
    sent(admin_client, address(type(transcript), transcript.pk), file=SimpleUploadedFile("a.vtt", TALK))
    assert arrived == [True, True]
    assert Registration.objects.count() == 2


def test_words_that_were_replaced_meanwhile_are_matched_anew(admin_client, work):
    transcript = TranscriptFactory()
    CueFactory(transcript=transcript, text="Something else.")

    def meanwhile():
        if work[-1][0] == "match_passages" and len(work) == 2:
            transcript.cues.all().delete()
            CueFactory(transcript=transcript, text="Good morning.", order=0)

    work.meanwhile = meanwhile
    sent(admin_client, address(type(transcript), transcript.pk), file=SimpleUploadedFile("a.vtt", TALK))
    assert [(cue.text, cue.speaker) for cue in transcript.cues.all()] == [("Good morning.", "Lee")]


def test_a_large_file_is_moved_into_its_place_and_not_copied(admin_client, monkeypatch, settings):
    moved, rename = [], os.rename
    monkeypatch.setattr(django.core.files.move.os, "rename", lambda *paths: moved.append(paths) or rename(*paths))
    settings.MEDIA_ROOT = tempfile.mkdtemp(dir=settings.DATA_DIR)
    recording = RecordingFactory(url="")
    film = SimpleUploadedFile("a.mp4", b"\x00\x00\x00\x18ftypisom" + bytes(settings.FILE_UPLOAD_MAX_MEMORY_SIZE))
    try:
        sent(admin_client, address(type(recording), recording.pk), file=film)
        recording.refresh_from_db()
        assert [(Path(old).parent, new) for old, new in moved] == [(settings.DATA_DIR, recording.file.path)]
    finally:
        shutil.rmtree(settings.MEDIA_ROOT)


def test_who_may_not_save_has_nothing_worked_on(registrar, work):
    transcript = TranscriptFactory()
    response = registrar.post(address(type(transcript), transcript.pk), {"file": SimpleUploadedFile("a.vtt", TALK)})
    assert response.status_code == 403
    assert list(work) == []
