"""What can be watched and read, grouped by the part of an event that it is left of. Published rows only."""

import datetime
from collections.abc import Iterable

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery

from wego_portal.foundation.fold import folded_contains

from ..models import Cue, Part, Recording, Transcript
from ..models.recording import RecordingQuerySet
from ..models.transcript import TranscriptQuerySet

RECORDINGS, TRANSCRIPTS = "recordings", "transcripts"


def _recordings(now: datetime.datetime, language: str = "") -> RecordingQuerySet:
    rows = Recording.objects.published(now)
    return rows.filter(language__code=language) if language else rows


def _transcripts(now: datetime.datetime, language: str = "") -> TranscriptQuerySet:
    rows = Transcript.objects.published(now)
    return rows.filter(language__code=language) if language else rows


def _can_be_watched(now: datetime.datetime, language: str) -> Exists:
    return Exists(_recordings(now, language).available().filter(part=OuterRef("pk")))


def _can_be_read(now: datetime.datetime, language: str) -> Exists:
    return Exists(_transcripts(now, language).with_words().filter(part=OuterRef("pk")))


def parts_to_watch(
    parts: QuerySet[Part], now: datetime.datetime, *, what: str = "", language: str = ""
) -> QuerySet[Part]:
    """Those of `parts` with a recording or transcript, in `language` (a code) where given.

    `what` "recordings" asks for one that can be watched, "transcripts" for one with words; otherwise one that is only
    known to exist will do.
    """
    if what == RECORDINGS:
        return parts.filter(_can_be_watched(now, language))
    if what == TRANSCRIPTS:
        return parts.filter(_can_be_read(now, language))
    return parts.filter(
        Exists(_recordings(now, language).filter(part=OuterRef("pk")))
        | Exists(_transcripts(now, language).filter(part=OuterRef("pk")))
    )


def count_parts_to_watch(parts: QuerySet[Part], now: datetime.datetime, *, language: str = "") -> dict[str, int]:
    """{"": parts with anything, "recordings": parts to watch, "transcripts": parts to read}, in one query."""
    counts = parts_to_watch(parts, now, language=language).aggregate(
        everything=Count("pk"),
        recordings=Count("pk", filter=Q(_can_be_watched(now, language))),
        transcripts=Count("pk", filter=Q(_can_be_read(now, language))),
    )
    return {"": counts["everything"], RECORDINGS: counts["recordings"], TRANSCRIPTS: counts["transcripts"]}


def prefetch_for_cards(parts: QuerySet[Part], now: datetime.datetime, *, words: str = "") -> QuerySet[Part]:
    """The parts, newest first, with all that their cards read, in four queries; `hit` is the first cue with `words`."""
    transcripts = _transcripts(now).annotate_has_words()
    siblings = Part.objects.filter(event=OuterRef("event")).order_by().values("event").annotate(count=Count("pk"))
    parts = (
        parts.select_related("event__series", "event__place")
        .annotate(parts_count=Subquery(siblings.values("count")))
        .prefetch_related(
            Prefetch("recordings", _recordings(now).select_related("language"), to_attr="published_recordings"),
            Prefetch("transcripts", transcripts.select_related("language"), to_attr="published_transcripts"),
        )
        .order_by(F("earliest").desc(), "-pk")
    )
    if words:
        cues = Cue.objects.filter(
            folded_contains(words),
            transcript__part=OuterRef("pk"),
            transcript__in=Transcript.objects.published(now),
        )
        parts = parts.annotate(hit=Subquery(cues.order_by("transcript", "order").values("pk")[:1]))
    return parts


def add_passages(parts: Iterable[Part]) -> None:
    """Give each part of a list with `hit` its `passage`, the cue found. One query."""
    hits = {part.pk: part.hit for part in parts}  # type: ignore[attr-defined]  # a column that the query adds
    cues = Cue.objects.select_related("transcript__language").in_bulk([hit for hit in hits.values() if hit])
    for part in parts:
        part.passage = cues.get(hits[part.pk])
