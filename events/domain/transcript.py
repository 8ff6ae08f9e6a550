"""Transcripts: reading an uploaded file into cues, keeping the cues' lasting keys, and writing the words out again."""

import dataclasses
import difflib
import html
import io
import re
import unicodedata
from pathlib import PurePosixPath

import webvtt
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from webvtt.errors import MalformedCaptionError, MalformedFileError
from webvtt.models import Caption

from ..models import Cue, Transcript

MOST_PASSAGES = 20_000  # ten hours of subtitles
LONGEST_SPEAKER = Cue._meta.get_field("speaker").max_length
VOICE = re.compile(r"<v(?:\.[^\s.<>]*)*[ \t]([^<>]*)>")
TAG = re.compile(r"<[^<>]*>")
# "Kyong-yul Lee: Good morning" or "司会：それでは": a short name of words with capitals, or in a script without them.
SPEAKER_LINE = re.compile(r"([^\W\d_][^:：\n]{0,79}?)\s*(?::\s+|：\s*)(\S.*)", re.DOTALL)
SENTENCE_ENDS = (".", "?", "!", "。", "？", "！", "”", "」")
CJK = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")

# Two passages are one with a correction when their letters agree to this share, and then only this near each other.
SIMILAR = 0.7
NEAR = 3


@dataclasses.dataclass(frozen=True)
class Passage:
    """A passage as it was read from a file; times are milliseconds from the beginning, None in plain text."""

    text: str
    speaker: str = ""
    start_ms: int | None = None
    end_ms: int | None = None


def read_passages(upload):
    """The passages of an uploaded VTT, SRT or text file. Raises ValidationError."""
    extension = PurePosixPath(upload.name).suffix.lower()
    text = _decode(upload)
    passages = _read_paragraphs(text) if extension == ".txt" else _read_captions(text, extension.removeprefix("."))
    if not passages:
        raise ValidationError(_("There are no words in this file."))
    if len(passages) > MOST_PASSAGES:
        raise ValidationError(
            _("This file has more than %(most)s passages. Divide it."), params={"most": MOST_PASSAGES}
        )
    for passage in passages:
        if len(passage.speaker) > LONGEST_SPEAKER:
            raise ValidationError(
                _("The name of a speaker is longer than %(most)s characters: “%(name)s…”."),
                params={"most": LONGEST_SPEAKER, "name": passage.speaker[:40]},
            )
    return passages


def _decode(upload):
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


def _read_captions(text, file_format):
    """Passages of a VTT or SRT file; a caption in which several people speak becomes one passage each."""
    try:
        captions = webvtt.WebVTT.from_buffer(io.StringIO(text), format=file_format, **_strictness(file_format))
    except MalformedCaptionError as error:
        raise ValidationError(
            _("This passage cannot be read: %(error)s. Times are written like 00:01:02.500 --> 00:01:05.000."),
            params={"error": str(error)[:200]},
        )
    except MalformedFileError:
        if file_format == "vtt":
            raise ValidationError(_("This is not a VTT file: its first line has to be WEBVTT."))
        raise ValidationError(
            _("This is not an SRT file: each passage has a number, then 00:01:02,500 --> 00:01:05,000, then its words.")
        )
    passages = []
    for caption in captions:
        start, end = caption.start_time.in_milliseconds(), caption.end_time.in_milliseconds()
        if end < start:
            raise ValidationError(
                _("A passage ends before it begins: %(times)s."), params={"times": f"{caption.start} --> {caption.end}"}
            )
        if end > 2**31 - 1:
            raise ValidationError(
                _("A passage lies more than 24 days after the beginning: %(time)s."), params={"time": caption.end}
            )
        passages += [Passage(words, speaker, start, end) for speaker, words in _voices(caption.raw_text)]
    return passages


def _strictness(file_format):
    """A broken VTT cue is refused, not skipped; the library has no such setting for SRT."""
    return {"strict": True} if file_format == "vtt" else {}


