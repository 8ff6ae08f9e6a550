"""Whether work grows worse than in proportion to what it is given, measured so that a busy machine does not matter."""

import time
from collections.abc import Callable, Sequence
from typing import Any

# Texts that grow by a repeated unit: letters, marks, signs, spaces, line ends, full width, and what joins them.
UNITS = [
    *("a", "A1", "é", "京", "한", "م", "a\u0301", "\u0345", "\u0334", "\ufdfa", "\u200b", "🏙"),
    *(".", "-", "a.", "a-", "ab.c", "@", "a@", "a@b.", "/", "a/", ":", "://", "www."),
    *("<", "<a", "<v.", ">", '"', "'", "&", "%", "\\", "(", "[", "0", "1 ", "+", "="),
    *(" ", "\t", "\u3000", "a ", "\n", "\r\n", " \n", "a\n", "ａ", "．", "＠", "＜"),
]
# One of each kind, for what takes long to try.
FEW_UNITS = ["a", "é", "a\u0301", ".", "-", "@", "a@b.", "<", '"', " ", "\r\n", "ａ", "/"]
# Runs of a mark in two parts, of different classes, which are put in order when a text is normalised.
MIXED = [("a\u0345", "\u0334"), ("a\u0334", "\u0345"), (" ", "x"), ("a", "@")]
MAX_RATIO = 3.0  # twice the input may cost three times as much; what is quadratic costs four times as much
ATTEMPTS = 4


def texts(length: int, units: Sequence[str] = UNITS) -> dict[str, str]:
    """A text of about `length` bytes for each unit and mixture, by what it is made of."""
    made = {unit: _repeated(unit, length) for unit in units}
    for first, second in MIXED:
        made[first + second] = _repeated(first, length // 2) + _repeated(second, length // 2)
    return made


def _repeated(unit: str, length: int) -> str:
    return unit * (length // len(unit.encode(errors="surrogatepass")))


def cost(work: Callable[[Any], object], given: Any, times: int = 1) -> float:
    """The least processor time (seconds) that this thread needs for `work` on what is given, of several times."""
    least = float("inf")
    for _ in range(times):
        begun = time.thread_time()
        work(given)
        least = min(least, time.thread_time() - begun)
    return least


def grows_too_fast(work: Callable[[Any], object], single: Any, double: Any, floor: float) -> bool:
    """Whether `work` on `double` costs more than its length over `single` deserves.

    Below `floor` (seconds) nothing is said: what is cheap at a length that is allowed may grow as it likes.
    """
    if cost(work, double) < floor:
        return False
    return all(
        cost(work, double, times=2) > MAX_RATIO * cost(work, single, times=3) + floor / 2 for _ in range(ATTEMPTS)
    )


def grows_in_proportion(work: Callable[[str], object], unit: str, length: int) -> bool:
    """Whether work on `unit` repeated to four times `length` costs no more than that deserves over twice `length`."""
    single, double = unit * (2 * length // len(unit)), unit * (4 * length // len(unit))
    return not grows_too_fast(work, single, double, floor=0.004)
