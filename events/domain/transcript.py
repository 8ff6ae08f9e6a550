"""Transcripts: keeping the lasting keys of cues over a new upload, and writing the words out again."""

import dataclasses
import html
from collections.abc import Iterable, Sequence

from django.db import transaction

from wego_portal.foundation.fold import find_folded

from ..models import Cue, Transcript
from .caption_file import Passage
from .cue_matching import match_passages

SENTENCE_ENDS = (".", "?", "!", "。", "？", "！", "”", "」")
BATCH_SIZE = 500  # rows a statement


@dataclasses.dataclass(frozen=True)
class Matching:
    """Which cues, by primary key in their order, a transcript had, and which of them each new passage keeps."""

    had: list[int]
    kept: dict[int, int]


def match_cues(*, transcript_id: int | None, passages: Sequence[Passage]) -> Matching:
    """Match the passages of a new file with the cues of a transcript. Costs seconds for the longest: call it before a
    transaction begins.
    """
    had = list(Cue.objects.filter(transcript=transcript_id).order_by("order", "pk").values_list("pk", "text"))
    pairs = match_passages([text for _pk, text in had], [passage.text for passage in passages])
    return Matching([pk for pk, _text in had], {new: had[old][0] for new, old in pairs.items()})


def replace_cues(*, transcript: Transcript, passages: Sequence[Passage], matching: Matching | None = None) -> None:
    """Make `passages` the transcript's words. What was there before, or nearly so, keeps its cue and its key.

    `matching` is what `match_cues` returned for the same passages.
    """
    matching = matching or match_cues(transcript_id=transcript.pk, passages=passages)
    with transaction.atomic():
        Transcript.objects.select_for_update().get(pk=transcript.pk)
        old = {cue.pk: cue for cue in transcript.cues.order_by("order", "pk")}
        if list(old) != matching.had:  # somebody else replaced the words since they were matched
            matching = match_cues(transcript_id=transcript.pk, passages=passages)
        changed, added = [], []
        for order, passage in enumerate(passages):
            values = {"order": order, **vars(passage)}
            key = matching.kept.get(order)
            cue = old.pop(key, None) if key is not None else None
            if cue is None:
                added.append(Cue(transcript=transcript, **values))
            elif any(getattr(cue, name) != value for name, value in values.items()):
                vars(cue).update(values)
                changed.append(cue)
        gone = list(old)
        for start in range(0, len(gone), BATCH_SIZE):
            Cue.objects.filter(pk__in=gone[start : start + BATCH_SIZE]).delete()
        # An upsert: a tenth of the time of bulk_update, which everybody else who writes waits for.
        fields = ["order", *(field.name for field in dataclasses.fields(Passage))]
        Cue.objects.bulk_create(changed, BATCH_SIZE, update_conflicts=True, unique_fields=["id"], update_fields=fields)
        Cue.objects.bulk_create(added, BATCH_SIZE)


def timestamp(milliseconds: int | None) -> str:
    """A time from the beginning as readers write it: "1:35", "1:02:05"; "" where there is none."""
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(milliseconds // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _stamp(milliseconds: int) -> str:
    """A time as VTT files write it: 00:01:02.500."""
    hours, rest = divmod(milliseconds, 3_600_000)
    return f"{hours:02d}:{rest // 60_000:02d}:{rest // 1000 % 60:02d}.{rest % 1000:03d}"


def as_vtt(cues: Iterable[Cue], *, heading: Iterable[str]) -> str:
    """The cues as a VTT file, with `heading` (lines) as its first note. Raises ValueError where a cue has no times."""
    note = [" ".join(line.split()).replace("-->", "→") for line in heading if line.strip()]
    blocks = ["WEBVTT", *(["\n".join(["NOTE", *note])] if note else [])]
    for cue in cues:
        if cue.start_ms is None or cue.end_ms is None:
            raise ValueError("a passage without times cannot be written as VTT")
        voice = f"<v {html.escape(cue.speaker, quote=False)}>" if cue.speaker else ""
        voice = voice.replace("-->", "&#45;->")  # of a name that ends in two dashes; an arrow is for times alone
        words = voice + html.escape(cue.text, quote=False)
        blocks.append(f"{cue.key}\n{_stamp(cue.start_ms)} --> {_stamp(cue.end_ms)}\n{words}")
    return "\n\n".join(blocks) + "\n"


def as_text(cues: Iterable[Cue], *, heading: Iterable[str]) -> str:
    """The cues as plain text: `heading` (lines), then each passage with its time and speaker where known."""
    paragraphs = ["\n".join(line for line in heading if line)]
    speaker = ""
    for cue in cues:
        time = f"[{timestamp(cue.start_ms)}] " if cue.start_ms is not None else ""
        named = f"{cue.speaker}: " if cue.speaker and cue.speaker != speaker else ""
        speaker = cue.speaker or speaker
        paragraphs.append(f"{time}{named}{cue.text}")
    return "\n\n".join(paragraphs) + "\n"


@dataclasses.dataclass
class Paragraph:
    """Passages that read as one: of one speaker, in their order. `speaker` is "" where it goes on or is unknown."""

    speaker: str
    cues: list[Cue]

    @property
    def first(self) -> Cue:
        """The passage it begins with, whose time and link are the paragraph's."""
        return self.cues[0]


def paragraphs(cues: Iterable[Cue]) -> list[Paragraph]:
    """The cues as paragraphs: subtitles are joined to about ten lines of one speaker, plain text keeps its own."""
    found: list[Paragraph] = []
    speaker, length = "", 0
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


def excerpt(text: str, words: str, length: int = 200) -> str:
    """About `length` characters of the text around the first occurrence of `words`, with "…" where it was cut."""
    if len(text) <= length:
        return text
    found = next(find_folded(text, words), (0, 0))[0]
    start = max(found - length // 3, 0)
    end = min(start + length, len(text))
    return ("…" if start else "") + text[start:end].strip() + ("…" if end < len(text) else "")