def _voices(raw):
    """(speaker, words) of a caption's raw text, in order. SRT files have no voice tags and write "Name: words"."""
    before, *voices = VOICE.split(raw)
    spoken = [("", before), *zip(voices[::2], voices[1::2], strict=True)]
    for speaker, words in spoken:
        words = _one_line(html.unescape(TAG.sub("", words)))
        speaker = _one_line(html.unescape(speaker))
        if words and not speaker:
            speaker, words = _named(words)
        if words:
            yield speaker, words


def _read_paragraphs(text):
    """Passages of plain text: paragraphs between empty lines, and a new one at each line that names a speaker."""
    passages = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n").replace("\r", "\n")):
        speaker, lines = "", []
        for line in filter(None, (_one_line(line) for line in block.split("\n"))):
            name, words = _named(line)
            if name and lines:
                passages.append(Passage(_joined(lines), speaker))
                lines = []
            if name:
                speaker = name
            lines.append(words)
        if lines:
            passages.append(Passage(_joined(lines), speaker))
    return passages


def _named(line):
    """("Kyong-yul Lee", "Good morning") of "Kyong-yul Lee: Good morning"; ("", line) where no name stands in front."""
    found = SPEAKER_LINE.fullmatch(line)
    if found:
        words = found[1].split()
        # "Three things: ..." is a sentence, "Lee Kyong-yul: ..." a name; particles such as "van" and "of" are short.
        if len(words) <= 8 and all(len(word) <= 3 or not word[0].islower() for word in words):
            return found[1], found[2]
    return "", line


def _one_line(text):
    """The text with every run of white space as one space, without characters that only steer a terminal."""
    visible = "".join(c for c in text if c.isspace() or unicodedata.category(c) != "Cc")
    return _joined(visible.splitlines())


def _joined(lines):
    """Lines as one text: with a space between them, but none between Japanese or Chinese letters."""
    text = ""
    for line in (" ".join(line.split()) for line in lines):
        glue = "" if not text or not line or (CJK.match(text[-1]) and CJK.match(line[0])) else " "
        text += glue + line
    return text


def replace_cues(*, transcript, passages):
    """Make `passages` the transcript's words. What was there before, or nearly so, keeps its cue and its key."""
    with transaction.atomic():
        Transcript.objects.select_for_update().get(pk=transcript.pk)
        old = list(transcript.cues.order_by("order", "pk"))
        kept = _kept(old, passages)
        changed, added = [], []
        for order, passage in enumerate(passages):
            cue = kept.get(order)
            values = {"order": order, **dataclasses.asdict(passage)}
            if cue is None:
                added.append(Cue(transcript=transcript, **values))
                continue
            if any(getattr(cue, name) != value for name, value in values.items()):
                for name, value in values.items():
                    setattr(cue, name, value)
                changed.append(cue)
        staying = {cue.pk for cue in kept.values()}
        for cue in old:
            if cue.pk not in staying:
                cue.delete()
        Cue.objects.bulk_update(changed, ["order", "text", "speaker", "start_ms", "end_ms"], batch_size=100)
        Cue.objects.bulk_create(added, batch_size=500)


