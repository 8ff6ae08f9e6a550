"""What shows that whoever registered reads the mails to the address that they typed, and what counts from then on.

Anybody can type any address. So a button has to be pressed behind a link that went to it, since mail scanners open
links but press nothing. It counts for the one registration whose link it was.
"""

import datetime

from django.db import transaction

from ..models import Contact, Registration, Seat, Suppression
from .contact import lock_contact
from .release import release_expired_holds_in_parts
from .seat import lock_parts

# What another request may have written since the registration was read.
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
    """Keep that a button behind the registration's personal link was pressed, and hold its places without an end.

    What was not confirmed in time is released first, so that it does not matter when the worker came round. With
    `with_preferences`, which a press says that cancels nothing, the contact takes over the language and the consent to
    invitations that were given with the registration. `now` is an aware datetime.
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
    """Write language and pending consent of the registration on its locked contact, and end its being pending; both
    unsaved. A stop that came first wins."""
    contact.language = registration.language
    if registration.pending_consent_at and not Suppression.is_suppressed(contact.email):
        contact.invite_consent_at = registration.pending_consent_at
        contact.invite_consent_text = registration.pending_consent_text
    registration.pending_consent_at, registration.pending_consent_text = None, ""
