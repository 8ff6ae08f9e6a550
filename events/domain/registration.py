"""Registering for an event, changing and cancelling it: one transaction each, with the mail that tells of it queued.

Whoever registers by the form learns the same for every address. `Offer` is what somebody new gets at that moment; the
truth about an address that is registered already goes to its owner by mail.
"""

import dataclasses

from django.db import transaction
from django.db.models import F, Max

from organizations.domain.organization import organization_named

from .. import emails
from ..models import Contact, Invitation, Registration, Seat
from ..models.contact import normalise_address
from .availability import Availability, availability_of
from .contact import is_stopped, take_invitations_again
from .seat import lock_parts, next_line_number, promote


@dataclasses.dataclass(frozen=True)
class Details:
    """What a registrant says. Both consents are the texts as they were shown; `invite_text` is "" where not given."""

    email: str
    name: str
    organization_name: str
    sector: str
    country: str
    position: str
    language: str
    privacy_text: str
    invite_text: str = ""


@dataclasses.dataclass(frozen=True)
class Offer:
    """What a newcomer gets for a part: confirmed, or waiting at `position` in the line (1 is next)."""

    part: object
    state: Seat.State
    position: int | None = None


@dataclasses.dataclass(frozen=True)
class Change:
    """What a change came to: seats added and given up, and whether any detail is another than before."""

    added: list[Seat]
    dropped: list[Seat]
    details: bool

    def __bool__(self):
        return bool(self.added or self.dropped or self.details)


class Refused(Exception):
    """Nothing was done. `answers` says how registration stands for each part that cannot be had, {part: Availability};
    it is empty where no part was chosen."""

    def __init__(self, answers: dict[object, Availability]):
        super().__init__(", ".join(f"{part.number}: {answer.state}" for part, answer in answers.items()))
        self.answers = answers


@transaction.atomic
def register(*, event, parts, details, now, invitation=None):
    """Register an address for `parts` of the event at the aware datetime `now`; returns an Offer a part.

    An address that has a seat already keeps what it has and gets a mail that says so; the answer is that for a new one.
    Where all its seats were given up, it joins again with the new details, at the end of the line. Raises Refused.
    With an `invitation` to this address the event may be by invitation only.
    """
    locked = lock_parts(event_id=event.pk)
    invited = invitation is not None and _holds(invitation, event, details.email, now)
    offers = _offers([part for part in locked if part in parts], now, invited=invited)
    contact = _contact(details.email, details.language, now)
    registration = Registration.objects.filter(event=event, contact=contact).first()
    earlier = list(registration.seats.all()) if registration else []
    if any(seat.state in Seat.ACTIVE_STATES for seat in earlier):
        emails.queue_already_registered(registration, now=now)
        return offers
    if registration is None:
        registration = Registration(event=event, contact=contact, registered_at=now)
    _set_details(registration, details, now)
    registration.privacy_consent_at, registration.privacy_consent_text = now, details.privacy_text
    registration.changed_at = now
    registration.save()
    # Anybody can type an address here: who stopped invitations takes them again on the personal page only.
    agrees = details.invite_text and not is_stopped(contact.email)
    if agrees or contact.language != details.language:
        contact.language = details.language
        if agrees:
            contact.invite_consent_at, contact.invite_consent_text = now, details.invite_text
        contact.save()
    _take_seats(registration, offers, earlier, now)
    Invitation.objects.filter(event=event, contact=contact).update(registration=registration)
    emails.queue_received(registration, now=now)
    return offers


@transaction.atomic
def change(*, registration, parts, details, now):
    """Set the details, and of the parts that have not begun keep or add `parts` and give up the others; returns Change.

    The address stays. Without `details.invite_text` a consent to later invitations ends. Raises Refused where a part
    cannot be had, or nothing would be left (that is a cancellation, and asked for as one).
    """
    locked = lock_parts(event_id=registration.event_id)
    registration = Registration.objects.select_related("invitation").get(pk=registration.pk)
    if registration.erased_at is not None:
        raise Refused({})
    contact = Contact.objects.select_for_update().get(pk=registration.contact_id)
    earlier = list(registration.seats.select_related("part"))
    held = {seat.part_id: seat for seat in earlier if seat.state in Seat.ACTIVE_STATES}
    wanted = [part for part in locked if part in parts and part.pk not in held]
    added = _offers(wanted, now, empty_allowed=True, invited=is_invited(registration))
    dropped = [part for part in locked if part.pk in held and part not in parts and not part.has_begun(now)]
    if len(dropped) == len(held) and not added:
        raise Refused({})
    given_up = [held[part.pk] for part in dropped]
    had_place = [seat for seat in given_up if seat.state == Seat.State.CONFIRMED]
    details_changed = _set_details(registration, details, now) | _set_invite_consent(contact, details, now)
    dropped_seats = _give_up(given_up, now)
    made = Change(_take_seats(registration, added, earlier, now), dropped_seats, details_changed)
    if made:
        registration.changed_at = now
        registration.save()
        contact.language = details.language
        contact.save()
        emails.queue_changed(registration, added=made.added, had_place=had_place, now=now)
    return made


