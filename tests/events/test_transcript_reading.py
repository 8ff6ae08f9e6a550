"""Uploaded transcripts: what is read, what is refused with which words, and which links go on working."""

import html

import pytest
import webvtt
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import example, given
from hypothesis import strategies as st

from events.domain.caption_file import Passage, clean, read_passages
from events.domain.transcript import as_text, as_vtt, excerpt, paragraphs, replace_cues
from events.models import Cue
from tests.factories.events import TranscriptFactory

VTT = """WEBVTT

NOTE made by hand

1
00:00:01.000 --> 00:00:04.500
<v Kyong-yul Lee>Good morning &amp; <i>welcome</i>
to this webinar.

00:01:02.000 --> 00:01:05.000
<v.loud 司会>それでは、
始めます。</v>
"""


def read(text, name="talk.vtt"):
    data = text if isinstance(text, bytes) else text.encode()
    return read_passages(SimpleUploadedFile(name, data))


def test_a_vtt_file_is_read_with_its_speakers_and_times():
    assert read(VTT) == [
        Passage("Good morning & welcome to this webinar.", "Kyong-yul Lee", 1000, 4500),
        Passage("それでは、始めます。", "司会", 62_000, 65_000),
    ]


def test_two_people_in_one_caption_become_two_passages():
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Ready?</v> <v Bob>Yes.</v>\n"
    assert [(passage.speaker, passage.text) for passage in read(text)] == [("Ann", "Ready?"), ("Bob", "Yes.")]


def test_an_srt_file_is_read_with_names_in_front_of_words():
    text = "\ufeff1\n00:00:01,000 --> 00:00:02,000\nKim: Hello A&B\n\n2\n00:00:03,000 --> 00:00:04,000\nand more\n"
    assert read(text.replace("\n", "\r\n"), "talk.SRT") == [
        Passage("Hello A&B", "Kim", 1000, 2000),
        Passage("and more", "", 3000, 4000),
    ]


def test_plain_text_is_read_by_paragraphs_and_names():
    text = (
        "Kyong-yul Lee: Good morning.\nWelcome.\nModerator: Thank you.\n\nThree things: one, two, three.\n\n司会：次へ"
    )
    assert read(text, "talk.txt") == [
        Passage("Good morning. Welcome.", "Kyong-yul Lee"),
        Passage("Thank you.", "Moderator"),
        Passage("Three things: one, two, three."),
        Passage("次へ", "司会"),
    ]


def test_utf_16_of_a_text_editor_is_read():
    assert read("Hello".encode("utf-16"), "talk.txt") == [Passage("Hello")]


