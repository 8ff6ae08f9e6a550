"""Rescheduling, postponing and cancelling an event or one of its parts, and notifying those registered.

Each is one transaction: the changed parts with a higher calendar sequence, the record of the change, and a mail to each
registration with an active seat in one of the parts. Corrections that staff saves in the forms notify nobody.
"""

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from organizations.models import Place
from wego_portal.foundation.partial_dates import Precision

from .. import emails
from ..models import Contact, Event, Invitation, Part, Registration, ScheduleChange, Seat
from ..models.registration import new_reference
from ..models.schedule_change import dates_snapshot, location_snapshot
from .hold import latest_hold_expiry
from .invitation import last_start, reschedule_invitation_expiry
from .seat import lock_parts, promote

Kind = ScheduleChange.Kind
STATUS_AFTER = {Kind.POSTPONED: Part.Status.POSTPONED, Kind.CANCELLED: Part.Status.CANCELLED}


@dataclasses.dataclass(frozen=True)
class PartSchedule:
    """When a part takes place: dates and times local to `time_zone` (IANA name)."""

    date: datetime.date
    start_time: datetime.time
    time_zone: str
    end_time: datetime.time | None = None
    end_date: datetime.date | None = None

    @classmethod
    def from_part(cls, part: Part) -> Self:
        """The present schedule of the part."""
        return cls(**{field.name: getattr(part, field.name) for field in dataclasses.fields(cls)})


@dataclasses.dataclass(frozen=True)
class EventVenue:
    """Where an event takes place: its mode, place and venue."""

    mode: str
    place: Place | None
    venue: str

    @classmethod
    def from_event(cls, event: Event) -> Self:
        """The present venue of the event."""
        return cls(event.mode, event.place, event.venue)


class ImpossibleChangeError(Exception):
    """Nothing was done: no part can be changed in this way, or the schedule changed since it was shown."""


def is_change_possible(kind: ScheduleChange.Kind, part: Part, *, now: datetime.datetime) -> bool:
    """Whether a part can be rescheduled, postponed or cancelled: it is not over, and not cancelled or replaced.

    A postponed part can be rescheduled or cancelled at any time. A part that is going on can still be changed, in case
    the speaker did not come.
    """
    if part.status == Part.Status.POSTPONED:
        return kind != Kind.POSTPONED
    return part.is_expected and not part.is_past(now)


def schedule_fingerprint(parts: Iterable[Part]) -> str:
    """Return a short text that differs after any change of the schedule of these parts."""
    return "-".join(f"{part.pk}.{part.sequence}" for part in sorted(parts, key=lambda part: part.pk))


@transaction.atomic
def reschedule(
    *,
    event: Event,
    staff: User | None,
    now: datetime.datetime,
    part: Part | None = None,
    schedules: Mapping[int, PartSchedule] | None = None,
    venue: EventVenue | None = None,
    message: str = "",
    seen_fingerprint: str | None = None,
) -> ScheduleChange:
    """Give parts of the event new `schedules`, by primary key, and the event a new `venue`; returns the ScheduleChange.

    With `part`, only that one is rescheduled; a new venue concerns all parts. A postponed part becomes planned again,
    and its waitlist is promoted. Raises ImpossibleChangeError if nothing would change, if a new time has passed at the
    aware datetime `now`, or if `schedule_fingerprint` no longer returns `seen_fingerprint`.
    """
    event, parts = _lock_changeable_parts(event, part, Kind.RESCHEDULED, seen_fingerprint, now)
    start_before = last_start(event.parts.all())
    schedules = schedules or {}
    moved = [each for each in parts if each.pk in schedules and _is_rescheduled(each, schedules[each.pk])]
    new_venue = venue if venue != EventVenue.from_event(event) else None
    if new_venue and part is not None:
        raise ImpossibleChangeError
    change = _new_change(event, part, Kind.RESCHEDULED, parts if new_venue else moved, message, staff, now)
    if new_venue:
        change.before["where"] = location_snapshot(event)
        event.mode, event.place, event.venue = new_venue.mode, new_venue.place, new_venue.venue
        event.save(update_fields=["mode", "place", "venue"])
        change.after["where"] = location_snapshot(event)
    were_postponed = [each for each in moved if each.status == Part.Status.POSTPONED]
    for each in moved:
        _set_schedule(each, schedules[each.pk], now)
    _save_and_notify(change, parts if new_venue else moved, now)
    reschedule_invitation_expiry(event=event, before=start_before, after=last_start(event.parts.all()))
    for each in were_postponed:
        promote(part=each, now=now)
    return change


