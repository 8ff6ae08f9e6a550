"""Which passages of a new file are those that a transcript has already, so that links to them go on working.

Cost grows in proportion to the words of both, whatever they are.
"""

import functools
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from .caption_file import clean

# Two passages are one with a correction when they share this part of their runs of three letters, and then only this
# near each other. Of a long passage only the beginning is compared.
MIN_SIMILARITY = 0.5
MAX_DISTANCE = 3
MAX_COMPARED = 2_000  # characters


def match_passages(old: Sequence[str], new: Sequence[str]) -> dict[int, int]:
    """{index in `new`: index in `old`} of texts that are the same in the same order, corrected, or moved."""
    before, after = [_comparable(text) for text in old], [_comparable(text) for text in new]
    pairs = _unchanged_in_order(before, after)
    for old_run, new_run in list(_gaps(pairs, len(before), len(after))):
        pairs.update(_corrected_cues(before, after, old_run, new_run))
    pairs.update(_moved_cues(before, after, pairs))
    return pairs


def _comparable(text: str) -> str:
    """What is compared: letters without regard to case, width, and spaces."""
    return "".join(unicodedata.normalize("NFKC", clean(text)).casefold().split())


def _unchanged_in_order(before: list[str], after: list[str]) -> dict[int, int]:
    """Pairs of equal texts that cross no other pair: those that stand once on each side, and their equal neighbours."""
    place = {text: index for index, text in enumerate(before)}
    count_before, count_after = Counter(before), Counter(after)
    once = [(j, place[text]) for j, text in enumerate(after) if count_after[text] == count_before[text] == 1]
    anchors = _longest_increasing_subsequence(once)
    pairs = {}
    last = (-1, -1)
    for j, i in [*anchors, (len(after), len(before))]:
        # Forward from the pair before, then back from this one, as far as the texts are equal.
        first_j, first_i = last[0] + 1, last[1] + 1
        while first_j < j and first_i < i and after[first_j] == before[first_i]:
            pairs[first_j] = first_i
            first_j, first_i = first_j + 1, first_i + 1
        back_j, back_i = j - 1, i - 1
        while back_j >= first_j and back_i >= first_i and after[back_j] == before[back_i]:
            pairs[back_j] = back_i
            back_j, back_i = back_j - 1, back_i - 1
        if j < len(after):
            pairs[j] = i
        last = (j, i)
    return pairs


def _longest_increasing_subsequence(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most pairs, in their order, whose second numbers rise: patience sorting, n log n steps."""
    tops: list[int] = []
    top_indexes: list[int] = []
    previous: list[int | None] = []
    for index, (_j, i) in enumerate(pairs):
        pile = bisect_left(tops, i)
        previous.append(top_indexes[pile - 1] if pile else None)
        tops[pile : pile + 1] = [i]
        top_indexes[pile : pile + 1] = [index]
    rising: list[tuple[int, int]] = []
    top = top_indexes[-1] if top_indexes else None
    while top is not None:
        rising.append(pairs[top])
        top = previous[top]
    return rising[::-1]


def _gaps(pairs: dict[int, int], old_length: int, new_length: int) -> Iterator[tuple[range, range]]:
    """The runs of old and of new indexes between pairs, where both have any."""
    last_j, last_i = -1, -1
    for j, i in [*sorted(pairs.items()), (new_length, old_length)]:
        if j - last_j > 1 and i - last_i > 1:
            yield range(last_i + 1, i), range(last_j + 1, j)
        last_j, last_i = j, i


def _corrected_cues(before: list[str], after: list[str], old_run: range, new_run: range) -> dict[int, int]:
    """Pairs in runs of passages that differ: those whose words are nearly the same, in order."""

    @functools.lru_cache(maxsize=4 * MAX_DISTANCE)
    def old_pieces(i: int) -> frozenset[str]:
        return _pieces(before[i])

    pairs, first_free = {}, old_run.start
    for step, j in enumerate(new_run):
        centre = old_run.start + step
        near = range(max(first_free, centre - MAX_DISTANCE), min(old_run.stop, centre + MAX_DISTANCE + 1))
        if not near:
            continue
        pieces = _pieces(after[j])
        alike, best = max((_similarity(old_pieces(i), pieces), -i) for i in near)
        if alike >= MIN_SIMILARITY:
            pairs[j], first_free = -best, -best + 1
    return pairs


def _pieces(text: str) -> frozenset[str]:
    """The runs of three letters at the beginning of a text, which shows its ends too."""
    text = f"\n{text[:MAX_COMPARED]}\n"
    return frozenset(text[index : index + 3] for index in range(len(text) - 2))


def _similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """The part of the pieces that both have (Dice's coefficient), from 0 to 1."""
    return 2 * len(one & other) / (len(one) + len(other) or 1)


def _moved_cues(before: list[str], after: list[str], pairs: dict[int, int]) -> dict[int, int]:
    """Pairs of equal texts among those that have none yet, in order."""
    taken, free = set(pairs.values()), defaultdict(list)
    for i in reversed(range(len(before))):
        if i not in taken:
            free[before[i]].append(i)
    return {j: free[text].pop() for j, text in enumerate(after) if j not in pairs and free.get(text)}