@pytest.mark.parametrize(
    ("data", "name", "message"),
    [
        ("hello", "talk.vtt", "This is not a VTT file: its first line has to be WEBVTT."),
        ("hello", "talk.srt", "Line 1 has no times: “hello”."),
        ("WEBVTT\n\n00:00 --> later\nhello", "talk.vtt", "Line 3 cannot be read: “00:00 --> later”."),
        (
            "WEBVTT\n\n00:05.000 --> 00:01.000\nhello",
            "talk.vtt",
            "Line 3 ends before it begins: “00:05.000 --> 00:01.000”.",
        ),
        ("WEBVTT\n\n9999:00:05.000 --> 9999:00:06.000\nhello", "talk.vtt", "Line 3 has times that cannot be"),
        ("WEBVTT\n", "talk.vtt", "There are no words in this file."),
        (" \n\n ", "talk.txt", "There are no words in this file."),
        ("안녕".encode("cp949"), "talk.txt", "Save it as UTF-8"),
        ("a\0b", "talk.txt", "This is not a text file."),
        (f"WEBVTT\n\n00:05.000 --> 00:06.000\n<v {'a' * 151}>hello", "talk.vtt", "longer than 150 characters"),
        ("a\n\n" * 20_001, "talk.txt", "more than 20000 passages"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(data, name, message):
    with pytest.raises(ValidationError) as refusal:
        read(data, name)
    assert message in refusal.value.messages[0]


def keys(transcript):
    return {cue.text: cue.key for cue in transcript.cues.all()}


@pytest.mark.django_db
def test_passages_keep_their_links_over_a_new_upload():
    transcript = TranscriptFactory()
    first = "Good morning and welcome.\n\nWe begin with Seul, a city.\n\nThis goes.\n\nThank you all."
    replace_cues(transcript=transcript, passages=read(first, "a.txt"))
    before = keys(transcript)
    rows = set(transcript.cues.values_list("pk", flat=True))
    second = (
        "An opening.\n\nThank you all.\n\nGood  morning and welcome.\n\nLee: We begin with Seoul, a city.\n\nQuestions?"
    )
    replace_cues(transcript=transcript, passages=read(second, "b.txt"))
    after = keys(transcript)
    assert list(after) == [
        "An opening.",
        "Thank you all.",
        "Good morning and welcome.",
        "We begin with Seoul, a city.",
        "Questions?",
    ]
    assert after["Good morning and welcome."] == before["Good morning and welcome."]
    assert after["We begin with Seoul, a city."] == before["We begin with Seul, a city."]
    assert after["Thank you all."] == before["Thank you all."]
    assert {after["An opening."], after["Questions?"]}.isdisjoint(before.values())
    assert len(rows & set(transcript.cues.values_list("pk", flat=True))) == 3
    assert transcript.cues.get(text="We begin with Seoul, a city.").speaker == "Lee"


@pytest.mark.django_db
def test_an_upload_of_another_transcript_is_left_alone():
    other = TranscriptFactory()
    replace_cues(transcript=other, passages=[Passage("Hello")])
    transcript = TranscriptFactory()
    replace_cues(transcript=transcript, passages=[Passage("Hello")])
    replace_cues(transcript=transcript, passages=[])
    assert Cue.objects.get().transcript == other


@pytest.mark.django_db
def test_what_is_written_out_is_read_the_same_again():
    transcript = TranscriptFactory()
    passages = [*read(VTT), Passage("1 < 2 & <v Bob> --> x", "A & <B>", 70_000, 3_700_001)]
    replace_cues(transcript=transcript, passages=passages)
    written = as_vtt(transcript.cues.all(), heading=["A title --> with an arrow"])
    assert read(written) == passages
    assert str(transcript.cues.first().key) in written


WORDS = st.text(alphabet=st.sampled_from(list("ab <>&;:#/vi-.–é日：\u200b👍\u0301\n\x0b")), min_size=1, max_size=30)


@given(words=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4))
@example(words=[("a --> b", "NOTE"), ("<v X>&amp;&lt;", "STYLE"), ("A: b", "\n"), ("WEBVTT", "A: b")])
def test_any_words_are_written_out_and_read_again(words):
    """Also by a reader of others; what no passage can hold, such as a word of spaces alone, is left out beforehand."""
    spoken = [(clean(text), clean(speaker)) for text, speaker in words]
    cues = [
        Cue(text=text, speaker=speaker or "Lee", start_ms=number, end_ms=number + 1)
        for number, (text, speaker) in enumerate(spoken)
        if text
    ]
    written = as_vtt(cues, heading=["A title --> with an arrow", " ", "NOTE\n\n00:01.000 --> 00:02.000"])
    expected = [Passage(cue.text, cue.speaker, cue.start_ms, cue.end_ms) for cue in cues]
    assert (read(written) if cues else []) == expected
    elsewhere = webvtt.from_string(written)
    assert [caption.identifier for caption in elsewhere] == [str(cue.key) for cue in cues]
    assert [html.unescape(caption.raw_text) for caption in elsewhere] == [
        f"<v {cue.speaker}>{cue.text}" for cue in cues
    ]


@given(words=st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=4))
def test_text_that_is_written_out_holds_every_word(words):
    """Times and names stand before the words, and a reader of plain text finds all of it again."""
    cues = [Cue(text=clean(text), speaker=clean(speaker), start_ms=0) for text, speaker in words if clean(text)]
    again = read(as_text(cues, heading=["A title"]), "a.txt")
    assert [passage.text for passage in again][1:] == [
        f"[0:00] {clean(line)}" for line in as_text(cues, heading=[]).split("[0:00] ")[1:]
    ]


@pytest.mark.django_db
def test_text_names_each_speaker_once_in_turn():
    cues = [
        Cue(text="One.", speaker="Lee", start_ms=0),
        Cue(text="Two.", speaker="Lee", start_ms=5000),
        Cue(text="No."),
    ]
    assert as_text(cues, heading=["Title", "", "Day"]) == "Title\nDay\n\n[0:00] Lee: One.\n\n[0:05] Two.\n\nNo.\n"


def test_subtitles_are_joined_into_paragraphs_of_one_speaker():
    cues = [Cue(text="x" * 100 + ".", speaker="Lee", start_ms=step) for step in range(10)]
    cues += [Cue(text="And I.", speaker="Kim", start_ms=11), Cue(text="Go on.", start_ms=12)]
    found = paragraphs(cues)
    assert [(paragraph.speaker, len(paragraph.cues)) for paragraph in found] == [("Lee", 5), ("", 5), ("Kim", 2)]


def test_an_excerpt_shows_the_words_wherever_they_stand():
    assert excerpt("a " * 300 + "needle" + " b" * 300, "NEEDLE").count("needle") == 1
    assert excerpt("short", "needle") == "short"