def _same_words(text):
    """What is compared: letters without regard to case, width, and spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _kept(old, passages):
    """{index of a new passage: its old cue}: the same words in the same order, then corrected, then moved ones."""
    before = [_same_words(cue.text) for cue in old]
    after = [_same_words(passage.text) for passage in passages]
    kept, free_old, free_new = {}, [], []
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after).get_opcodes():
        if tag == "equal":
            kept.update((j1 + step, old[i1 + step]) for step in range(i2 - i1))
            continue
        corrected = _corrected(before, after, range(i1, i2), range(j1, j2)) if tag == "replace" else {}
        kept.update((j, old[i]) for j, i in corrected.items())
        free_old += [i for i in range(i1, i2) if i not in corrected.values()]
        free_new += [j for j in range(j1, j2) if j not in corrected]
    moved = {}
    for i in reversed(free_old):
        moved.setdefault(before[i], []).append(i)
    for j in free_new:
        if moved.get(after[j]):
            kept[j] = old[moved[after[j]].pop()]
    return kept


def _corrected(before, after, old_run, new_run):
    """{new: old} in a run of passages that differ: those whose words are nearly the same, in order."""
    pairs, first_free = {}, old_run.start
    for step, j in enumerate(new_run):
        centre = old_run.start + step
        near = range(max(first_free, centre - NEAR), min(old_run.stop, centre + NEAR + 1))
        best, best_ratio = None, SIMILAR
        for i in near:
            matcher = difflib.SequenceMatcher(None, before[i], after[j], autojunk=False)
            if matcher.real_quick_ratio() > best_ratio and matcher.quick_ratio() > best_ratio:
                ratio = matcher.ratio()
                if ratio > best_ratio:
                    best, best_ratio = i, ratio
        if best is not None:
            pairs[j], first_free = best, best + 1
    return pairs


def clock(milliseconds):
    """A time from the beginning as readers write it: "1:35", "1:02:05"; "" where there is none."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _stamp(milliseconds):
    hours, rest = divmod(milliseconds, 3_600_000)
    return f"{hours:02d}:{rest // 60_000:02d}:{rest // 1000 % 60:02d}.{rest % 1000:03d}"


def as_vtt(cues, *, heading):
    """The cues as a VTT file, with `heading` (lines) as its first note. Raises ValueError where a cue has no times."""
    captions = []
    for cue in cues:
        if cue.start_ms is None or cue.end_ms is None:
            raise ValueError("a passage without times cannot be written as VTT")
        voice = f"<v {html.escape(cue.speaker, quote=False)}>" if cue.speaker else ""
        words = voice + html.escape(cue.text, quote=False)
        captions.append(Caption(_stamp(cue.start_ms), _stamp(cue.end_ms), words, identifier=str(cue.key)))
    note = "\n".join(line.replace("-->", "→") for line in heading if line)
    return webvtt.WebVTT(captions=captions, header_comments=[note] if note else []).content


def as_text(cues, *, heading):
    """The cues as plain text: `heading` (lines), then each passage with its time and speaker where known."""
    paragraphs = ["\n".join(line for line in heading if line)]
    speaker = ""
    for cue in cues:
        time = f"[{clock(cue.start_ms)}] " if cue.start_ms is not None else ""
        named = f"{cue.speaker}: " if cue.speaker and cue.speaker != speaker else ""
        speaker = cue.speaker or speaker
        paragraphs.append(f"{time}{named}{cue.text}")
    return "\n\n".join(paragraphs) + "\n"


@dataclasses.dataclass
class Paragraph:
    """Passages that read as one: of one speaker, in their order. `speaker` is "" where it goes on or is unknown."""

    speaker: str
    cues: list

    @property
    def first(self):
        """The passage it begins with, whose time and link are the paragraph's."""
        return self.cues[0]


def paragraphs(cues):
    """The cues as paragraphs: subtitles are joined to about ten lines of one speaker, plain text keeps its own."""
    found, speaker, length = [], "", 0
    for cue in cues:
        new_speaker = bool(cue.speaker) and cue.speaker != speaker
        long_enough = length > 1000 or (length > 450 and found[-1].cues[-1].text.endswith(SENTENCE_ENDS))
        if not found or new_speaker or long_enough or cue.start_ms is None:
            found.append(Paragraph(cue.speaker if new_speaker else "", []))
            length = 0
        speaker = cue.speaker or speaker
        found[-1].cues.append(cue)
        length += len(cue.text)
    return found


def excerpt(text, words, length=200):
    """About `length` characters of the text around the first occurrence of `words`, with "…" where it was cut."""
    if len(text) <= length:
        return text
    start = max(text.casefold().find(words.casefold()) - length // 3, 0)
    end = min(start + length, len(text))
    return ("…" if start else "") + text[start:end].strip() + ("…" if end < len(text) else "")
