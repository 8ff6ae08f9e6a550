"""How the cost of a function grows with the length of what it is given."""

import time
from collections.abc import Callable

ATTEMPTS = 4
TIMES = 4  # the longer input is as many times the shorter
MOST = 2 * TIMES  # in proportion it costs as many times as much, squared 16 times
UNNOTICED = 0.002  # seconds: less than this is the clock's own noise


def grows_in_proportion(work: Callable[[str], object], unit: str, length: int) -> bool:
    """Whether work on `unit` repeated to four times `length` costs less than eight times as much; best of several."""
    short, long = unit * (length // len(unit)), unit * (TIMES * length // len(unit))
    shortest = longest = float("inf")
    for _attempt in range(ATTEMPTS):
        shortest, longest = min(shortest, _seconds(work, short)), min(longest, _seconds(work, long))
        if longest < MOST * max(shortest, UNNOTICED):
            return True
    return False


def _seconds(work: Callable[[str], object], text: str) -> float:
    """The processor's time, which others on the machine do not add to."""
    start = time.thread_time()
    work(text)
    return time.thread_time() - start
