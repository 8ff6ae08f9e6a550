"""A list of addresses as a table in a text file (CSV): what can be invited of it, and what is wrong with the rest."""

import csv
import dataclasses
import io

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext

from wego_portal.foundation.translated import INTERFACE_LANGUAGES

from ..models.contact import normalise_address
from .invitation import Addressee

MOST_LINES = 5_000
COLUMNS = ("email", "language", "name")


class Unreadable(Exception):
    """The file as a whole cannot be used; the text says why."""


@dataclasses.dataclass(frozen=True)
class BadLine:
    """A line that is left out: its number in the file (the headings are line 1) and why."""

    number: int
    reason: str


def read_addresses(data):
    """(addressees, bad lines) of the bytes of a file in UTF-8, parted by commas or semicolons. Raises Unreadable.

    Its first line names the columns: `email`, and if wanted `language` (en, ja, ko) and `name`, which is only shown.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unreadable(gettext("The file is not text in UTF-8. Save it as “CSV UTF-8”."))
    first = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in first else ",")
    try:
        headings = [cell.strip().lower() for cell in next(rows, [])]
        if "email" not in headings:
            raise Unreadable(gettext("The first line has to name the columns, and one of them “email”."))
        if unknown := [heading for heading in headings if heading not in COLUMNS]:
            raise Unreadable(gettext("There is no such column here: %(names)s.") % {"names": ", ".join(unknown)})
        addressees, bad = [], []
        for cells in rows:
            if not any(cell.strip() for cell in cells):
                continue
            if len(addressees) + len(bad) >= MOST_LINES:
                raise Unreadable(gettext("More than %(most)s lines. Part the file.") % {"most": MOST_LINES})
            try:
                addressees.append(_addressee(headings, cells))
            except ValidationError as error:
                bad.append(BadLine(rows.line_num, " ".join(error.messages)))
    except csv.Error:
        raise Unreadable(gettext("Line %(number)s is not a line of a table.") % {"number": rows.line_num})
    return addressees, bad


def _addressee(headings, cells):
    if len(cells) > len(headings):
        raise ValidationError(gettext("It has more columns than the first line."))
    row = dict(zip(headings, (cell.strip() for cell in cells), strict=False))
    email, language = normalise_address(row.get("email", "")), row.get("language", "").lower() or "en"
    if not email:
        raise ValidationError(gettext("It has no address."))
    if len(email) > 254 or "\0" in email:
        raise ValidationError(gettext("Its address cannot be one."))
    validate_email(email)
    if language not in INTERFACE_LANGUAGES:
        allowed = ", ".join(INTERFACE_LANGUAGES)
        raise ValidationError(gettext("Its language is none of %(allowed)s.") % {"allowed": allowed})
    return Addressee(email, language, row.get("name", ""))
