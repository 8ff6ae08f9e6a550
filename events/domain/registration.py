"""Registering for an event, changing and cancelling it: one transaction each, with the mail that tells of it queued.

Whoever registers by the form learns the same for every address. `Offer` is what somebody new gets at that moment; the
truth about an address that is registered already goes to its owner by mail.
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
    """What a newcomer gets for a part: confirmed, waiting at `position` in the line (1 is next), or requested.

    `hold_expires_at` (aware) is by when the address has to be confirmed, or None where that does not matter.
    """

    part: Part
    state: Seat.State
    position: int | None = None
    hold_expires_at: datetime.datetime | None = None


@dataclasses.dataclass(frozen=True)
class RegistrationChange:
    """What a change came to: seats added and given up, and whether any detail is another than before."""

    added: list[Seat]
    dropped: list[Seat]
    details: bool

    def __bool__(self) -> bool:
        return bool(self.added or self.dropped or self.details)


class PartsUnavailableError(Exception):
    """Nothing was done. `answers` says how registration stands for each part that cannot be had, {part: Availability};
    it is empty where no part was chosen."""

    def __init__(self, answers: Mapping[Part, Availability]) -> None:
        super().__init__(", ".join(f"{part.number}: {answer.state}" for part, answer in answers.items()))
        self.answers = answers


class OutsideAudienceError(Exception):
    """Nothing was done: somebody outside the audience has to say why they ask for a place."""


@transaction.atomic
def register(
    *,
    event: Event,
    parts: Collection[Part],
    details: RegistrationDetails,
    now: datetime.datetime,
    invitation: Invitation | None = None,
) -> list[Offer]:
    """Register an address for `parts` of the event at the aware datetime `now`; returns an Offer a part.

    With `details.later_parts` also for each part after the first of these that can be had. Who is outside the audience
    asks for places, which staff grants or declines. An address that has a seat already keeps what it has and gets a
    mail that says so; the answer is that for a new one. Where all its seats were given up, it joins again with the new
    details, at the end of the line. Raises Refused and OutsideAudience. With an `invitation` to this address the event
    may be by invitation only, and the audience does not matter; its link has shown that the address is the sender's.
    Until that is shown, limited places are held for a time only, and the contact stays as it is.
    """
    email = normalise_address(details.email)
    organization = matching_organization(None, details, now=now)  # before the parts are locked
    locked = lock_parts(event_id=event.pk)
    release_expired_holds_in_parts(parts=locked, now=now)
    add_seats_in_recently_opened_parts(parts=locked, now=now)
    invited = invitation is not None and _has_hold_on(invitation, event, email, now)
    answers = availability_of(locked, now=now, invited=invited)
    wanted = [part for part in locked if part in parts]
    if details.later_parts:
        wanted = _with_later(wanted, locked, answers)
    is_admitted = invited or _is_admitted(details, organization, locked)
    offers = _offers(wanted, answers, details, is_admitted=is_admitted)
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
    registration.retention_months = event.retention_months  # of the event as read for the form that named the term
    registration.privacy_consent_at, registration.privacy_consent_text = now, details.privacy_text
    registration.changed_at = now
    # Whoever joins again may be somebody else than before, so what was shown once does not count for it.
    registration.address_verified_at = now if invited else None
    # Anybody can type an address here: who stopped invitations takes them again on the personal page only.
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
    """Set the details; of the parts that are not settled keep or add `parts`, give up the others; returns Change.

    With `details.later_parts` also each part after the first of them is added that can be had and was never held. The
    address stays. Without `details.invite_text` a consent to later invitations ends. Raises OutsideAudience, and
    Refused where a part cannot be had, or all would be given up (that is a cancellation, and asked for as one).
    """
    locked = lock_parts(event_id=registration.event_id)
    registration = Registration.objects.select_related("invitation", "organization").get(pk=registration.pk)
    if registration.erased_at is not None:
        raise PartsUnavailableError({})
    contact = Contact.objects.select_for_update().get(pk=registration.contact_id)
    earlier = list(registration.seats.select_related("part"))
    held = {seat.part_id: seat for seat in earlier if seat.state in Seat.ACTIVE_STATES}
    invited = registration.is_invited
    answers = availability_of(locked, now=now, invited=invited)
    kept = [part for part in locked if part in parts or (part.pk in held and part.has_final_seats(now))]
    if details.later_parts:
        passed_over = {seat.part_id for seat in earlier}
        kept = _with_later(kept, [part for part in locked if part.pk not in passed_over], answers)
    organization = matching_organization(registration, details, now=now)
    request = details.request or registration.request
    added = [part for part in kept if part.pk not in held]
    is_admitted = invited or _is_admitted(details, organization, locked)
    offers = _offers(added, answers, dataclasses.replace(details, request=request), is_admitted=is_admitted)
    dropped = [part for part in locked if part.pk in held and part not in kept]
    if dropped and len(dropped) == len(held) and not added:
        raise PartsUnavailableError({})
    given_up = [held[part.pk] for part in dropped]
    had_place = [seat for seat in given_up if seat.state == Seat.State.CONFIRMED]
    details_changed = set_details(registration, details, organization) | set_invite_consent(contact, details, now)
    details_changed |= set_answers(registration, details, is_new=False) | discard_pending_consent(registration)
    if added and not is_admitted:
        registration.request = request
    details_changed |= registration.outside_audience == is_admitted
    registration.outside_audience = not is_admitted
    cancel_locked_seats(given_up, now)
    made = RegistrationChange(_take_seats(registration, offers, earlier, now), given_up, details_changed)
    if made or contact.language != details.language:
        contact.language = details.language
        contact.save()
    if made:
        registration.changed_at = now
        registration.save()
        emails.queue_changed(registration, added=made.added, dropped=given_up, had_place=had_place, now=now)
    return made


@transaction.atomic
def cancel(*, registration: Registration, now: datetime.datetime, parts: Collection[Part] | None = None) -> list[Seat]:
    """Give up the seats in `parts`, or in all and the wish for later ones; returns the seats.

    Parts that are settled are left as they are.
    """
    locked = lock_parts(event_id=registration.event_id)
    freed = [part for part in locked if not part.has_final_seats(now) and (parts is None or part in parts)]
    if parts is None:
        Registration.objects.filter(pk=registration.pk, later_parts=True).update(later_parts=False)
    seats = list(registration.seats.active().filter(part__in=freed).select_related("part"))
    return cancel_locked_seats_and_notify(seats, now=now, queue_mail=emails.queue_cancelled)


def cancellable_seats(seats: SeatQuerySet, *, now: datetime.datetime) -> list[Seat]:
    """Those of the seats of this queryset that can be given up, with their parts: active, in parts not settled."""
    seats = seats.active().select_related("registration", "part__event").order_by("part__event", "registration", "part")
    return [seat for seat in seats if not seat.part.has_final_seats(now)]


@transaction.atomic
def cancel_seats(
    *, seats: Iterable[Seat], now: datetime.datetime, reason: str = "", wishes: Iterable[Registration] = ()
) -> list[Seat]:
    """For staff: give up what can be of these seats of any registrations, as one action; returns those given up.

    Each registrant gets one mail, which says that the organizers did it, and the `reason`, kept with the seats. Nobody
    of them moves up on the way. `wishes` are registrations whose wish for later parts ends with it.
    """
    for event in sorted({seat.part.event_id for seat in seats} | {each.event_id for each in wishes}):
        lock_parts(event_id=event)
    Registration.objects.filter(pk__in=[each.pk for each in wishes], later_parts=True).update(later_parts=False)
    given_up = cancellable_seats(Seat.objects.filter(pk__in=[seat.pk for seat in seats]), now=now)
    for seat in given_up:
        seat.reason = reason
    return cancel_locked_seats_and_notify(given_up, now=now, queue_mail=emails.queue_cancelled_by_staff)


@transaction.atomic
def send_personal_link(*, registration: Registration, now: datetime.datetime, is_new: bool = False) -> None:
    """Mail the personal link again; with `is_new` another one, so that the one sent before leads nowhere."""
    if is_new:
        Registration.objects.filter(pk=registration.pk).update(link_version=F("link_version") + 1)
    emails.queue_link(registration, now=now)


@transaction.atomic
def send_lost_links(*, address: str, now: datetime.datetime) -> None:
    """Mail the personal links of an address: of its registrations for events that are not over, else of its latest.

    Each at most once in ten minutes. Says nothing of whether there were any.
    """
    registrations = Registration.objects.filter(contact__email=normalise_address(address))
    registrations = registrations.annotate(ends=Max("event__parts__latest")).order_by("-ends", "-pk")
    for registration in [row for row in registrations if row.ends > now] or registrations[:1]:
        emails.queue_lost_link(registration, now=now)


def _has_hold_on(invitation: Invitation, event: Event, email: str, now: datetime.datetime) -> bool:
    """Whether the invitation, as it is now, is to this event and this address, and has not ended."""
    found = Invitation.objects.filter(pk=invitation.pk, event=event, contact__email=email).first()
    return found is not None and found.is_valid(now)


def _is_admitted(details: RegistrationDetails, organization: Organization | None, parts: list[Part]) -> bool:
    """Whether who says this may take these parts of an event without asking for a place."""
    return not parts or Audience(parts[0].event).includes(
        sector=details.sector, country=details.country, organization=organization
    )


def _with_later(wanted: list[Part], parts: list[Part], answers: dict[int, Availability]) -> list[Part]:
    """The wanted parts, and those of `parts` that begin after the first of them and can be had."""
    first = min((part.earliest for part in wanted), default=None)
    later = [part for part in parts if wanted and part.earliest > first and answers[part.pk].takes_registrations]
    return sorted({*wanted, *later}, key=lambda part: part.pk)


def _offers(
    parts: list[Part], answers: dict[int, Availability], details: RegistrationDetails, *, is_admitted: bool
) -> list[Offer]:
    """An Offer for each of the locked parts. Raises Refused for those that cannot be had, and OutsideAudience."""
    refused = {part: answers[part.pk] for part in parts if not answers[part.pk].takes_registrations}
    if refused:
        raise PartsUnavailableError(refused)
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
    """Until when what is offered is held for an address that is not confirmed; what is asked for is not held."""
    return None if offer.state == Seat.State.REQUESTED else hold_expiry(offer.part, now=now)


def _take_seats(
    registration: Registration, offers: list[Offer], earlier: list[Seat], now: datetime.datetime
) -> list[Seat]:
    """A seat for each offer: the one of `earlier` that was given up, taken again, or a new one."""
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
