"""Registering for an event, and changing and cancelling a registration: each one transaction that also queues the mail.

The form must not reveal whether an address is registered already. So `register` always returns the offers that a new
address would get at that moment, and the owner of a registered address learns by mail that nothing has changed.
"""

import dataclasses
import datetime
from collections.abc import Collection, Iterable, Mapping

from django.db import transaction
from django.db.models import F, Max

from organizations.models import Organization
from wego_portal.foundation.email_address import normalise_address

from .. import emails
from ..models import Contact, Event, Invitation, Part, Registration, Seat, Suppression
from ..models.seat import SeatQuerySet
from .address_verification import set_preferences
from .audience import Audience
from .availability import Availability, availability_of
from .hold import hold_expiry
from .later_parts import add_seats_in_recently_opened_parts
from .registration_details import (
    RegistrationDetails,
    discard_pending_consent,
    get_or_create_contact,
    matching_organization,
    set_answers,
    set_details,
    set_invite_consent,
)
from .release import release_expired_holds_in_parts
from .seat import cancel_locked_seats, cancel_locked_seats_and_notify, lock_parts, next_waitlist_number


@dataclasses.dataclass(frozen=True)
class Offer:
    """What a new registration gets for a part: confirmed, waiting at `position` of the waitlist (from 1), or requested.

    `hold_expires_at` (aware) is until when the address has to be verified, or None if the seat has no hold.
    """

    part: Part
    state: Seat.State
    position: int | None = None
    hold_expires_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True)
class RegistrationChange:
    """What `change` did: the seats added and cancelled, and whether any of the details changed. False if nothing."""

    added: list[Seat]
    cancelled: list[Seat]
    details_changed: bool

    def __bool__(self) -> bool:
        return bool(self.added or self.cancelled or self.details_changed)


class PartsUnavailableError(Exception):
    """Nothing was done. `answers` has each part that takes no registrations, with its availability.

    It is empty if no part was chosen, or if all would have been cancelled.
    """

    def __init__(self, answers: Mapping[Part, Availability]) -> None:
        super().__init__(", ".join(f"{part.number}: {answer.state}" for part, answer in answers.items()))
        self.answers = answers


class OutsideAudienceError(Exception):
    """Nothing was done: somebody outside the audience has to give a reason for requesting a place."""


@transaction.atomic
def register(
    *,
    event: Event,
    parts: Collection[Part],
    details: RegistrationDetails,
    now: datetime.datetime,
    invitation: Invitation | None = None,
) -> list[Offer]:
    """Register an address for `parts` of the event; returns an Offer for each part.

    With `details.later_parts`, also for each part after the first of these that takes registrations. Whoever is outside
    the audience requests places, which staff grants or declines.

    An address that has an active seat keeps what it has and gets a mail that says so; the offers are those for a new
    address. If all its seats were cancelled, it registers again with the new details, at the end of the waitlists.

    A valid `invitation` to this address opens an event by invitation, lifts the limits of the audience, and verifies
    the address. Without one, limited places have a hold, and language and consent of the contact change only once the
    address is verified.

    Raises PartsUnavailableError and OutsideAudienceError.
    """
    email = normalise_address(details.email)
    organization = matching_organization(None, details, now=now)  # before the parts are locked
    locked = lock_parts(event_id=event.pk)
    release_expired_holds_in_parts(parts=locked, now=now)
    add_seats_in_recently_opened_parts(parts=locked, now=now)
    invited = invitation is not None and _is_invited(invitation, event, email, now)
    answers = availability_of(locked, now=now, invited=invited)
    wanted = [part for part in locked if part in parts]
    if details.later_parts:
        wanted = _add_later_parts(wanted, locked, answers)
    is_admitted = invited or _is_admitted(details, organization, locked)
    offers = _make_offers(wanted, answers, details, is_admitted=is_admitted)
    if not invited:
        offers = [dataclasses.replace(offer, hold_expires_at=_hold_expires_at(offer, now)) for offer in offers]
    if not offers:
        raise PartsUnavailableError({})
    contact, is_known = get_or_create_contact(email, details.language, now)
    registration = Registration.objects.filter(event=event, contact=contact).first() if is_known else None
    earlier = list(registration.seats.all()) if registration else []
    if registration and any(seat.state in Seat.ACTIVE_STATES for seat in earlier):
        emails.queue_already_registered(registration, now=now)
        return offers
    is_new = registration is None
    if registration is None:
        registration = Registration(event=event, contact=contact, registered_at=now)
    set_details(registration, details, organization)
    registration.request = "" if is_admitted else details.request
    registration.outside_audience = not is_admitted
    registration.retention_months = event.retention_months  # as read before the form that named the term
    registration.privacy_consent_at, registration.privacy_consent_text = now, details.privacy_text
    registration.changed_at = now
    # Somebody else may be registering the address again, so an earlier verification does not count.
    registration.address_verified_at = now if invited else None
    # Anybody can type an address here, so invitations that were stopped resume only by the owner's personal page.
    agrees = details.invite_text and not Suppression.is_suppressed(contact.email)
    registration.pending_consent_at = now if agrees else None
    registration.pending_consent_text = details.invite_text if agrees else ""
    if invited:
        set_preferences(contact, registration)
        contact.save()
    registration.save()
    set_answers(registration, details, is_new=is_new)
    _take_seats(registration, offers, earlier, now)
    if is_known:
        Invitation.objects.valid(now).filter(event=event, contact=contact).update(registration=registration)
    if is_admitted:
        emails.queue_received(registration, now=now)
    else:
        emails.queue_requested(registration, now=now)
    return offers


