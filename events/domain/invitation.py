"""Inviting contacts to an event, and what becomes of an invitation.

An invitation is bound to its address: whoever else gets the link is asked for the address, and learns nothing.
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
    """An address to invite and the language of its mail, if the address is not known yet. `name` is only shown."""

    email: str
    language: str = "en"
    name: str = ""


class OmissionReason(models.TextChoices):
    """Why an address gets no invitation."""

    DUPLICATE = "duplicate", _("Named twice")
    REGISTERED = "registered", _("Registered already")
    INVITED = "invited", _("Invited already")
    STOPPED = "stopped", _("Wants no invitations")
    UNREACHABLE = "unreachable", _("No mail can reach the address")


@dataclasses.dataclass(frozen=True)
class InvitationPlan:
    """Who is invited, normalised and once each, and {LeftOut: number of addresses} of those who are not."""

    addressees: list[Addressee]
    left_out: dict[OmissionReason, int]


def invitations_closed_reason(event: Event, *, now: datetime.datetime) -> str:
    """Why nobody can be invited to the event at the aware datetime `now`, in words; "" where it can be done."""
    if not event.is_published(now):
        return gettext("The event is not published, so nobody could open an invitation. Publish it first.")
    availability = event_availability(event, availability_of(event.parts.all(), now=now, invited=True))
    if not availability.takes_registrations:
        return gettext("Nobody can take a place now: %(state)s.") % {"state": availability.label}
    return ""


def plan_invitations(*, event: Event, addressees: Iterable[Addressee], now: datetime.datetime) -> InvitationPlan:
    """The Selection that `invite` would make at the aware datetime `now`. Four queries, whatever the number."""
    chosen: dict[str, Addressee] = {}
    left_out = dict.fromkeys(OmissionReason, 0)
    for addressee in addressees:
        try:
            email = normalise_address(addressee.email)
        except ValidationError:  # kept from before such addresses were refused
            left_out[OmissionReason.UNREACHABLE] += 1
            continue
        if email in chosen:
            left_out[OmissionReason.DUPLICATE] += 1
        else:
            chosen[email] = dataclasses.replace(addressee, email=email)
    hashes = {each: email for email in chosen for each in Suppression.hashes_of(email)}
    stopped = set(existing_values(Suppression.objects.all(), "address_hash", hashes))
    registered = set(existing_values(Registration.objects.filter(event=event), "contact__email", chosen))
    invited = set(existing_values(Invitation.objects.valid(now).filter(event=event), "contact__email", chosen))
    for reason, emails_left_out in (
        (OmissionReason.STOPPED, {hashes[address_hash] for address_hash in stopped}),
        (OmissionReason.REGISTERED, registered),
        (OmissionReason.INVITED, invited),
    ):
        for email in emails_left_out:
            if chosen.pop(email, None):
                left_out[reason] += 1
    return InvitationPlan(list(chosen.values()), left_out)


def last_start(parts: Iterable[Part]) -> datetime.datetime | None:
    """When the last of the parts that are to take place starts (aware), or None where no start is known."""
    return max((part.starts_at for part in parts if part.starts_at and part.is_expected), default=None)


def latest_expiry(event: Event, expires_at: datetime.datetime) -> datetime.datetime:
    """`expires_at`, or when the event's last part starts if that comes sooner. One query, unless parts are loaded."""
    start = last_start(event.parts.all())
    return min(expires_at, start) if start else expires_at


def reschedule_invitation_expiry(
    *, event: Event, before: datetime.datetime | None, after: datetime.datetime | None
) -> None:
    """Move the end of the event's invitations with its last start: those that ended with it, and those past it now."""
    if before != after and after is not None:
        moved = Q(expires_at__gt=after) | Q(expires_at=before)
        Invitation.objects.filter(moved, event=event, created_at__lt=after).update(expires_at=after)


