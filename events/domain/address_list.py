"""Reading a list of addresses to invite from a table in a text file (CSV).

Each line that is not empty becomes an addressee or a `BadLine`, so that no line is lost unnoticed. Any other file is
refused as a whole.
"""

import codecs
import csv
import dataclasses
import io
import re
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from wego_portal.foundation.email_address import normalise_address
from wego_portal.foundation.fold import fold
from wego_portal.foundation.translated import INTERFACE_LANGUAGES

from .invitation import Addressee

MAX_BYTES = 1_000_000
MAX_LINES = 5_000
MAX_LINE_LENGTH = 2_000  # characters, which also bounds the cells of a line
DELIMITERS = (";", "\t", ",")
# The headings of each column in English, Japanese and Korean lists.
HEADINGS = {
    "email": (
        "email",
        "email address",
        "mail",
        "メールアドレス",
        "メール",
        "Eメール",
        "이메일",
        "이메일주소",
        "전자우편",
    ),
    "language": ("language", "言語", "언어"),
    "name": ("name", "名前", "氏名", "お名前", "이름", "성명"),
}


def _fold_heading(heading: str) -> str:
    """Return the heading for comparison: folded, only its letters and digits."""
    return "".join(filter(str.isalnum, fold(heading)))


COLUMNS = {_fold_heading(heading): column for column, headings in HEADINGS.items() for heading in headings}


class UnreadableFileError(Exception):
    """The file as a whole cannot be read; the message says why, in the interface language."""


@dataclasses.dataclass(frozen=True)
class BadLine:
    """A line that cannot be used: its number in the file, counted from 1, and the reason."""

    number: int
    reason: str


def read_addresses(data: bytes) -> tuple[list[Addressee], list[BadLine]]:
    """Return the addressees and the bad lines of a file in UTF-8, or UTF-16 with a byte order mark, as Excel saves it.

    Columns are separated by commas, semicolons or tabs, or as a first line like `sep=;` says. The headings are `email`,
    and optionally `language` (en, ja, ko) and `name`; a column without a heading has to be empty. Raises
    UnreadableFileError.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableFileError(gettext("The file is larger than 1 MB."))
    text = _decoded(data)
    lines = re.split(r"\r\n|\r|\n", text)
    if len(lines) > MAX_LINES + 2:  # headings, and what follows the last line end
        raise UnreadableFileError(gettext("More than %(most)s lines. Part the file.") % {"most": MAX_LINES})
    for number, line in enumerate(lines, 1):
        if len(line) > MAX_LINE_LENGTH:
            raise UnreadableFileError(gettext("Line %(number)s is too long.") % {"number": number})
    rows = _rows(text, _delimiter(lines))
    columns = None
    addressees, bad = [], []
    for number, cells in rows:
        if columns is None:
            columns = _columns(cells)
            continue
        try:
            addressees.append(_addressee(columns, cells))
        except ValidationError as error:
            bad.append(BadLine(number, " ".join(error.messages)))
    if columns is None:
        raise UnreadableFileError(gettext("The first line has to name the columns, and one of them “email”."))
    return addressees, bad


def _decoded(data: bytes) -> str:
    is_utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text[:MAX_LINE_LENGTH].partition("\n")[0]:  # UTF-16 without a mark has one in every ASCII letter
        raise UnreadableFileError(gettext("The file is not text in UTF-8. Save it as “CSV UTF-8”."))
    return text


def _delimiter(lines: list[str]) -> str:
    """Return the delimiter: that of a `sep=` line, else the one in the first line that has any of DELIMITERS."""
    named = re.fullmatch(r'"?sep=(.)"?[;,\t]*', lines[0], re.IGNORECASE)
    if named:
        return named[1]
    return next((each for line in lines for each in DELIMITERS if each in line), ",")


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the line number and the stripped cells of each row that is not empty.

    Raises UnreadableFileError if quotes do not match, or enclose a line break, since they may then hide other lines.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            if reader.line_num > number:
                raise csv.Error
            cells = [cell.strip() for cell in cells]
            is_instruction = number == 1 and text[:5].lower().lstrip('"').startswith("sep=")
            if any(cells) and not is_instruction:
                yield number, cells
            number = reader.line_num + 1
    except csv.Error:
        raise UnreadableFileError(gettext("Line %(number)s is not a line of a table.") % {"number": number})


def _columns(headings: list[str]) -> list[str]:
    """Return the columns in their order, "" for one without a heading."""
    columns = [COLUMNS.get(each, each) for each in map(_fold_heading, headings)]
    if "email" not in columns:
        raise UnreadableFileError(gettext("The first line has to name the columns, and one of them “email”."))
    named = [(heading, column) for heading, column in zip(headings, columns, strict=True) if heading]
    if unknown := [heading for heading, column in named if column not in HEADINGS]:
        raise UnreadableFileError(gettext("There is no such column here: %(names)s.") % {"names": ", ".join(unknown)})
    if twice := [heading for heading, column in named if columns.count(column) > 1]:
        raise UnreadableFileError(gettext("These columns are the same: %(names)s.") % {"names": ", ".join(twice)})
    return columns


def _addressee(columns: list[str], cells: list[str]) -> Addressee:
    named, rest = dict(zip(columns, cells, strict=False)), cells[len(columns) :]
    unnamed = [cell for column, cell in zip(columns, cells, strict=False) if not column]
    if any(unnamed) or any(rest):
        raise ValidationError(gettext("It has something in a column without a heading."))
    language = named.get("language", "").lower() or "en"
    if not named.get("email"):
        raise ValidationError(gettext("It has no address."))
    email = normalise_address(named["email"])
    if language not in INTERFACE_LANGUAGES:
        allowed = ", ".join(INTERFACE_LANGUAGES)
        raise ValidationError(gettext("Its language is none of %(allowed)s.") % {"allowed": allowed})
    return Addressee(email, language, named.get("name", ""))
