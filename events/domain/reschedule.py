"""Changing plans: moving, postponing or cancelling an event or one of its parts, and telling who is registered.

All of it is one transaction: what changes, the calendar sequence, the record of the change and a mail to each
registration with a seat in it. Correcting a title is no change of plans, and tells nobody.
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
    """When a part is to be: days and hours local to `time_zone` (IANA name)."""

    date: datetime.date
    start_time: datetime.time
    time_zone: str
    end_time: datetime.time | None = None
    end_date: datetime.date | None = None

    @classmethod
    def of(cls, part: Part) -> Self:
        """When the part is now."""
        return cls(**{field.name: getattr(part, field.name) for field in dataclasses.fields(cls)})


@dataclasses.dataclass(frozen=True)
class EventVenue:
    """Where an event is to be: its mode, place and venue."""

    mode: str
    place: Place | None
    venue: str

    @classmethod
    def of(cls, event: Event) -> Self:
        """Where the event is now."""
        return cls(event.mode, event.place, event.venue)


class ImpossibleChangeError(Exception):
    """Nothing was done: no part can be changed so, or plans were changed since they were looked at."""


def is_change_possible(kind: ScheduleChange.Kind, part: Part, *, now: datetime.datetime) -> bool:
    """Whether a part can be moved, postponed or cancelled at `now`: it is not over, and not cancelled or replaced.

    A postponed part can be given a date or cancelled at any time. One that is going on can still be changed, for when
    nobody came to hold it.
    """
    if part.status == Part.Status.POSTPONED:
        return kind != Kind.POSTPONED
    return part.is_expected and not part.is_past(now)


def schedule_fingerprint(parts: Iterable[Part]) -> str:
    """A short text that is another one after any change of plans of these parts."""
    return "-".join(f"{part.pk}.{part.sequence}" for part in sorted(parts, key=lambda part: part.pk))


@transaction.atomic
def reschedule(
    *,
    event: Event,
    staff: User | None,
    now: datetime.datetime,
    part: Part | None = None,
    times: Mapping[int, PartSchedule] | None = None,
    where: EventVenue | None = None,
    message: str = "",
    seen: str | None = None,
) -> ScheduleChange:
    """Move parts of the event to `times`, {key of the part: When}, and the event to `where`; returns ScheduleChange.

    With `part` only that one is moved. A postponed part that gets a time is planned again, and who waits for it may
    move up. A new place concerns all parts. Raises Impossible where nothing would be different, a time has passed at
    the aware datetime `now`, or the plans are not those that were `seen` (from `state_of_plans`).
    """
    event, parts = _locked(event, part, Kind.RESCHEDULED, seen, now)
    start_before = last_start(event.parts.all())
    moved = [each for each in parts if each.pk in (times or {}) and _differs(each, times[each.pk])]
    is_elsewhere = where is not None and where != EventVenue.of(event)
    if is_elsewhere and part is not None:
        raise ImpossibleChangeError
    change = _change(event, part, Kind.RESCHEDULED, parts if is_elsewhere else moved, message, staff, now)
    if is_elsewhere:
        change.before["where"] = location_snapshot(event)
        event.mode, event.place, event.venue = where.mode, where.place, where.venue
        event.save(update_fields=["mode", "place", "venue"])
        change.after["where"] = location_snapshot(event)
    again = [each for each in moved if each.status == Part.Status.POSTPONED]
    for each in moved:
        _move(each, times[each.pk], now)
    _carry_out(change, parts if is_elsewhere else moved, now)
    reschedule_invitation_expiry(event=event, before=start_before, after=last_start(event.parts.all()))
    for each in again:
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
    seen: str | None = None,
) -> ScheduleChange:
    """Take the event, or only `part`, off its date without a new one; returns ScheduleChange. Seats are kept.

    Raises Impossible where there is nothing to postpone, or the plans are not those that were `seen`.
    """
    return _call_off(Kind.POSTPONED, event, part, message, staff, now, seen)


@transaction.atomic
def cancel_event(
    *,
    event: Event,
    staff: User | None,
    now: datetime.datetime,
    part: Part | None = None,
    message: str = "",
    seen: str | None = None,
) -> ScheduleChange:
    """Cancel the event, or only `part`, for good; returns ScheduleChange. Seats are kept, as a record of who was in.

    Raises Impossible where there is nothing to cancel, or the plans are not those that were `seen`.
    """
    return _call_off(Kind.CANCELLED, event, part, message, staff, now, seen)


VERBS: dict[ScheduleChange.Kind, Callable[..., ScheduleChange]] = {
    Kind.RESCHEDULED: reschedule,
    Kind.POSTPONED: postpone,
    Kind.CANCELLED: cancel_event,
}


def _call_off(
    kind: ScheduleChange.Kind,
    event: Event,
    part: Part | None,
    message: str,
    staff: User | None,
    now: datetime.datetime,
    seen: str | None,
) -> ScheduleChange:
    event, parts = _locked(event, part, kind, seen, now)
    change = _change(event, part, kind, parts, message, staff, now)
    for each in parts:
        each.status = STATUS_AFTER[kind]
    _carry_out(change, parts, now)
    return change


def _locked(
    event: Event, part: Part | None, kind: ScheduleChange.Kind, seen: str | None, now: datetime.datetime
) -> tuple[Event, list[Part]]:
    """The event, and those of its parts that can be changed so, locked."""
    locked = lock_parts(event_id=event.pk)
    if seen is not None and seen != schedule_fingerprint(locked):
        raise ImpossibleChangeError
    event = Event.objects.select_related("place").get(pk=event.pk)
    for each in locked:
        each.event = event
    return event, [
        each for each in locked if (part is None or each == part) and is_change_possible(kind, each, now=now)
    ]


def _differs(part: Part, when: PartSchedule) -> bool:
    return part.status == Part.Status.POSTPONED or PartSchedule.of(part) != when


def _move(part: Part, when: PartSchedule, now: datetime.datetime) -> None:
    for field in dataclasses.fields(PartSchedule):
        setattr(part, field.name, getattr(when, field.name))
    part.precision = Precision.MINUTE
    if part.status == Part.Status.POSTPONED:
        part.status = Part.Status.PLANNED
    part.seats.update(entered_at=None)  # who entered at the old time has not come yet
    part.compute_instants()
    if part.starts_at <= now or part.latest <= part.starts_at:
        raise ImpossibleChangeError
    latest = latest_hold_expiry(part.starts_at, now=now)
    part.seats.filter(hold_expires_at__gt=latest).update(hold_expires_at=latest)


def _change(
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


def _carry_out(change: ScheduleChange, parts: list[Part], now: datetime.datetime) -> None:
    """Save the parts with a higher calendar sequence, and tell who is in them."""
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
    """The invitations that nobody has used, if the change left the event no part that is to take place."""
    if change.kind != Kind.CANCELLED or any(not part.is_cancelled for part in change.event.parts.all()):
        return []
    return list(Invitation.objects.valid(now).filter(event=change.event, registration__isnull=True).order_by("pk"))


def affected_registrations(parts: Iterable[Part]) -> list[Registration]:
    """The registrations that hold or want a seat in one of the parts and can be written to, in the order of names."""
    seats = Seat.objects.active().filter(part__in=[part.pk for part in parts])
    registrations = Registration.objects.filter(pk__in=seats.values("registration"), contact__isnull=False)
    return list(
        registrations.order_by("name", "pk")
        .select_related("contact")
        .only("pk", "name", "organization_name", "language", "address_verified_at", "contact__language")
    )


@dataclasses.dataclass(frozen=True)
class Preview:
    """What a change would do: whom it tells, and for each of their languages the mail as who has a place reads it.

    `change` is as it would be kept, and `parts` are those that it is about.
    """

    change: ScheduleChange
    parts: list[Part]
    registrations: list[Registration]
    invited: int  # how many of those told were invited and have not registered
    mails: list[tuple[str, int, str, str]]  # (language code, number of registrations, subject, text)


def preview_change(kind: ScheduleChange.Kind, *, event: Event, now: datetime.datetime, **plan: Any) -> Preview:
    """The Preview of a change with the arguments of its verb: all is done as it would be, and undone.

    Raises Impossible as the verb. The mails are those to a registrant who does not exist, so that staff sees neither a
    name nor a personal link.
    """
    with transaction.atomic():
        change = VERBS[kind](event=event, now=now, **plan)
        parts = list(Part.objects.filter(pk__in=change.part_keys).select_related("event").order_by("number"))
        registrations = affected_registrations(parts)
        languages = [registration.mail_language for registration in registrations]
        mails = [
            (language, languages.count(language), *_sample_mail(change, parts, language, now))
            for language in sorted(set(languages), key=languages.count, reverse=True)
        ]
        transaction.set_rollback(True)
    return Preview(change, parts, registrations, change.notified_count - len(registrations), mails)


def _sample_mail(change: ScheduleChange, parts: list[Part], language: str, now: datetime.datetime) -> tuple[str, str]:
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
    return message.subject, message.body.replace(registration.token, "…")
