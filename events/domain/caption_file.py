"""Reads an uploaded VTT, SRT or text file into passages. No line is skipped: each is words, or markup of the format, or
the file is refused with the line's number. Cost grows in proportion to the file.
"""

import dataclasses
import html
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from django.core.exceptions import ValidationError
from django.core.files import File
from django.utils.translation import gettext as _

from wego_portal.foundation.clean_text import clean_line

from ..models import Cue

MAX_PASSAGES = 20_000  # ten hours of subtitles
MAX_SPEAKER_LENGTH = Cue._meta.get_field("speaker").max_length or 0
MAX_MILLISECONDS = 2**31 - 1  # what the database's column holds
QUOTED_LENGTH = 60  # characters of a refused line that the message repeats

# Milliseconds may be missing, and hours; seconds are never guessed from one or two digits after the point.
_TIME = r"(?:(\d{1,6}):)?(\d{1,2}):(\d{2})(?:[.,](\d{3}))?"
TIMING_LINE = re.compile(rf"\A{_TIME}[ \t]*-->[ \t]*{_TIME}((?:[ \t]+\S+)*)", re.ASCII)
# Where a caption stands on the screen: WebVTT 3.1 (cue settings), and the corners that some SRT files give.
CUE_SETTING = re.compile(r"(?:vertical|line|position|size|align|region|[XY][12]):\S+", re.IGNORECASE)
# Lines below WEBVTT, such as "Kind: captions", "X-TIMESTAMP-MAP=LOCAL:…".
HEADER_LINE = re.compile(r"\A[A-Za-z][\w-]*[ \t]*[:=].*", re.DOTALL)

# Tags as the formats define them (WebVTT 3.2 and 3.3; of SRT what players know). Everything else is words.
VTT_TAG = re.compile(
    r"</(?P<end>c|i|b|u|v|lang|ruby|rt)>"
    r"|<(?:c|i|b|u|ruby|rt)(?:\.[^\s.<>]+)*>"
    r"|<(?P<named>v|lang)(?:\.[^\s.<>]+)*(?:\s(?P<name>[^<>]*))?>"
    r"|<(?:\d{2,6}:)?\d{2}:\d{2}\.\d{3}>",
    re.ASCII,
)
SRT_TAG = re.compile(r"</?(?:i|b|u)>|<font(?:\s[^<>]*)?>|</font>", re.IGNORECASE)
CHARACTER_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
LINE_END = re.compile(r"\r\n|\r|\n")  # WebVTT 4.1; characters such as U+2028 stay in their line

# "Kyong-yul Lee: Good morning" or "司会：それでは": a short name of words with capitals, or in a script without them.
SPEAKER_LINE = re.compile(r"\A([^\W\d_][^:：\n]{0,79}?)\s*(?::\s+|：\s*)(\S.*)", re.DOTALL)
CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")


@dataclasses.dataclass(frozen=True)
class Passage:
    """A passage as it was read from a file; times are milliseconds from the beginning, None in plain text."""

    text: str
    speaker: str = ""
    start_ms: int | None = None
    end_ms: int | None = None


@dataclasses.dataclass(frozen=True)
class _Block:
    """Lines between empty lines; `number` is the first line's, counted from 1."""

    number: int
    lines: list[str]


def read_passages(upload: File) -> list[Passage]:
    """The passages of an uploaded VTT, SRT or text file. Raises ValidationError."""
    extension = PurePosixPath(upload.name or "").suffix.lower()
    lines = LINE_END.split(_decode(upload))
    passages = []
    for number, passage in READERS[extension](lines):
        if len(passage.speaker) > MAX_SPEAKER_LENGTH:
            raise ValidationError(
                _("Line %(line)s: the name of a speaker is longer than %(most)s characters: “%(name)s…”."),
                params={"line": number, "most": MAX_SPEAKER_LENGTH, "name": passage.speaker[:40]},
            )
        passages.append(passage)
        if len(passages) > MAX_PASSAGES:
            raise ValidationError(
                _("This file has more than %(most)s passages. Divide it."), params={"most": MAX_PASSAGES}
            )
    if not passages:
        raise ValidationError(_("There are no words in this file."))
    return passages