@transaction.atomic
def postpone(
    *,
    event: Event,
    staff: User | None,
    now: datetime.datetime,
    part: Part | None = None,
    message: str = "",
    seen_fingerprint: str | None = None,
) -> ScheduleChange:
    """Postpone the event, or only `part`, without a new date; returns the ScheduleChange. Seats stay as they are.

    Raises ImpossibleChangeError if nothing can be postponed, or if the fingerprint differs from `seen_fingerprint`.
    """
    return _change_status(Kind.POSTPONED, event, part, message, staff, now, seen_fingerprint)


@transaction.atomic
def cancel_event(
    *,
    event: Event,
    staff: User | None,
    now: datetime.datetime,
    part: Part | None = None,
    message: str = "",
    seen_fingerprint: str | None = None,
) -> ScheduleChange:
    """Cancel the event, or only `part`, for good; returns the ScheduleChange. Seats stay, as a record of who had one.

    Raises ImpossibleChangeError if nothing can be cancelled, or if the fingerprint differs from `seen_fingerprint`.
    """
    return _change_status(Kind.CANCELLED, event, part, message, staff, now, seen_fingerprint)


CHANGE_FUNCTIONS: dict[ScheduleChange.Kind, Callable[..., ScheduleChange]] = {
    Kind.RESCHEDULED: reschedule,
    Kind.POSTPONED: postpone,
    Kind.CANCELLED: cancel_event,
}


def _change_status(
    kind: ScheduleChange.Kind,
    event: Event,
    part: Part | None,
    message: str,
    staff: User | None,
    now: datetime.datetime,
    seen_fingerprint: str | None,
) -> ScheduleChange:
    event, parts = _lock_changeable_parts(event, part, kind, seen_fingerprint, now)
    change = _new_change(event, part, kind, parts, message, staff, now)
    for each in parts:
        each.status = STATUS_AFTER[kind]
    _save_and_notify(change, parts, now)
    return change


def _lock_changeable_parts(
    event: Event, part: Part | None, kind: ScheduleChange.Kind, seen_fingerprint: str | None, now: datetime.datetime
) -> tuple[Event, list[Part]]:
    """Lock the parts of the event; returns the event, read again, and those of its parts that can be changed."""
    locked = lock_parts(event_id=event.pk)
    if seen_fingerprint is not None and seen_fingerprint != schedule_fingerprint(locked):
        raise ImpossibleChangeError
    event = Event.objects.select_related("place").get(pk=event.pk)
    for each in locked:
        each.event = event
    return event, [
        each for each in locked if (part is None or each == part) and is_change_possible(kind, each, now=now)
    ]


def _is_rescheduled(part: Part, schedule: PartSchedule) -> bool:
    return part.status == Part.Status.POSTPONED or PartSchedule.from_part(part) != schedule


def _set_schedule(part: Part, schedule: PartSchedule, now: datetime.datetime) -> None:
    """Set the schedule on the part, unsaved, and adapt its seats. Raises ImpossibleChangeError for a past time."""
    for field in dataclasses.fields(PartSchedule):
        setattr(part, field.name, getattr(schedule, field.name))
    part.precision = Precision.MINUTE
    if part.status == Part.Status.POSTPONED:
        part.status = Part.Status.PLANNED
    part.seats.update(entered_at=None)  # who entered the room at the old time has not attended yet
    part.compute_instants()
    if part.starts_at is None or part.starts_at <= now or part.latest <= part.starts_at:
        raise ImpossibleChangeError
    latest = latest_hold_expiry(part.starts_at, now=now)
    part.seats.filter(hold_expires_at__gt=latest).update(hold_expires_at=latest)


def _new_change(
    event: Event,
    part: Part | None,
    kind: ScheduleChange.Kind,
    parts: list[Part],
    message: str,
    staff: User | None,
    now: datetime.datetime,
) -> ScheduleChange:
    if not parts:
        raise ImpossibleChangeError
    before = {"parts": dates_snapshot(parts)}
    return ScheduleChange(
        event=event,
        part=part,
        kind=kind,
        before=before,
        message=message,
        notified_count=0,
        changed_by=staff,
        changed_at=now,
    )