@transaction.atomic
def change(
    *, registration: Registration, parts: Collection[Part], details: RegistrationDetails, now: datetime.datetime
) -> RegistrationChange:
    """Set the details, add seats for `parts`, and cancel the seats in other parts.

    Final seats (see `Part.has_final_seats`) stay. With `details.later_parts`, seats are also added in each part after
    the first that takes registrations and never had one. The address stays. Without `details.invite_text`, a consent to
    later invitations ends.

    Raises OutsideAudienceError, and PartsUnavailableError if a new part takes no registrations or no seat would be
    left, which is a cancellation and has its own button.
    """
    locked = lock_parts(event_id=registration.event_id)
    registration = Registration.objects.select_related("invitation", "organization").get(pk=registration.pk)
    if registration.erased_at is not None or registration.contact_id is None:
        raise PartsUnavailableError({})
    contact = Contact.objects.select_for_update().get(pk=registration.contact_id)
    earlier = list(registration.seats.select_related("part"))
    active = {seat.part_id: seat for seat in earlier if seat.state in Seat.ACTIVE_STATES}
    invited = registration.is_invited
    answers = availability_of(locked, now=now, invited=invited)
    kept = [part for part in locked if part in parts or (part.pk in active and part.has_final_seats(now))]
    if details.later_parts:
        with_seat = {seat.part_id for seat in earlier}
        kept = _add_later_parts(kept, [part for part in locked if part.pk not in with_seat], answers)
    organization = matching_organization(registration, details, now=now)
    request = details.request or registration.request
    added = [part for part in kept if part.pk not in active]
    is_admitted = invited or _is_admitted(details, organization, locked)
    offers = _make_offers(added, answers, dataclasses.replace(details, request=request), is_admitted=is_admitted)
    cancelled = [active[part.pk] for part in locked if part.pk in active and part not in kept]
    if cancelled and len(cancelled) == len(active) and not added:
        raise PartsUnavailableError({})
    had_place = [seat for seat in cancelled if seat.state == Seat.State.CONFIRMED]
    details_changed = set_details(registration, details, organization) | set_invite_consent(contact, details, now)
    details_changed |= set_answers(registration, details, is_new=False) | discard_pending_consent(registration)
    if added and not is_admitted:
        registration.request = request
    details_changed |= registration.outside_audience == is_admitted
    registration.outside_audience = not is_admitted
    cancel_locked_seats(cancelled, now)
    changes = RegistrationChange(_take_seats(registration, offers, earlier, now), cancelled, details_changed)
    if changes or contact.language != details.language:
        contact.language = details.language
        contact.save()
    if changes:
        registration.changed_at = now
        registration.save()
        emails.queue_changed(registration, added=changes.added, dropped=cancelled, had_place=had_place, now=now)
    return changes


@transaction.atomic
def cancel(*, registration: Registration, now: datetime.datetime, parts: Collection[Part] | None = None) -> list[Seat]:
    """Cancel the seats in `parts`, or all seats and the registration for later parts; returns the cancelled seats.

    Final seats (see `Part.has_final_seats`) stay.
    """
    locked = lock_parts(event_id=registration.event_id)
    affected = [part for part in locked if not part.has_final_seats(now) and (parts is None or part in parts)]
    if parts is None:
        Registration.objects.filter(pk=registration.pk, later_parts=True).update(later_parts=False)
    seats = list(registration.seats.active().filter(part__in=affected).select_related("part"))
    return cancel_locked_seats_and_notify(seats, now=now, queue_mail=emails.queue_cancelled)


def cancellable_seats(seats: SeatQuerySet, *, now: datetime.datetime) -> list[Seat]:
    """Return the seats of this queryset that can be cancelled, with their parts: those active and not final."""
    seats = seats.active().select_related("registration", "part__event").order_by("part__event", "registration", "part")
    return [seat for seat in seats if not seat.part.has_final_seats(now)]


