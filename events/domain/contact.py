"""Stopping and resuming invitations to a contact, and deleting contacts that nothing needs."""

import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from wego_portal.foundation.email_address import normalise_address

from ..models import Contact, Invitation, Registration, Suppression

MAX_BATCH_SIZE = 2_000  # contacts deleted in one transaction


def lock_contact(key: int | None) -> Contact | None:
    """Return the contact with this primary key, locked. Lock order: parts, contact, registrations."""
    if key is None:
        return None
    return Contact.objects.select_for_update().filter(pk=key).first()


@transaction.atomic
def stop_invitations(*, contact: Contact, now: datetime.datetime) -> None:
    """Withdraw the consent to later invitations, and keep a keyed hash of the address that stops further ones.

    Deletes the contact, unless a registration or an invitation needs it.
    """
    _suppress(contact.email, now)
    rows = Contact.objects.filter(pk=contact.pk)
    rows.update(invite_consent_at=None, invite_consent_text="")
    ticked = Registration.objects.filter(contact=contact.pk, pending_consent_at__isnull=False)
    ticked.update(pending_consent_at=None, pending_consent_text="")
    delete_unneeded_contacts(rows)


@transaction.atomic
def suppress_address(*, address: str, now: datetime.datetime) -> Suppression | None:
    """Stop invitations to an address for somebody who asked staff, known or not; returns the Suppression.

    A contact's consent ends as by `stop_invitations`. Raises ValidationError for a malformed address.
    """
    address = normalise_address(address)
    contact = Contact.objects.filter(email=address).first()
    if contact:
        stop_invitations(contact=contact, now=now)
    else:
        _suppress(address, now)
    return Suppression.for_address(address).first()


def _suppress(address: str, now: datetime.datetime) -> None:
    if not Suppression.is_suppressed(address):
        Suppression.objects.bulk_create(
            [Suppression(address_hash=Suppression.hash_of(address), since=now)], ignore_conflicts=True
        )


def resume_invitations(address: str) -> None:
    """Delete the suppression of an address. Only for somebody whose address is verified."""
    Suppression.for_address(address).delete()


@transaction.atomic
def delete_unneeded_contacts(contacts: QuerySet[Contact]) -> None:
    """Delete those of the contacts that no registration, invitation or consent needs.

    They are checked again once they are locked, since somebody may be registering with the address (a race).
    """
    unneeded = contacts.filter(
        ~Exists(Registration.objects.filter(contact=OuterRef("pk"))),
        ~Exists(Invitation.objects.filter(contact=OuterRef("pk"))),
        invite_consent_at__isnull=True,
    )
    keys = list(unneeded.select_for_update().order_by("pk").values_list("pk", flat=True)[:MAX_BATCH_SIZE])
    unneeded.filter(pk__in=keys).delete()
