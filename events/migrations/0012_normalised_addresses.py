"""Keeps each address as it is spelled today, and joins contacts that were one person in two spellings.

What the rules are, and why, is said in docs/decisions/0019-one-spelling-of-an-address.md.
"""

import hmac

import django.db.models.deletion
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import migrations, models

from wego_portal.foundation.email_address import normalise_address

BEST_FIRST = ("confirmed", "waiting", "requested", "declined", "cancelled")


def _hash(key, address):
    return hmac.new(bytes.fromhex(key), address.encode(), "sha256").hexdigest()


def join_contacts(apps, schema_editor):
    """Respell each contact, and join those that have the same address now. One to which no mail can go is left."""
    Contact = apps.get_model("events", "Contact")
    respelled = {}
    for key, email in Contact.objects.values_list("pk", "email").iterator():
        try:
            address = normalise_address(email)
        except ValidationError:
            continue
        if address != email:
            respelled.setdefault(address, []).append(key)
    for address, keys in respelled.items():
        contacts = Contact.objects.filter(models.Q(pk__in=keys) | models.Q(email=address)).order_by("created_at", "pk")
        _join(apps, address, list(contacts))
    if schema_editor is not None and schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else the tables cannot be altered after it


def _join(apps, address, contacts):
    kept = next((contact for contact in contacts if contact.email == address), contacts[0])
    others = [contact for contact in contacts if contact.pk != kept.pk]
    keys = [contact.pk for contact in contacts]
    is_stopped = _move_stop(apps.get_model("events", "Suppression"), [contact.email for contact in contacts], address)
    if others:
        _join_registrations(apps, kept, keys)
        _join_invitations(apps, kept, keys)
        FormerContact = apps.get_model("events", "FormerContact")
        FormerContact.objects.bulk_create(FormerContact(pk=contact.pk, contact=kept) for contact in others)
        type(kept).objects.filter(pk__in=[contact.pk for contact in others]).delete()
    agreed = [contact for contact in contacts if contact.invite_consent_at]
    if is_stopped:
        kept.invite_consent_at, kept.invite_consent_text = None, ""
    elif agreed:
        last = max(agreed, key=lambda contact: contact.invite_consent_at)
        kept.invite_consent_at, kept.invite_consent_text = last.invite_consent_at, last.invite_consent_text
        kept.language = last.language
    kept.created_at = min(contact.created_at for contact in contacts)
    kept.email = address
    kept.save()


def _move_stop(Suppression, spellings, address):
    """Whether any of the spellings is stopped; then the address is, since the first of these days."""
    hashes = [_hash(key, spelling) for key in settings.HASH_KEYS for spelling in {*spellings, address}]
    stops = Suppression.objects.filter(address_hash__in=hashes)
    since = stops.aggregate(since=models.Min("since"))["since"]
    if since:
        stops.delete()
        Suppression.objects.create(address_hash=_hash(settings.HASH_KEYS[0], address), since=since)
    return bool(since)


def _join_registrations(apps, kept, keys):
    Registration = apps.get_model("events", "Registration")
    by_event = {}
    for registration in Registration.objects.filter(contact__in=keys).order_by("registered_at", "pk"):
        by_event.setdefault(registration.event_id, []).append(registration)
    for registrations in by_event.values():
        best, *others = sorted(registrations, key=_standing)
        for other in others:
            _move_seats(apps.get_model("events", "Seat"), other, best)
            answered = best.answers.values("question")
            other.answers.exclude(question__in=list(answered.values_list("question", flat=True))).update(
                registration=best
            )
            best.later_parts |= other.later_parts
            best.request = best.request or other.request
            best.thanked_at = max(filter(None, (best.thanked_at, other.thanked_at)), default=None)
            best.changed_at = max(best.changed_at, other.changed_at)
            best.registered_at = min(best.registered_at, other.registered_at)
            # An invitation goes on with the registration that stays, unless that has one of its own.
            Invitation = apps.get_model("events", "Invitation")
            if not Invitation.objects.filter(registration=best).exists():
                Invitation.objects.filter(registration=other).update(registration=best)
            other.delete()
        best.contact = kept
        best.save()


def _standing(registration):
    """The better a registration stands, the smaller: by confirmed seats, then whether any is wanted, then its time."""
    states = [*registration.seats.values_list("state", flat=True)]
    is_given_up = not set(states) & set(BEST_FIRST[:3])
    return -states.count("confirmed"), is_given_up, registration.registered_at, registration.pk


def _move_seats(Seat, other, best):
    """Give `best` each seat of `other` that it has not, or that is better than its own."""
    own = {seat.part_id: seat for seat in best.seats.all()}
    for seat in other.seats.all():
        mine = own.get(seat.part_id)
        entered = min(filter(None, (seat.entered_at, mine and mine.entered_at)), default=None)
        better = seat if mine is None or _seat_standing(seat) < _seat_standing(mine) else mine
        if mine is not None:
            (mine if better is seat else seat).delete()
        Seat.objects.filter(pk=better.pk).update(registration=best, entered_at=entered)


def _seat_standing(seat):
    return BEST_FIRST.index(seat.state), seat.line_number or 0, seat.pk


def _join_invitations(apps, kept, keys):
    """One invitation to each event: the one that was used, else the last."""
    Invitation = apps.get_model("events", "Invitation")
    invitations = Invitation.objects.filter(contact__in=keys).order_by(
        models.F("registration").desc(nulls_last=True), "-created_at", "-number"
    )
    events = set()
    for invitation in invitations:
        if invitation.event_id in events:
            invitation.delete()
            continue
        events.add(invitation.event_id)
        # The kept contact's own may still be there, and would be in the way.
        Invitation.objects.filter(event=invitation.event_id, contact__in=keys).exclude(pk=invitation.pk).delete()
        Invitation.objects.filter(pk=invitation.pk).update(contact=kept)


class Migration(migrations.Migration):
    dependencies = [("events", "0010_constraint_words")]

    operations = [
        migrations.CreateModel(
            name="FormerContact",
            fields=[
                (
                    "id",
                    models.BigIntegerField(primary_key=True, serialize=False, verbose_name="number of the contact that was joined"),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former",
                        to="events.contact",
                        verbose_name="contact",
                    ),
                ),
            ],
            options={"verbose_name": "joined contact", "verbose_name_plural": "joined contacts"},
        ),
        migrations.RunPython(join_contacts, migrations.RunPython.noop, elidable=True),
    ]
