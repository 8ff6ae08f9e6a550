"""Uploaded transcripts: every line is words or markup of the format, or the file is refused with the line's number."""

import contextlib
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import example, given
from hypothesis import strategies as st

from events.domain.caption_file import Passage, read_passages
from tests.growth import grows_in_proportion


def read(text, name):
    return read_passages(SimpleUploadedFile(name, text.encode()))


def cue(words, file_format="vtt"):
    """The words of a file with one passage, as it is read."""
    head = "WEBVTT\n\n00:01.000 --> 00:02.000\n" if file_format == "vtt" else "1\n00:00:01,000 --> 00:00:02,000\n"
    return [(passage.speaker, passage.text) for passage in read(head + words + "\n", f"a.{file_format}")]


@pytest.mark.parametrize(
    "block",
    [
        "1\n00:00:01 --> 00:00:02\nHello",  # no milliseconds
        "00:00:01,000 --> 00:00:02,000\nHello",  # no number
        "7\n00:00:01.000-->00:00:02.000\nHello",
        "1\n00:01,000 --> 00:02,000 X1:10 X2:20 Y1:1 Y2:2\nHello",
    ],
)
def test_an_srt_passage_that_can_be_understood_is_read(block):
    other = "9\n00:01:00,000 --> 00:01:01,000\nOther"
    assert read(f"{block}\n\n{other}", "a.srt") == [
        Passage("Hello", "", 1000, 2000),
        Passage("Other", "", 60_000, 61_000),
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\nHello\n\nand more", "Line 5 has no times: “and more”"),
        ("a.srt", "1\n\n00:00:01,000 --> 00:00:02,000\nHello", "Line 1 has no times: “1”"),
        ("a.srt", "Hello\n00:00:01,000 --> 00:00:02,000\nthere", "Line 1 has no times: “Hello”"),
        ("a.srt", "1\n00:00:01,5 --> 00:00:02,000\nHello", "Line 2 cannot be read: “00:00:01,5 -->"),
        ("a.srt", "1\n00:00:01:000 --> 00:00:02:000\nHello", "Line 2 cannot be read"),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000 Hello", "Line 2 cannot be read"),
        ("a.srt", "1\n00:61:01,000 --> 00:62:02,000\nHello", "Line 2 has times that cannot be"),
        ("a.srt", "1\n00:01,0 -> 00:02,0\nHello", "Line 1 has no times: “1”"),
        (
            "a.srt",
            "1\n00:00:01,000 --> 00:00:02,000\nHello\n2\n00:00:03,000 --> 00:00:04,000\nthere",
            "Line 5 has times in the midst of words",
        ),
        ("a.vtt", "WEBVTT\nHello", "Line 2 cannot be read: “Hello”. Leave an empty line"),
        ("a.vtt", "WEBVTT\n00:01.000 --> 00:02.000\nHello", "Line 2 cannot be read"),
        ("a.vtt", "WEBVTTHello", "its first line has to be WEBVTT"),
        ("a.vtt", "WEBVTT\n\nHello\nthere", "Line 3 has no times: “Hello”"),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n \nthere", "Line 6 has no times: “there”"),
        ("a.vtt", "WEBVTT\n\nNOTE\n00:01.000 --> 00:02.000\nHello", "Line 4 has times in the midst of words"),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n\nSTYLE\nHello", "Line 6 has no times: “STYLE”"),
        ("a.vtt", "WEBVTT\r\rNOTE x\r\r00:01.000 --> 00:02.000 Hello", "Line 5 cannot be read"),
        ("a.vtt", "WEBVTT\n\n00:01.000 --> 00:02.000\n<v " + "A" * 151 + ">x", "Line 3: the name of a speaker"),
    ],
)
def test_a_line_that_cannot_be_accounted_for_is_named(name, text, message):
    with pytest.raises(ValidationError) as refusal:
        read(text, name)
    assert message in refusal.value.messages[0]