def _decode(upload: File) -> str:
    """The text of the file, in UTF-8, or in UTF-16 where it begins with a byte order mark."""
    upload.seek(0)
    data = upload.read()
    upload.seek(0)
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        raise ValidationError(_("The letters of this file cannot be read. Save it as UTF-8 and upload it again."))
    if "\0" in text:
        raise ValidationError(_("This is not a text file."))
    return text


def _blocks(lines: list[str], start: int = 0) -> Iterator[_Block]:
    """The runs of lines that are not empty, from the index `start` on."""
    block = None
    for index in range(start, len(lines)):
        if not lines[index] or lines[index].isspace():
            if block:
                yield block
            block = None
        elif block:
            block.lines.append(lines[index])
        else:
            block = _Block(index + 1, [lines[index]])
    if block:
        yield block


def _refusal(message: str, number: int, line: str) -> ValidationError:
    """The message with the line's number and its beginning; `message` has %(line)s and %(text)s."""
    shown = clean(line)
    text = shown[:QUOTED_LENGTH] + ("…" if len(shown) > QUOTED_LENGTH else "")
    return ValidationError(message, params={"line": number, "text": text})


def _read_vtt(lines: list[str]) -> Iterator[tuple[int, Passage]]:
    """Passages of a WebVTT file (WebVTT 4.1 and 6), each with its line's number."""
    if not re.match(r"WEBVTT(?:[ \t]|$)", lines[0]):
        raise ValidationError(_("This is not a VTT file: its first line has to be WEBVTT."))
    end_of_header = next((index for index, line in enumerate(lines) if not line.strip()), len(lines))
    for index in range(1, end_of_header):
        if "-->" in lines[index] or not HEADER_LINE.fullmatch(lines[index]):
            raise _refusal(
                _("Line %(line)s cannot be read: “%(text)s”. Leave an empty line below the lines that begin the file."),
                index + 1,
                lines[index],
            )
    has_cues = False
    for block in _blocks(lines, end_of_header):
        first = block.lines[0]
        is_note = re.match(r"NOTE(?:[ \t]|$)", first)
        is_style = not has_cues and first.rstrip() in ("STYLE", "REGION")
        if is_note or is_style:
            _refuse_times(block, 0)
            continue
        has_cues = True
        yield from _read_cue(block, VTT_TAG)


def _read_srt(lines: list[str]) -> Iterator[tuple[int, Passage]]:
    """Passages of an SRT file, each with its line's number."""
    for block in _blocks(lines):
        yield from _read_cue(block, SRT_TAG)


def _read_cue(block: _Block, tag: re.Pattern[str]) -> Iterator[tuple[int, Passage]]:
    """The passages of a block with times: one, or one for each person who speaks.

    A line before the times is the block's name in VTT, its number in SRT.
    """
    has_name = "-->" not in block.lines[0] and len(block.lines) > 1
    if has_name and tag is SRT_TAG and not block.lines[0].strip().isdecimal():
        has_name = False  # words that would be lost
    timing_number = block.number + has_name
    timing = block.lines[has_name]
    if "-->" not in timing:
        raise _refusal(
            _(
                "Line %(line)s has no times: “%(text)s”. A passage is a line such as 00:01:02.500 --> 00:01:05.000,"
                " then its words, then an empty line."
            ),
            block.number,
            block.lines[0],
        )
    found = TIMING_LINE.fullmatch(timing.strip(" \t"))
    if not found or not all(CUE_SETTING.fullmatch(word) for word in found[9].split()):
        raise _refusal(
            _("Line %(line)s cannot be read: “%(text)s”. Times are written like 00:01:02.500 --> 00:01:05.000."),
            timing_number,
            timing,
        )
    start, end = (_milliseconds(found.groups()[index : index + 4]) for index in (0, 4))
    if start is None or end is None or end > MAX_MILLISECONDS:
        raise _refusal(
            _("Line %(line)s has times that cannot be: “%(text)s”. They go from 00:00:00.000 to 596:00:00.000."),
            timing_number,
            timing,
        )
    if end < start:
        raise _refusal(_("Line %(line)s ends before it begins: “%(text)s”."), timing_number, timing)
    _refuse_times(block, has_name + 1)
    for speaker, words in _voices("\n".join(block.lines[has_name + 1 :]), tag):
        yield timing_number, Passage(words, speaker, start, end)


