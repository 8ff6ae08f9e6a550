"""Loads the samples: invented events around the day of loading, so that every state of registration can be tried.

A sample that exists is never changed, because people may have registered for it.
"""

import datetime

from django.core.files.base import ContentFile
from django.utils import timezone

from events.domain.address_verification import verify_address
from events.domain.caption_file import read_passages
from events.domain.registration import register
from events.domain.registration_details import RegistrationDetails
from events.domain.transcript import replace_cues
from events.models import Event, Handout, Part, Transcript
from wego_portal.foundation.models import OutboxMail

from .events import put_event
from .rows import DATA, Row, Rows, read_rows

PRIVACY_TEXT = "Sample registration, made when the demo content was loaded."


def load_samples(rows: Rows, *, now: datetime.datetime) -> None:
    """Load sample events on days counted from the aware datetime `now`, with transcripts and registrations."""
    today = timezone.localdate(now)
    for row in read_rows("samples"):
        registrations = row.pop("registrations", [])
        materials = [(part.pop("transcripts", []), part.pop("handouts", [])) for part in row["parts"]]
        event, is_written = put_event(
            rows, {**row, "parts": [_dated(part, today) for part in row["parts"]]}, refreshable=False
        )
        if not is_written:
            continue
        for part, (transcripts, handouts) in zip(event.parts.order_by("number"), materials, strict=True):
            _put_materials(rows, part, transcripts, handouts)
        for person in registrations:
            _register(event, person, now)


def _dated(part: Row, today: datetime.date) -> Row:
    """Return the row of a part with its date: the first `weekday` (0 is Monday) at least `in_days` from today, and
    `weeks_later` after that."""
    part = dict(part)
    earliest = today + datetime.timedelta(days=part.pop("in_days"))
    days = (part.pop("weekday") - earliest.weekday()) % 7 + 7 * part.pop("weeks_later", 0)
    part["date"] = earliest + datetime.timedelta(days=days)
    opens_days_before = part.pop("opens_days_before", None)
    if opens_days_before:
        part["registration_opens_at"] = timezone.make_aware(
            datetime.datetime.combine(part["date"], datetime.time(9)) - datetime.timedelta(days=opens_days_before)
        )
    return part


def _put_materials(rows: Rows, part: Part, transcripts: list[Row], handouts: list[Row]) -> None:
    for transcript in transcripts:
        words = _file(transcript.pop("words"))
        created, _ = rows.put(Transcript, {"part": part, **transcript}, key=("part", "language"))
        replace_cues(transcript=created, passages=read_passages(words))
    for handout in handouts:
        content = _file(handout.pop("content"))
        rows.put(Handout, {"part": part, **handout, "file": content}, key=("part", "title_en"))


def _file(name: str) -> ContentFile:
    return ContentFile((DATA / "files" / name).read_bytes(), name=name)


def _register(event: Event, person: Row, now: datetime.datetime) -> None:
    """Register a person as a visitor would, but without a mail, since the addresses are invented."""
    details = RegistrationDetails(
        organization_name="Sample organization", position="", privacy_text=PRIVACY_TEXT, **person
    )
    parts = [part for part in event.parts.all() if part.starts_at]
    register(event=event, parts=parts, details=details, now=now)
    registration = event.registrations.get(contact__email=person["email"])
    verify_address(registration=registration, now=now, with_preferences=True)
    OutboxMail.objects.filter(parameters__registration=registration.pk).delete()