def test_what_is_not_said_in_a_vtt_file_is_known_by_the_format():
    head = "WEBVTT - a title\nKind: captions\nLanguage: en\n\nSTYLE\n::cue(b) { color: red }\n\nREGION\nid:one"
    note, times = "NOTE by hand\nand more", "a name\n00:01.000 --> 00:02.000 align:start position:10%"
    text = f"{head}\n\n{note}\n\n{times}\nHello\n\nNOTE\nthe end"
    assert read(text, "a.vtt") == [Passage("Hello", "", 1000, 2000)]


@pytest.mark.parametrize("file_format", ["vtt", "srt"])
@pytest.mark.parametrize(
    "words",
    [
        "If cost < 5 million and benefit > 3 million",
        "a <b and c> d",
        "<laughs> thank you",
        "x<y>z, 1<2>1 and <> too",
        "R&D at AT&T; Q&A &copy 2020",
        "an open <c.red and no end",
    ],
)
def test_what_is_no_tag_is_words(words, file_format):
    assert cue(words, file_format) == [("", words)]


@pytest.mark.parametrize(
    ("words", "file_format", "found"),
    [
        ("<i>a</i> <b.loud>b</b> <u>c</u> <c.red.big>d</c>", "vtt", [("", "a b c d")]),
        (
            "<ruby>漢<rt>kan</rt></ruby> <lang en-GB>colour</lang> 1<00:00:01.500>2<00:01.600>3",
            "vtt",
            [("", "漢kan colour 123")],
        ),
        ("<v.loud Ann Lee>Hi</v> all", "vtt", [("Ann Lee", "Hi"), ("", "all")]),
        ("<v\tAnn>a\n<v B &amp; C>b", "vtt", [("Ann", "a"), ("B & C", "b")]),
        ("&lt;b&gt; &amp;lt; &#65;", "vtt", [("", "<b> &lt; A")]),
        ('<I>a</I> <font color="#ff0000">b</font>', "srt", [("", "a b")]),
        ("<v Ann>Hi</v>", "srt", [("", "<v Ann>Hi</v>")]),
    ],
)
def test_real_tags_are_no_words(words, file_format, found):
    assert cue(words, file_format) == found


def test_characters_that_no_page_or_file_can_hold_are_left_out():
    hidden = "a\x0bb \u202ec\u202c &#x202e;d&#x2066; e\x07 \x1b[0m"
    assert cue(hidden) == [("", "a b c d e [0m")]
    assert cue("<v A\u202e>e\u0301")[0] == ("A", "é")
    assert read("Le\u0000".replace("\0", "\x01") + "e: hi", "a.txt") == [Passage("hi", "Le e")]
    assert read("a" + "\u0345" * 50, "a.txt") == [Passage("a" + "\u0345" * 30)]


WORD = "§"  # a place for a word that has to be found again
LINES = st.sampled_from(
    [
        *[
            WORD,
            f"{WORD} {WORD}",
            f"<i>{WORD}</i>",
            f"<v Ann>{WORD}</v> {WORD}",
            f"{WORD} < 5 and {WORD} > 3",
            f"<{WORD}>",
        ],
        *[
            f"Ann: {WORD}",
            f"- {WORD}",
            f"{WORD}&amp;{WORD}",
            f"{{{WORD}}}",
            f"{WORD} --> {WORD}",
            f"1 {WORD}",
            "1",
            "2020",
        ],
        *[
            "",
            "",
            "",
            " ",
            "\u3000",
            "-->",
            "00:01 --> 00:02",
            "00:00:01,000 --> 00:00:02,000",
            "00:01.000 --> 00:02.000",
        ],
        *[
            "00:00:01 --> 00:00:02 line:0",
            f"00:00:01 --> 00:00:02 {WORD}",
            "00:02.000 --> 00:01.000",
            f"00:01.0 {WORD}",
        ],
        *[f"NOTE {WORD}", f"NOTE{WORD}", "NOTE", "STYLE", f"Kind: {WORD}", "WEBVTT"],
    ]
)


