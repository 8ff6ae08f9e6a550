"""A list of addresses as a table in a text file (CSV): what can be invited of it, and what is wrong with the rest.

Every line with something in it becomes an addressee or a `BadLine`; a file for which that cannot be said is refused.
"""

import codecs
import csv
import dataclasses
import io
import re
import unicodedata
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from wego_portal.foundation.email_address import normalise_address
from wego_portal.foundation.translated import INTERFACE_LANGUAGES

from .invitation import Addressee

MAX_BYTES = 1_000_000
MAX_LINES = 5_000
MAX_LINE_LENGTH = 2_000  # characters, which also bounds the cells of a line
DELIMITERS = (";", "\t", ",")
# Each column by its headings, without case, spaces and signs, as English, Japanese and Korean lists have them.
HEADINGS = {
    "email": (
        "email",
        "emailaddress",
        "mail",
        "メールアドレス",
        "メール",
        "eメール",
        "이메일",
        "이메일주소",
        "전자우편",
    ),
    "language": ("language", "言語", "언어"),
    "name": ("name", "名前", "氏名", "お名前", "이름", "성명"),
}
COLUMNS = {heading: column for column, headings in HEADINGS.items() for heading in headings}


class UnreadableFileError(Exception):
    """The file as a whole cannot be used; the text says why."""


@dataclasses.dataclass(frozen=True)
class BadLine:
    """A line that is left out: its number in the file (counted from 1) and why."""

    number: int
    reason: str


def read_addresses(data: bytes) -> tuple[list[Addressee], list[BadLine]]:
    """The addressees and the bad lines of a file as Excel and others save it: UTF-8, or UTF-16 with its mark.

    Columns are parted by commas, semicolons or tabs; a first line like `sep=;` says by which. The first line after that
    names them: `email`, and if wanted `language` (en, ja, ko) and `name`, which is only shown; columns without a name
    have to be empty. Raises UnreadableFileError.
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
    if "\0" in text[:MAX_LINE_LENGTH].partition("\n")[0]:  # UTF-16 without its mark has one in every character
        raise UnreadableFileError(gettext("The file is not text in UTF-8. Save it as “CSV UTF-8”."))
    return text


def _delimiter(lines: list[str]) -> str:
    """What parts the columns: as the first line says, else what occurs in the first line that has any of them."""
    named = re.fullmatch(r'"?sep=(.)"?[;,\t]*', lines[0], re.IGNORECASE)
    if named:
        return named[1]
    return next((each for line in lines for each in DELIMITERS if each in line), ",")


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(number of its first line, cells without the space around them) of each row that has anything in it.

    Raises UnreadableFileError where quotes do not match, and where they run over a line, since they may hide others.
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
    """The columns in their order, "" for one without a heading."""
    folded = ["".join(filter(str.isalnum, unicodedata.normalize("NFKC", each).casefold())) for each in headings]
    columns = [COLUMNS.get(each, each) for each in folded]
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