def _save_and_notify(change: ScheduleChange, parts: list[Part], now: datetime.datetime) -> None:
    """Save the change and its parts, with a higher calendar sequence, and queue the mails."""
    for part in parts:
        part.sequence += 1
        part.save()
    change.after["parts"] = dates_snapshot(parts)
    registrations, invitations = affected_registrations(parts), affected_invitations(change, now=now)
    change.notified_count = len(registrations) + len(invitations)
    change.save()
    emails.queue_schedule_change_mails(change, registrations, now=now)
    emails.queue_invitations_cancelled(change, invitations, now=now)


def affected_invitations(change: ScheduleChange, *, now: datetime.datetime) -> list[Invitation]:
    """Return the unused invitations, if the change cancelled the last parts of the event that were to take place."""
    if change.kind != Kind.CANCELLED or any(not part.is_cancelled for part in change.event.parts.all()):
        return []
    return list(Invitation.objects.valid(now).filter(event=change.event, registration__isnull=True).order_by("pk"))


def affected_registrations(parts: Iterable[Part]) -> list[Registration]:
    """Return the registrations with an active seat in one of the parts, those erased left out, ordered by name."""
    seats = Seat.objects.active().filter(part__in=[part.pk for part in parts])
    registrations = Registration.objects.filter(pk__in=seats.values("registration"), contact__isnull=False)
    return list(
        registrations.order_by("name", "pk")
        .select_related("contact")
        .only("pk", "name", "organization_name", "language", "address_verified_at", "contact__language")
    )


@dataclasses.dataclass(frozen=True)
class ChangePreview:
    """What a change of the schedule would do: whom it notifies, and in each of their languages the mail to somebody
    with a confirmed seat."""

    change: ScheduleChange  # unsaved
    parts: list[Part]  # those that change
    registrations: list[Registration]
    invited: int  # how many more are notified who were invited and have not registered
    mails: list[tuple[str, int, str, str]]  # (language code, number of registrations, subject, text)


def preview_change(
    kind: ScheduleChange.Kind, *, event: Event, now: datetime.datetime, **arguments: Any
) -> ChangePreview:
    """Return the ChangePreview of `reschedule`, `postpone` or `cancel_event` with these arguments (hence Any).

    The change is made in a transaction and rolled back; raises ImpossibleChangeError as the change itself. The mails
    are those to a registrant who does not exist, so that staff sees neither a name nor a personal link.
    """
    with transaction.atomic():
        change = CHANGE_FUNCTIONS[kind](event=event, now=now, **arguments)
        parts = list(Part.objects.filter(pk__in=change.part_keys).select_related("event").order_by("number"))
        registrations = affected_registrations(parts)
        languages = [registration.mail_language for registration in registrations]
        mails = [
            (language, languages.count(language), *_sample_mail(change, parts, language, now))
            for language in sorted(set(languages), key=languages.count, reverse=True)
        ]
        transaction.set_rollback(True)
    return ChangePreview(change, parts, registrations, change.notified_count - len(registrations), mails)


def _sample_mail(change: ScheduleChange, parts: list[Part], language: str, now: datetime.datetime) -> tuple[str, str]:
    """Return subject and text of the mail about the change to a made-up registrant with a seat in each of the parts."""
    with translation.override(language):
        name = gettext("(name)")
    reference = new_reference()
    contact = Contact.objects.create(email=f"{reference.lower()}@example.invalid", language=language, created_at=now)
    registration = Registration.objects.create(
        event=change.event,
        contact=contact,
        reference=reference,
        name=name,
        language=language,
        registered_at=now,
        changed_at=now,
        address_verified_at=now,
        privacy_consent_at=now,
        privacy_consent_text="…",
        retention_months=change.event.retention_months,
    )
    Seat.objects.bulk_create(
        Seat(registration=registration, part=part, state=Seat.State.CONFIRMED, changed_at=now) for part in parts
    )
    message = emails.schedule_change_message(change, registration.pk)
    assert message is not None  # it has just been saved, and is not erased
    return str(message.subject), message.body.replace(registration.token, "…")