GOOD = {
    "a.vtt": ["00:01.000 --> 00:02.000", WORD],
    "a.srt": ["1", "00:00:01,000 --> 00:00:02,000", WORD],
    "a.txt": [WORD],
}
BLOCKS = st.lists(st.none() | st.lists(LINES, max_size=4), max_size=5)


@given(blocks=BLOCKS, name=st.sampled_from(list(GOOD)), end=st.sampled_from(["\n", "\r", "\r\n"]))
@example(blocks=[None, ["2", "00:00:01 --> 00:00:02", WORD]], name="a.srt", end="\n")
@example(blocks=[None, [f"{WORD} < 5 and {WORD} > 3"]], name="a.vtt", end="\n")
def test_every_word_is_read_or_its_file_is_refused(blocks, name, end):
    """Words are numbered; what is missing from the passages has to stand where the format has no words."""
    lines = [line for block in blocks for line in [*(GOOD[name] if block is None else block), ""]]
    numbers = iter(range(10**6))
    lines = [re.sub(WORD, lambda _found: f"w{next(numbers)}w", line) for line in lines]
    if name == "a.vtt":
        lines = ["WEBVTT", "", *lines]
    with contextlib.suppress(ValidationError):
        passages = read(end.join(lines), name)
        read_words = re.findall(r"w\d+w", " ".join(f"{passage.speaker} {passage.text}" for passage in passages))
        assert read_words == [word for line in _said(lines, name) for word in re.findall(r"w\d+w", line)]


def _said(lines, name):
    """The lines that hold words: all but a VTT file's beginning, its notes and styles, and the names of passages."""
    if name != "a.vtt":
        return lines
    said, block = [], []
    for line in [*lines, ""]:
        if line.strip():
            block.append(line)
            continue
        is_unsaid = block and (block[0] == lines[0] or block[0].split()[0] in ("NOTE", "STYLE", "REGION"))
        has_name = len(block) > 1 and "-->" in block[1]
        said += [] if is_unsaid else block[has_name:]
        block = []
    return said


PATTERNS = [
    *[
        "a",
        "word ",
        "a\u0345\u0334",
        "\u0345",
        "\u0345\uff9e",
        ".",
        "-",
        "--",
        "-->",
        "<",
        ">",
        "<v",
        "<v.",
        "<v a",
        "<v.a",
        "</v",
        "<b>",
        "<c.",
        "<0",
    ],
    *[
        "@",
        "&",
        "&#",
        "&amp;",
        ":",
        "a:",
        "A: ",
        '"',
        "'",
        " ",
        "\t",
        "\n",
        "\n ",
        "\r\n",
        "a\n",
        "a\n\n",
        "1\n",
        "\xa0",
        "\x0b",
    ],
    *[
        "Ａ",
        "：",
        "日本",
        "é",
        "👍🏽",
        "\u202e",
        "00:01.000 --> 00:02.000\n",
        "1\n00:01,000 --> 00:02,000\na\n\n",
        "NOTE\n\n",
        "x1:1 ",
    ],
]


@pytest.mark.parametrize("file_format", ["vtt", "srt", "txt"])
def test_no_file_costs_more_than_in_proportion_to_its_length(file_format):
    """Each pattern in the words, below the first line, and as the times' line."""
    heads = {
        "vtt": ["WEBVTT\n\n00:01.000 --> 00:02.000\n<v", "WEBVTT\n", "WEBVTT\n\n00:01.000 --> 00:02.000"],
        "srt": ["1\n00:00:01,000 --> 00:00:02,000\n", "", "1\n00:00:01,000 --> 00:00:02,000"],
        "txt": [""],
    }[file_format]

    def work(text):
        with contextlib.suppress(ValidationError):
            read(head + text, f"a.{file_format}")

    for head in heads:
        for pattern in PATTERNS:
            assert grows_in_proportion(work, pattern, 16_000), (head, pattern)
