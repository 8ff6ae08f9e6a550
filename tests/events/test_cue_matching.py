"""Which passages keep their links over a new upload, and that finding them costs no more than the files deserve."""

import random

import pytest

from events.domain.cue_matching import match_passages
from tests.growth import grows_in_proportion

TALK = [
    "Good morning and welcome to this webinar.",
    "Today we begin with Seul, a city of ten million.",
    "Yes.",
    "Its traffic lights know where the buses are.",
    "Yes.",
    "I thank the ministry, and give the floor to Busan.",
    "Thank you all.",
]


@pytest.mark.parametrize(
    ("new", "pairs"),
    [
        (TALK, dict(enumerate(range(7)))),
        ([], {}),
        (["An opening.", *TALK], {j: j - 1 for j in range(1, 8)}),
        (TALK[2:], {j: j + 2 for j in range(5)}),
        ([TALK[6], *TALK[:6]], {0: 6, **{j: j - 1 for j in range(1, 7)}}),
        ([*TALK[:1], TALK[1].replace("Seul", "SEOUL"), *TALK[2:]], dict(enumerate(range(7)))),
        ([*TALK[:4], "Not a word of it is the same.", *TALK[5:]], {0: 0, 1: 1, 2: 2, 3: 3, 5: 5, 6: 6}),
        (["Yes.", *TALK], {**{j: j - 1 for j in range(1, 8)}}),
        ([TALK[0].upper().replace(" ", "  "), "Nothing else."], {0: 0}),
    ],
)
def test_the_same_words_corrected_words_and_moved_words_are_found(new, pairs):
    assert match_passages(TALK, new) == pairs


def test_a_long_paragraph_with_corrections_is_itself():
    words = [f"word{number * 7919 % 1000}" for number in range(20_000)]
    corrected = [*words[:50], "and", "more", *words[51:19_000]]
    assert match_passages([" ".join(words)], [" ".join(corrected)]) == {0: 0}
    assert match_passages([" ".join(words)], ["Quite another talk. " * 5_000]) == {}


def _sentences(text):
    return [text[start : start + 40] for start in range(0, len(text), 40)]


def _mixed(text):
    """Sentences without order, each of them once."""
    shuffled = [f"{number} {sentence}" for number, sentence in enumerate(_sentences(text))]
    random.Random(1).shuffle(shuffled)
    return shuffled


@pytest.mark.parametrize(
    "sides",
    [
        pytest.param(lambda text: ([text], [f"{text[:100]}x{text}"]), id="one paragraph"),
        pytest.param(lambda text: (list(text), list(text)), id="equal lines"),
        pytest.param(lambda text: (["x", *text], [*text, "y"]), id="equal lines moved by one"),
        pytest.param(lambda text: (_sentences(text), [f"{line}!" for line in _sentences(text)]), id="all corrected"),
        pytest.param(lambda text: (_mixed(text), sorted(_mixed(text))), id="all moved"),
        pytest.param(lambda text: (_mixed(text), _mixed(text)[::-1]), id="the other way round"),
        pytest.param(lambda text: (["a" + text], ["b" + text]), id="two words"),
    ],
)
@pytest.mark.parametrize("unit", ["a", "word and ", "\u0345\u0334", "\u0345\uff9e", "日本語", "Ａ", "\n"])
def test_matching_costs_in_proportion_to_the_words(sides, unit):
    assert grows_in_proportion(lambda text: match_passages(*sides(text)), unit, 16_000)
