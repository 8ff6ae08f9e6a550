"""Inviting contacts to an event, and opening and withdrawing invitations.

An invitation is bound to its address. Its page asks for the address and does not show it, so that somebody to whom the
link was forwarded neither learns it nor can register with it.
"""

import dataclasses
import datetime
import hmac
from collections.abc import Iterable
from typing import TypeVar

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.email_address import normalise_address

from .. import emails
from ..models import Contact, Event, Invitation, Part, Registration, Seat, Suppression
from .availability import availability_of, event_availability

Item = TypeVar("Item")

BINDING_SALT = "events.invitation.binding"
BINDING_MAX_AGE = 4 * 3600  # seconds to fill in the form after the address was given


@dataclasses.dataclass(frozen=True)
class Addressee:
    """An address to invite. `language` is that of the mail to a new contact; `name` is only shown to staff."""

    email: str
    language: str = "en"
    name: str = ""


class SkipReason(models.TextChoices):
    """Why an address gets no invitation."""

    DUPLICATE = "duplicate", _("Named twice")
    REGISTERED = "registered", _("Registered already")
    INVITED = "invited", _("Invited already")
    STOPPED = "stopped", _("Wants no invitations")
    UNREACHABLE = "unreachable", _("No mail can reach the address")


@dataclasses.dataclass(frozen=True)
class InvitationPlan:
    """Whom to invite, with normalised addresses, each once, and how many addresses are skipped for each reason."""

    addressees: list[Addressee]
    skipped: dict[SkipReason, int]


def invitations_closed_reason(event: Event, *, now: datetime.datetime) -> str:
    """Return why nobody can be invited to the event, as a sentence; "" if inviting is possible."""
    if not event.is_published(now):
        return gettext("The event is not published, so nobody could open an invitation. Publish it first.")
    availability = event_availability(event, availability_of(event.parts.all(), now=now, invited=True))
    if not availability.takes_registrations:
        return gettext("Nobody can take a place now: %(state)s.") % {"state": availability.label}
    return ""


def plan_invitations(*, event: Event, addressees: Iterable[Addressee], now: datetime.datetime) -> InvitationPlan:
    """Return whom `invite` would invite, and how many it would skip. The queries grow with each 500 addresses."""
    chosen: dict[str, Addressee] = {}
    skipped = dict.fromkeys(SkipReason, 0)
    for addressee in addressees:
        try:
            email = normalise_address(addressee.email)
        except ValidationError:  # stored before such addresses were refused
            skipped[SkipReason.UNREACHABLE] += 1
            continue
        if email in chosen:
            skipped[SkipReason.DUPLICATE] += 1
        else:
            chosen[email] = dataclasses.replace(addressee, email=email)
    hashes = {each: email for email in chosen for each in Suppression.hashes_of(email)}
    stopped = set(existing_values(Suppression.objects.all(), "address_hash", hashes))
    registered = set(existing_values(Registration.objects.filter(event=event), "contact__email", chosen))
    invited = set(existing_values(Invitation.objects.valid(now).filter(event=event), "contact__email", chosen))
    for reason, skipped_emails in (
        (SkipReason.STOPPED, {hashes[address_hash] for address_hash in stopped}),
        (SkipReason.REGISTERED, registered),
        (SkipReason.INVITED, invited),
    ):
        for email in skipped_emails:
            if chosen.pop(email, None):
                skipped[reason] += 1
    return InvitationPlan(list(chosen.values()), skipped)


def last_start(parts: Iterable[Part]) -> datetime.datetime | None:
    """Return the last start (aware) of the parts that are to take place, or None if none of their starts is known."""
    return max((part.starts_at for part in parts if part.starts_at and part.is_expected), default=None)


def latest_expiry(event: Event, expires_at: datetime.datetime) -> datetime.datetime:
    """Return `expires_at`, or the start of the event's last part if that is sooner. One query, unless prefetched."""
    start = last_start(event.parts.all())
    return min(expires_at, start) if start else expires_at


def reschedule_invitation_expiry(
    *, event: Event, before: datetime.datetime | None, after: datetime.datetime | None
) -> None:
    """Adapt the expiry of the event's invitations after its last start moved from `before` to `after` (aware).

    Those that expired with the old start, and those that would expire after the new one, expire with the new one.
    """
    if before != after and after is not None:
        moved = Q(expires_at__gt=after) | Q(expires_at=before)
        Invitation.objects.filter(moved, event=event, created_at__lt=after).update(expires_at=after)