@transaction.atomic
def cancel_seats(
    *, seats: Iterable[Seat], now: datetime.datetime, reason: str = "", later_parts_of: Iterable[Registration] = ()
) -> list[Seat]:
    """Cancel seats of any registrations for staff, as far as they can be cancelled; returns the cancelled seats.

    Each registrant gets one mail, which says that the organizers cancelled, and the `reason`, which is kept with the
    seats. All are cancelled before anybody is promoted, so that none of these seats is promoted meanwhile.
    `later_parts_of` are registrations for all later parts that end as well.
    """
    for event in sorted({seat.part.event_id for seat in seats} | {each.event_id for each in later_parts_of}):
        lock_parts(event_id=event)
    Registration.objects.filter(pk__in=[each.pk for each in later_parts_of], later_parts=True).update(later_parts=False)
    cancelled = cancellable_seats(Seat.objects.filter(pk__in=[seat.pk for seat in seats]), now=now)
    for seat in cancelled:
        seat.reason = reason
    return cancel_locked_seats_and_notify(cancelled, now=now, queue_mail=emails.queue_cancelled_by_staff)


@transaction.atomic
def send_personal_link(*, registration: Registration, now: datetime.datetime, is_new: bool = False) -> None:
    """Mail the personal link again; with `is_new` a new one, which makes those sent before invalid."""
    if is_new:
        Registration.objects.filter(pk=registration.pk).update(link_version=F("link_version") + 1)
    emails.queue_link(registration, now=now)


@transaction.atomic
def send_lost_links(*, address: str, now: datetime.datetime) -> None:
    """Mail the personal links of an address: those for events that are not over, else that for the latest event.

    Each at most once in ten minutes. Returns nothing, so that nobody learns whether the address is registered.
    """
    registrations = Registration.objects.filter(contact__email=normalise_address(address))
    registrations = registrations.annotate(ends=Max("event__parts__latest")).order_by("-ends", "-pk")
    for registration in [row for row in registrations if row.ends > now] or registrations[:1]:
        emails.queue_lost_link(registration, now=now)


def _is_invited(invitation: Invitation, event: Event, email: str, now: datetime.datetime) -> bool:
    """Whether the invitation, read again, is for this event and this address, and has not ended."""
    found = Invitation.objects.filter(pk=invitation.pk, event=event, contact__email=email).first()
    return found is not None and found.is_valid(now)


def _is_admitted(details: RegistrationDetails, organization: Organization | None, parts: list[Part]) -> bool:
    """Whether somebody with these details is in the audience of the event of these parts."""
    return not parts or Audience(parts[0].event).includes(
        sector=details.sector, country=details.country, organization=organization
    )


def _add_later_parts(wanted: list[Part], parts: list[Part], answers: dict[int, Availability]) -> list[Part]:
    """Return the wanted parts, and those of `parts` after the first of these that take registrations."""
    if not wanted:
        return []
    first = min(part.earliest for part in wanted)
    later = [part for part in parts if part.earliest > first and answers[part.pk].takes_registrations]
    return sorted({*wanted, *later}, key=lambda part: part.pk)


def _make_offers(
    parts: list[Part], answers: dict[int, Availability], details: RegistrationDetails, *, is_admitted: bool
) -> list[Offer]:
    """Return an Offer for each of the locked parts. Raises PartsUnavailableError and OutsideAudienceError."""
    unavailable = {part: answers[part.pk] for part in parts if not answers[part.pk].takes_registrations}
    if unavailable:
        raise PartsUnavailableError(unavailable)
    if parts and not is_admitted:
        if not details.request:
            raise OutsideAudienceError
        return [Offer(part, Seat.State.REQUESTED) for part in parts]
    return [
        Offer(part, Seat.State.WAITING, answers[part.pk].waiting + 1)
        if answers[part.pk].joins_waitlist
        else Offer(part, Seat.State.CONFIRMED)
        for part in parts
    ]


def _hold_expires_at(offer: Offer, now: datetime.datetime) -> datetime.datetime | None:
    """Return until when the offer is held for an unverified address; None for a request, which takes no place."""
    return None if offer.state == Seat.State.REQUESTED else hold_expiry(offer.part, now=now)


def _take_seats(
    registration: Registration, offers: list[Offer], earlier: list[Seat], now: datetime.datetime
) -> list[Seat]:
    """Save a seat for each offer, and return them: a new one, or the cancelled one in `earlier`, taken again."""
    own = {seat.part_id: seat for seat in earlier}
    new = [Seat(registration=registration, part=offer.part) for offer in offers if offer.part.pk not in own]
    again = [own[offer.part.pk] for offer in offers if offer.part.pk in own]
    seats = {seat.part_id: seat for seat in (*new, *again)}
    for seat in again:
        seat.sequence += 1
        seat.over_capacity, seat.reason, seat.released_at = False, "", None
    for offer in offers:
        seat = seats[offer.part.pk]
        seat.state, seat.changed_at, seat.hold_expires_at = offer.state, now, offer.hold_expires_at
        if offer.state == Seat.State.WAITING:
            seat.waitlist_number = next_waitlist_number(offer.part)
    Seat.objects.bulk_create(new)
    changed = [
        "state",
        "waitlist_number",
        "sequence",
        "changed_at",
        "over_capacity",
        "reason",
        "hold_expires_at",
        "released_at",
    ]
    Seat.objects.bulk_update(again, changed)
    return [seats[offer.part.pk] for offer in offers]
