"""Loads the content of the app `events`: series, events with parts and everything that belongs to them, news."""

import datetime

from events.models import (
    AgendaItem,
    Appearance,
    Choice,
    Event,
    EventAudience,
    EventOrganization,
    Follows,
    Handout,
    Part,
    Question,
    Recording,
    Series,
    Story,
    Transcript,
)

from .rows import Row, Rows, parse_partial_date, read_rows

ROLES = {
    "hosts": EventOrganization.Role.HOST,
    "co_hosts": EventOrganization.Role.CO_HOST,
    "partners": EventOrganization.Role.PARTNER,
    "supporters": EventOrganization.Role.SUPPORTER,
    "observers": EventOrganization.Role.OBSERVER,
}


def load_events(rows: Rows) -> None:
    """Load series, then events in chronological order (each names earlier ones that it follows from), then news."""
    for row in read_rows("series"):
        rows.put(Series, row)
    for row in read_rows("events"):
        put_event(rows, row)
    for row in read_rows("stories"):
        rows.put(Story, row)


def put_event(rows: Rows, row: Row, *, refreshable: bool = True) -> tuple[Event, bool]:
    """Load an event with roles, audience, earlier events and parts. Returns it, and whether it was written."""
    parts, sectors, follows = row.pop("parts"), row.pop("audience_sectors", []), row.pop("follows_from", [])
    questions = row.pop("questions", [])
    roles = [(role, slug) for name, role in ROLES.items() for slug in row.pop(name, [])]
    event, is_written = rows.put(Event, row, refreshable=refreshable)
    if not is_written:
        return event, False
    for order, (role, slug) in enumerate(roles):
        rows.put(
            EventOrganization,
            {"event": event, "organization": slug, "role": role, "order": order},
            key=("event", "organization", "role"),
        )
    for sector in sectors:
        rows.put(EventAudience, {"event": event, "sector": sector}, key=("event", "sector"))
    for earlier in follows:
        rows.put(Follows, {"event": event, "earlier": earlier}, key=("event", "earlier"))
    for order, question in enumerate(questions, start=1):
        choices = question.pop("choices", [])
        asked, _is_written = rows.put(Question, {"event": event, "order": order, **question}, key=("event", "order"))
        for number, label in enumerate(choices, start=1):
            rows.put(Choice, {"question": asked, "order": number, "label": label}, key=("question", "order"))
    for number, part in enumerate(parts, start=1):
        _put_part(rows, {"event": event, "number": number, **part})
    return event, True


def _put_part(rows: Rows, row: Row) -> None:
    children = {name: row.pop(name, []) for name in ("agenda", "recordings", "transcripts", "handouts")}
    part, _ = rows.put(Part, _with_times(row), key=("event", "number"))
    for order, item in enumerate(children["agenda"], start=1):
        _put_agenda_item(rows, {"part": part, "order": order, **item})
    for recording in children["recordings"]:
        rows.put(Recording, {"part": part, **recording}, key=("part", "source"))
    for transcript in children["transcripts"]:
        rows.put(Transcript, {"part": part, **transcript}, key=("part", "language"))
    for handout in children["handouts"]:
        rows.put(Handout, {"part": part, **handout}, key=("part", "title_en"))


def _put_agenda_item(rows: Rows, row: Row) -> None:
    appearances = row.pop("appearances", [])
    item, _ = rows.put(AgendaItem, row, key=("part", "order"))
    for order, appearance in enumerate(appearances, start=1):
        rows.put(Appearance, {"item": item, "order": order, **appearance}, key=("item", "order"))


def _with_times(row: Row) -> Row:
    """Return the row of a part with date, precision and times as values; precise to the minute if it has a start."""
    date, precision = parse_partial_date(row["date"]) if isinstance(row["date"], str) else (row["date"], "day")
    times = {
        name: datetime.time.fromisoformat(row[name])
        for name in ("start_time", "end_time")
        if isinstance(row.get(name), str)
    }
    return {**row, "date": date, "precision": "minute" if "start_time" in times else precision, **times}
