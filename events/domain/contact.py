"""What a contact agreed to, and the end of it."""

from django.db import transaction

from ..models import Contact, Suppression


@transaction.atomic
def stop_invitations(*, contact, now):
    """Take back the consent to later invitations. What stays is a keyed hash that stops further ones.

    The contact goes too, unless a registration or an invitation needs it. `now` is an aware datetime.
    """
    Suppression.objects.bulk_create(
        [Suppression(address_hash=Suppression.hash_of(contact.email), since=now)], ignore_conflicts=True
    )
    rows = Contact.objects.filter(pk=contact.pk)
    rows.update(invite_consent_at=None, invite_consent_text="")
    rows.filter(registrations__isnull=True, invitations__isnull=True).delete()


def is_stopped(address):
    """Whether this address wants no invitations any more. One query."""
    return Suppression.objects.filter(address_hash=Suppression.hash_of(address)).exists()


def take_invitations_again(address):
    """Forget that invitations were stopped: only for who has shown that the address is theirs."""
    Suppression.objects.filter(address_hash=Suppression.hash_of(address)).delete()