@transaction.atomic
def invite(
    *, event: Event, addressees: Iterable[Addressee], expires_at: datetime.datetime, now: datetime.datetime
) -> InvitationPlan:
    """Invite those who can be, numbered per event, and queue their mails; returns the Selection.

    An invitation that has ended or was withdrawn is renewed, with a new number and a new link. It ends at `expires_at`,
    or with the start of the last part if that comes sooner. `expires_at` and `now` are aware datetimes.
    """
    expires_at = latest_expiry(event, expires_at)
    Event.objects.select_for_update(of=("self",), no_key=True).get(pk=event.pk)  # guards the numbers
    selection = plan_invitations(event=event, addressees=addressees, now=now)
    Contact.objects.bulk_create(
        [Contact(email=each.email, language=each.language, created_at=now) for each in selection.addressees],
        ignore_conflicts=True,
        batch_size=500,
    )
    emails_wanted = [each.email for each in selection.addressees]
    contacts = {}
    for some in _batches(emails_wanted):
        for contact in Contact.objects.filter(email__in=some):
            contacts[contact.email] = contact
    ended = {}
    for keys in _batches([contact.pk for contact in contacts.values()]):
        for invitation in Invitation.objects.filter(event=event, contact__in=keys):
            ended[invitation.contact_id] = invitation
    last = Invitation.objects.filter(event=event).aggregate(last=Max("number"))["last"] or 0
    for number, email in enumerate(emails_wanted, last + 1):
        contact = contacts[email]
        invitation = ended.get(contact.pk) or Invitation(event=event, contact=contact, link_version=0)
        invitation.number, invitation.created_at, invitation.expires_at = number, now, expires_at
        invitation.opened_at = invitation.withdrawn_at = None
        invitation.link_version += 1
        invitation.save()
        emails.queue_invitation(invitation, now=now)
    return selection


@transaction.atomic
def open_invitation_for(*, invitation: Invitation, address: str, now: datetime.datetime) -> bool:
    """Whether `address` (normalised) is the invited one; when it was opened first is kept."""
    if not hmac.compare_digest(address.encode(), invitation.contact.email.encode()):
        return False
    Invitation.objects.filter(pk=invitation.pk).update(opened_at=Coalesce("opened_at", now))
    return True


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, now: datetime.datetime) -> bool:
    """End an invitation; its mail is dropped where it has not left. False where it had ended, or is used, already."""
    unused = Invitation.objects.valid(now).filter(registration__isnull=True)
    return bool(unused.filter(pk=invitation.pk).update(withdrawn_at=now))


def is_invitation_used(invitation: Invitation) -> bool:
    """Whether who was invited has or asks for a place. One query."""
    seats = Seat.objects.active().filter(registration__event=invitation.event_id)
    return seats.filter(registration__contact=invitation.contact_id).exists()


def invitation_binding(invitation: Invitation) -> str:
    """What the form carries after the right address was given: the invitation, signed, for four hours."""
    return signing.dumps([invitation.pk, invitation.link_version], salt=BINDING_SALT)


def invitation_from_binding(binding: str, *, event: Event, now: datetime.datetime) -> Invitation | None:
    """The invitation to the event that a form is bound to, or None where it is forged, too old or has ended."""
    try:
        key, version = signing.loads(binding, salt=BINDING_SALT, max_age=BINDING_MAX_AGE)
    except signing.BadSignature:
        return None
    invitation = Invitation.objects.select_related("contact").filter(pk=key, link_version=version, event=event).first()
    return invitation if invitation and invitation.is_valid(now) else None


def existing_values(rows: models.QuerySet, name: str, values: Iterable[str]) -> list[str]:
    """Those of the values that occur in the column of the rows, asked for in batches that SQLite takes."""
    found: list[str] = []
    for some in _batches(list(values)):
        found += rows.filter(**{f"{name}__in": some}).values_list(name, flat=True)
    return found


def _batches(values: list[Item], size: int = 500) -> list[list[Item]]:
    return [values[start : start + size] for start in range(0, len(values), size)]