def _milliseconds(groups: tuple[str | None, ...]) -> int | None:
    """Hours, minutes, seconds and milliseconds as milliseconds; None where an hour would have 60 minutes or more."""
    hours, minutes, seconds, milliseconds = (int(group or 0) for group in groups)
    if minutes > 59 or seconds > 59:
        return None
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + milliseconds


def _refuse_times(block: _Block, first: int) -> None:
    """Refuse a block with an arrow in the line with index `first` or later: an empty line is missing before it."""
    for index in range(first, len(block.lines)):
        if "-->" in block.lines[index]:
            raise _refusal(
                _("Line %(line)s has times in the midst of words: “%(text)s”. Leave an empty line before a passage."),
                block.number + index,
                block.lines[index],
            )


def _voices(raw: str, tag: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """(speaker, words) of a caption's text, in order. Without voice tags the words may begin with "Name: "."""
    speaker, pieces, position = "", [], 0
    for found in tag.finditer(raw):
        pieces.append(raw[position : found.start()])
        position = found.end()
        groups = found.groupdict()
        if groups.get("named") == "v" or groups.get("end") == "v":
            yield from _spoken(speaker, pieces)
            pieces = []
            speaker = clean(_unescape(groups["name"] or ""))
    pieces.append(raw[position:])
    yield from _spoken(speaker, pieces)


def _spoken(speaker: str, pieces: list[str]) -> Iterator[tuple[str, str]]:
    words = _joined(_unescape("".join(pieces)).split("\n"))
    if words and not speaker:
        speaker, words = _named(words)
    if words:
        yield speaker, words


def _unescape(text: str) -> str:
    """The text with `&amp;` and other complete character references as the characters they stand for."""
    return CHARACTER_REFERENCE.sub(lambda found: html.unescape(found[0]), text)


def _read_paragraphs(lines: list[str]) -> Iterator[tuple[int, Passage]]:
    """Passages of plain text: paragraphs between empty lines, and a new one at each line that names a speaker."""
    for block in _blocks(lines):
        number, speaker = block.number, ""
        spoken: list[str] = []
        for index, line in enumerate(block.lines):
            name, words = _named(clean(line))
            if name and spoken:
                yield number, Passage(_joined(spoken), speaker)
                spoken = []
            if name:
                number, speaker = block.number + index, name
            spoken.append(words)
        if words := _joined(spoken):
            yield number, Passage(words, speaker)


def _named(line: str) -> tuple[str, str]:
    """("Kyong-yul Lee", "Good morning") of "Kyong-yul Lee: Good morning"; ("", line) where no name stands in front."""
    found = SPEAKER_LINE.fullmatch(line)
    if found:
        words = found[1].split()
        # "Three things: ..." is a sentence, "Lee Kyong-yul: ..." a name; particles such as "van" and "of" are short.
        if len(words) <= 8 and all(len(word) <= 3 or not word[0].islower() for word in words):
            return found[1], found[2]
    return "", line


def clean(line: str) -> str:
    """A line as it is stored (`clean_line`), with single spaces."""
    return " ".join(clean_line(line).split())


def _joined(lines: list[str]) -> str:
    """Lines as one text: with a space between them, but none between Japanese or Chinese letters."""
    text: list[str] = []
    for line in filter(None, map(clean, lines)):
        if text and not (CJK.match(text[-1][-1]) and CJK.match(line[0])):
            text.append(" ")
        text.append(line)
    return "".join(text)


READERS = {".vtt": _read_vtt, ".srt": _read_srt, ".txt": _read_paragraphs}
