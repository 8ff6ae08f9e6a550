"""Sets of characters that text is checked, cleaned and compared by.

Here because what visitors send is refused, and what staff writes is cleaned, by the same sets.
"""

import re
import unicodedata

# Control characters and line ends, halves of characters.
REFUSED_CATEGORIES = {"Cc", "Cs", "Zl", "Zp"}
# What stands for bytes that could not be read.
UNREADABLE = "\ufffd"
# Marks that turn the direction of what follows, beyond the text itself (Unicode Standard Annex 9, 2.2 and 2.4).
BIDI_CONTROLS = "\u202a-\u202e\u2066-\u2069"
# Code points that are no characters (Unicode, 23.7).
NO_CHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
SURROGATES = "\ud800-\udfff"
BYTE_ORDER_MARK = "\ufeff"

# What nobody sees and no file needs: it is refused from visitors and left out of what staff writes.
REMOVED_CHARACTERS = f"{BIDI_CONTROLS}{SURROGATES}{NO_CHARACTERS}"

# Invisible characters that make no other word: format characters (category Cf), the joiner of graphemes, and the
# selectors of a character's shape.
INVISIBLE = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000e0001-\U000e007f\U000e0100-\U000e01ef"
)


def _combining_characters() -> str:
    """All characters that normalisation puts into an order of their own; halfwidth voicing marks become such."""
    blocks = (range(0x300, 0x3400), range(0xA000, 0xAC00), range(0xD7A4, 0x11F00), range(0x16A00, 0x1F000))
    return "\u0f73\u0f75\u0f81\uff9e\uff9f" + "".join(
        chr(code) for block in blocks for code in block if unicodedata.combining(chr(code))
    )


COMBINING = _combining_characters()
MAX_COMBINING_IN_A_ROW = 30  # as many as any language needs (Unicode Standard Annex 15, "Stream-Safe Text Format")
# The search for a class is ten times faster where it has nothing beyond the Basic Multilingual Plane.
_BASIC = "".join(one for one in COMBINING if one <= "\uffff")
_BEYOND_BASIC = re.compile("[\U00010000-\U0010ffff]")
_COMBINING = re.compile(f"[{_BASIC}]")
_SURPLUS = re.compile(f"([{COMBINING}]{{{MAX_COMBINING_IN_A_ROW}}})[{COMBINING}]+")


def without_surplus_marks(text: str) -> str:
    """The text with at most 30 combining marks in a row, since the cost of normalising grows with their square."""
    has_marks = not text.isascii() and (_COMBINING.search(text) or _BEYOND_BASIC.search(text))
    return _SURPLUS.sub(r"\1", text) if has_marks else text
