"""Verifying that the address of a registration belongs to whoever registered.

Anybody can type any address. It is verified once a button is pressed on the personal page, whose link only mails to the
address contain; opening the page is not enough, since mail scanners open links. It counts for that registration only.
"""

import datetime

from django.db import transaction

from ..models import Contact, Registration, Seat, Suppression
from .contact import lock_contact
from .release import release_expired_holds_in_parts
from .seat import lock_parts

# What another request may have changed since the registration was read without a lock.
FIELDS_READ_UNDER_LOCK = [
    "address_verified_at",
    "changed_at",
    "erased_at",
    "language",
    "pending_consent_at",
    "pending_consent_text",
]


@transaction.atomic
def verify_address(*, registration: Registration, now: datetime.datetime, with_preferences: bool) -> None:
    """Record that the registration's address is verified, and end the holds on its seats.

    Holds that have expired are released first, as if the worker had run at this moment. `with_preferences` also copies
    the language and the consent to invitations from the registration to the contact; not for a press that cancels.
    """
    parts = lock_parts(event_id=registration.event_id)
    contact = lock_contact(registration.contact_id)
    release_expired_holds_in_parts(parts=parts, now=now)
    unverified = Registration.objects.filter(pk=registration.pk, address_verified_at__isnull=True)
    unverified.filter(erased_at__isnull=True).update(address_verified_at=now)
    Seat.objects.filter(registration=registration, hold_expires_at__isnull=False).update(hold_expires_at=None)
    registration.refresh_from_db(fields=FIELDS_READ_UNDER_LOCK)
    if with_preferences and contact and registration.erased_at is None:
        set_preferences(contact, registration)
        contact.save()
        registration.save(update_fields=["pending_consent_at", "pending_consent_text"])


def set_preferences(contact: Contact, registration: Registration) -> None:
    """Move the registration's language and pending consent to its locked contact; saves neither.

    If the address stopped invitations meanwhile, the consent is dropped.
    """
    contact.language = registration.language
    if registration.pending_consent_at and not Suppression.is_suppressed(contact.email):
        contact.invite_consent_at = registration.pending_consent_at
        contact.invite_consent_text = registration.pending_consent_text
    registration.pending_consent_at, registration.pending_consent_text = None, ""
