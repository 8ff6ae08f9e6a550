"""A transcript's page and files: readable text, links to passages and into the video, honest where words lack."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from events.domain.caption_file import read_passages
from tests.factories.events import CueFactory, EventFactory, PartFactory, RecordingFactory, TranscriptFactory
from tests.factories.organizations import LanguageFactory
from wego_portal.foundation.publication import Publication

pytestmark = pytest.mark.django_db


def transcript_with(passages=1, **fields):
    transcript = TranscriptFactory(**fields)
    for number in range(passages):
        start = number * 10_000
        CueFactory(transcript=transcript, text=f"Words {number}.", speaker="Lee", start_ms=start, end_ms=start + 900)
    return transcript


def page(client, transcript, **query):
    response = client.get(transcript.get_absolute_url(), query)
    assert response.status_code == 200
    return response.content.decode()


def file(client, transcript, file_format, status=200):
    address = reverse("events:transcript_file", args=[transcript.part.event.slug, transcript.pk, file_format])
    response = client.get(address)
    assert response.status_code == status
    return response


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_the_same_for_one_row_and_for_three(client, rows, django_assert_num_queries):
    part = PartFactory()
    for _ in range(rows - 1):
        PartFactory(event=part.event)
    transcript = transcript_with(rows * 40, part=part, recording=RecordingFactory(part=part))
    for code in ["ja", "ko", "fr"][:rows]:
        TranscriptFactory(part=part, language=LanguageFactory(code=code))
    with django_assert_num_queries(4):  # transcript, passages, parts, other languages
        page(client, transcript)


def test_each_passage_can_be_linked_and_leads_into_the_video(client):
    part = PartFactory()
    transcript = transcript_with(
        2, part=part, recording=RecordingFactory(part=part, url="https://youtu.be/abcdefghijk")
    )
    cue = CueFactory(transcript=transcript, text="I ask.", speaker="Kim", start_ms=95_400)
    html = page(client, transcript)
    assert f'id="{cue.key}"' in html
    assert f'href="#{cue.key}"' in html
    assert 'href="https://youtu.be/abcdefghijk?t=95s" data-seek="95.4"' in html
    assert "Loads from YouTube when you press play" in html
    assert html.count("Lee") == 1


def test_times_lead_nowhere_without_a_published_recording(client):
    part = PartFactory()
    hidden = RecordingFactory(part=part, publication=Publication.DRAFT)
    html = page(client, transcript_with(2, part=part, recording=hidden))
    assert "youtu" not in html
    assert "0:00" in html


def test_words_that_are_sought_are_marked_and_listed(client):
    transcript = transcript_with(0)
    cue = CueFactory(transcript=transcript, text="<b>Digital</b> twins")
    html = page(client, transcript, q="digital")
    assert "“digital” was said in 1 passage" in html
    assert f'<span id="{cue.key}">&lt;b&gt;<mark>Digital</mark>&lt;/b&gt; twins</span>' in html
    assert "“nowhere” is not in this transcript" in page(client, transcript, q="nowhere")


@pytest.mark.parametrize(("typed", "message"), [("x" * 101, "at most 100 characters"), ("(", "“(” is not in")])
def test_odd_searches_get_a_clear_answer(client, typed, message):
    assert message in page(client, transcript_with(), q=typed)


def test_the_page_says_language_kind_and_sample(client):
    transcript = transcript_with(language=LanguageFactory(code="ja"), kind="translation", is_sample=True)
    html = page(client, transcript)
    assert "Transcript in Japanese" in html
    assert "Translation" in html
    assert "badge--sample" in html
    assert '<div class="said" lang="ja">' in html


def test_other_languages_of_the_same_part_are_named(client):
    transcript = transcript_with()
    other = TranscriptFactory(part=transcript.part, language=LanguageFactory(code="ja"))
    hidden = TranscriptFactory(part=transcript.part, language=LanguageFactory(code="fr"), publication=Publication.DRAFT)
    html = page(client, transcript)
    assert f"/transcripts/{other.pk}/" in html
    assert f"/transcripts/{hidden.pk}/" not in html


def test_a_transcript_without_words_says_so(client):
    transcript = transcript_with(0)
    html = page(client, transcript)
    assert "The words are not here" in html
    assert "Download" not in html
    file(client, transcript, "txt", status=404)


def test_files_hold_the_words_and_say_what_they_are(client):
    transcript = transcript_with(2, part__event__title_en="Smart City 101", is_sample=True)
    assert "Subtitles (VTT)" in page(client, transcript)
    vtt = file(client, transcript, "vtt")
    assert vtt["Content-Type"] == "text/vtt; charset=utf-8"
    assert vtt["Content-Disposition"].endswith('-1-en.vtt"')
    assert "00:00:10.000 --> 00:00:10.900\n<v Lee>Words 1." in vtt.content.decode()
    text = file(client, transcript, "txt").content.decode()
    assert text.startswith("Smart City 101\n")
    assert "This is a sample." in text
    assert "This is a sample." in vtt.content.decode()
    assert "[0:10] Words 1." in text


def test_a_downloaded_vtt_file_can_be_uploaded_again(client):
    transcript = transcript_with(3)
    data = file(client, transcript, "vtt").content
    assert [passage.text for passage in read_passages(SimpleUploadedFile("again.vtt", data))] == [
        cue.text for cue in transcript.cues.all()
    ]


def test_text_without_times_has_no_subtitles(client):
    transcript = transcript_with(0)
    CueFactory(transcript=transcript)
    html = page(client, transcript)
    assert "Plain text (TXT)" in html
    assert "Subtitles (VTT)" not in html
    file(client, transcript, "vtt", status=404)
    file(client, transcript, "pdf", status=404)


@pytest.mark.parametrize("hidden", ["transcript", "event"])
def test_drafts_show_neither_page_nor_file(client, hidden):
    event = EventFactory(publication=Publication.DRAFT if hidden == "event" else Publication.PUBLISHED)
    transcript = transcript_with(
        part=PartFactory(event=event),
        publication=Publication.DRAFT if hidden == "transcript" else Publication.PUBLISHED,
    )
    assert client.get(transcript.get_absolute_url()).status_code == 404
    file(client, transcript, "txt", status=404)


def test_an_old_address_leads_to_the_new_one(client):
    transcript = transcript_with()
    old = transcript.get_absolute_url()
    transcript.part.event.slug = "renamed"
    transcript.part.event.save()
    response = client.get(old)
    assert response.status_code == 301
    assert response["Location"] == f"/events/renamed/transcripts/{transcript.pk}/"


def test_an_address_of_nothing_is_a_404(client):
    assert client.get("/events/x/transcripts/99999999999999999999999/").status_code == 404