@transaction.atomic
def cancel(*, registration, now, parts=None):
    """Give up the seats in `parts`, or in all; returns them. Parts that have begun are left as they are."""
    locked = lock_parts(event_id=registration.event_id)
    freed = [part for part in locked if not part.has_begun(now) and (parts is None or part in parts)]
    seats = list(registration.seats.active().filter(part__in=freed).select_related("part"))
    had_place = [seat for seat in seats if seat.state == Seat.State.CONFIRMED]
    if seats:
        _give_up(seats, now)
        Registration.objects.filter(pk=registration.pk).update(changed_at=now)
        emails.queue_cancelled(registration, seats=seats, had_place=had_place, now=now)
    return seats


@transaction.atomic
def send_link(*, registration, now, is_new=False):
    """Mail the personal link again; with `is_new` another one, so that the one sent before leads nowhere."""
    if is_new:
        Registration.objects.filter(pk=registration.pk).update(link_version=F("link_version") + 1)
    emails.queue_link(registration, now=now)


@transaction.atomic
def send_lost_links(*, address, now):
    """Mail the personal links of an address: of its registrations for events that are not over, else of its latest.

    Each at most once in ten minutes. Says nothing of whether there were any.
    """
    registrations = Registration.objects.filter(contact__email=normalise_address(address))
    registrations = registrations.annotate(ends=Max("event__parts__latest")).order_by("-ends", "-pk")
    for registration in [row for row in registrations if row.ends > now] or registrations[:1]:
        emails.queue_lost_link(registration, now=now)


def is_invited(registration):
    """Whether it came by an invitation, which goes on for changes. No query where the invitation is loaded with it."""
    return hasattr(registration, "invitation")


def _holds(invitation, event, address, now):
    """Whether the invitation, as it is now, is to this event and this address, and has not ended."""
    invitations = Invitation.objects.filter(pk=invitation.pk, event=event, contact__email=normalise_address(address))
    found = invitations.first()
    return found is not None and found.is_valid(now)


def _offers(parts, now, *, empty_allowed=False, invited=False):
    """An Offer for each of the locked parts, or Refused for those that cannot be had."""
    answers = availability_of(parts, now=now, invited=invited)
    refused = {part: answers[part.pk] for part in parts if not answers[part.pk].takes_registrations}
    if refused or not (parts or empty_allowed):
        raise Refused(refused)
    return [
        Offer(part, Seat.State.WAITING, answers[part.pk].waiting + 1)
        if answers[part.pk].joins_line
        else Offer(part, Seat.State.CONFIRMED)
        for part in parts
    ]


def _contact(address, language, now):
    """The contact of an address, new or known, locked. Two who bring the same new address at once get the same row."""
    email = normalise_address(address)
    while True:  # once more only where the known one was erased between the two statements
        Contact.objects.bulk_create([Contact(email=email, language=language, created_at=now)], ignore_conflicts=True)
        if contact := Contact.objects.select_for_update().filter(email=email).first():
            return contact


def _set_details(registration, details, now):
    """Write the details on the registration, unsaved; returns whether any is another than before."""
    before = [getattr(registration, name) for name in _DETAILS]
    for name in _DETAILS:
        setattr(registration, name, getattr(details, name))
    changed = before != [getattr(registration, name) for name in _DETAILS]
    if changed:
        registration.organization = organization_named(details.organization_name, now=now)
    return changed


_DETAILS = ("name", "organization_name", "sector", "country", "position", "language")


def _set_invite_consent(contact, details, now):
    if bool(contact.invite_consent_at) == bool(details.invite_text):
        return False
    if details.invite_text:
        take_invitations_again(contact.email)
    contact.invite_consent_at = now if details.invite_text else None
    contact.invite_consent_text = details.invite_text
    return True


def _take_seats(registration, offers, earlier, now):
    """A seat for each offer: the one of `earlier` that was given up, taken again, or a new one."""
    own = {seat.part_id: seat for seat in earlier}
    new = [Seat(registration=registration, part=offer.part) for offer in offers if offer.part.pk not in own]
    again = [own[offer.part.pk] for offer in offers if offer.part.pk in own]
    seats = {seat.part_id: seat for seat in (*new, *again)}
    for seat in again:
        seat.sequence += 1
        seat.over_capacity, seat.reason = False, ""
    for offer in offers:
        seat = seats[offer.part.pk]
        seat.state, seat.changed_at = offer.state, now
        if offer.state == Seat.State.WAITING:
            seat.line_number = next_line_number(offer.part)
    Seat.objects.bulk_create(new)
    Seat.objects.bulk_update(again, ["state", "line_number", "sequence", "changed_at", "over_capacity", "reason"])
    return [seats[offer.part.pk] for offer in offers]


def _give_up(seats, now):
    """Cancel the seats of locked parts and let the first in line have their places."""
    for seat in seats:
        seat.state, seat.changed_at = Seat.State.CANCELLED, now
        seat.sequence += 1
    Seat.objects.bulk_update(seats, ["state", "sequence", "changed_at"])
    for seat in sorted(seats, key=lambda seat: seat.part_id):
        promote(part=seat.part, now=now)
    return seats