@transaction.atomic
def invite(
    *, event: Event, addressees: Iterable[Addressee], expires_at: datetime.datetime, now: datetime.datetime
) -> InvitationPlan:
    """Create invitations, numbered within the event, and queue their mails; returns whom it invited and skipped.

    An invitation that has expired or was withdrawn is renewed, with a new number and a new link. Invitations expire at
    `expires_at` (aware), or with the start of the last part if that is sooner.
    """
    expires_at = latest_expiry(event, expires_at)
    Event.objects.select_for_update(of=("self",), no_key=True).get(pk=event.pk)  # so that no two get the same number
    plan = plan_invitations(event=event, addressees=addressees, now=now)
    Contact.objects.bulk_create(
        [Contact(email=each.email, language=each.language, created_at=now) for each in plan.addressees],
        ignore_conflicts=True,
        batch_size=500,
    )
    new_emails = [each.email for each in plan.addressees]
    contacts = {}
    for batch in _batches(new_emails):
        for contact in Contact.objects.filter(email__in=batch):
            contacts[contact.email] = contact
    earlier: dict[int, Invitation] = {}
    for keys in _batches([contact.pk for contact in contacts.values()]):
        for invitation in Invitation.objects.filter(event=event, contact__in=keys):
            earlier[invitation.contact_id] = invitation
    last = Invitation.objects.filter(event=event).aggregate(last=Max("number"))["last"] or 0
    for number, email in enumerate(new_emails, last + 1):
        contact = contacts[email]
        invitation = earlier.get(contact.pk) or Invitation(event=event, contact=contact, link_version=0)
        invitation.number, invitation.created_at, invitation.expires_at = number, now, expires_at
        invitation.opened_at = invitation.withdrawn_at = None
        invitation.link_version += 1
        invitation.save()
        emails.queue_invitation(invitation, now=now)
    return plan


@transaction.atomic
def open_invitation_for(*, invitation: Invitation, address: str, now: datetime.datetime) -> bool:
    """Record the first opening if `address` (normalised) is the invited one; returns whether it is."""
    if not hmac.compare_digest(address.encode(), invitation.contact.email.encode()):
        return False
    Invitation.objects.filter(pk=invitation.pk).update(opened_at=Coalesce("opened_at", now))
    return True


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, now: datetime.datetime) -> bool:
    """Withdraw an invitation, and with it a mail not yet sent. Returns False if it has expired or been used."""
    unused = Invitation.objects.valid(now).filter(registration__isnull=True)
    return bool(unused.filter(pk=invitation.pk).update(withdrawn_at=now))


def is_invitation_used(invitation: Invitation) -> bool:
    """Whether the invited contact has an active seat at the event. One query."""
    seats = Seat.objects.active().filter(registration__event=invitation.event_id)
    return seats.filter(registration__contact=invitation.contact_id).exists()


def invitation_binding(invitation: Invitation) -> str:
    """Return a signed value for the registration form, which shows that the invited address was entered."""
    return signing.dumps([invitation.pk, invitation.link_version], salt=BINDING_SALT)


def invitation_from_binding(binding: str, *, event: Event, now: datetime.datetime) -> Invitation | None:
    """Return the event's invitation from the form's signed value; None if that is forged or older than
    BINDING_MAX_AGE, or if the invitation is no longer valid."""
    try:
        key, version = signing.loads(binding, salt=BINDING_SALT, max_age=BINDING_MAX_AGE)
    except signing.BadSignature:
        return None
    invitation = Invitation.objects.select_related("contact").filter(pk=key, link_version=version, event=event).first()
    return invitation if invitation and invitation.is_valid(now) else None


def existing_values(rows: models.QuerySet, name: str, values: Iterable[str]) -> list[str]:
    """Return those of the values that exist in a column, in several queries, since SQLite limits their number."""
    existing: list[str] = []
    for batch in _batches(list(values)):
        existing += rows.filter(**{f"{name}__in": batch}).values_list(name, flat=True)
    return existing


def _batches(values: list[Item], size: int = 500) -> list[list[Item]]:
    return [values[start : start + size] for start in range(0, len(values), size)]
