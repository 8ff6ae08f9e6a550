"""Erasing personal data: of one registration, of a person, and of everything whose retention has ended.

An erased registration stays as an anonymous row for the counts: sector, country, the organization of the directory (or
the name that was typed, if so many typed it that it identifies nobody), the seats, and whether they were entered. Its
reference, links and calendar UIDs are replaced, so that no mail or file still held by somebody leads back to it.
"""

import datetime

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce

from organizations.domain.inquiry import inquiries_from
from wego_portal.foundation import periodic
from wego_portal.foundation.calendar_months import months_after

from ..models import Answer, Contact, Event, Invitation, Part, Registration, Seat
from ..models.part import new_calendar_uid
from ..models.registration import new_reference
from .attendance_report import common_organizations
from .contact import delete_unneeded_contacts, lock_contact, stop_invitations
from .registration import cancel
from .retention import due_for_erasure, elapsed_term_months
from .seat import lock_parts

BATCH_SIZE = 100  # registrations erased in one transaction, which holds the locks of the parts
MAX_REGISTRATIONS_PER_RUN = 2_000  # the same worker sends the mails, which should not wait


@transaction.atomic
def erase_registration(*, registration: Registration, now: datetime.datetime) -> bool:
    """Erase one registration, after cancelling its seats, so that others are promoted. False if it was erased before.

    Queued mails about it are dropped when they are due. The contact is deleted too, unless it has a consent to later
    invitations or another registration or invitation needs it.
    """
    lock_parts(event_id=registration.event_id)
    registration = Registration.objects.get(pk=registration.pk)
    contact = registration.contact_id
    if registration.erased_at is not None or contact is None:
        return False
    lock_contact(contact)
    cancel(registration=registration, now=now)
    Invitation.objects.filter(event=registration.event_id, contact=contact).delete()
    _anonymise([registration], now)
    delete_unneeded_contacts(Contact.objects.filter(pk=contact))
    return True


@transaction.atomic
def erase_person(*, contact: Contact, now: datetime.datetime) -> None:
    """Erase all data of a person: every registration, invitation, consent and inquiry, and the address.

    A keyed hash of the address stays, so that no list of addresses leads to an invitation again.
    """
    registrations = Registration.objects.filter(contact=contact).order_by("event")
    events = [*registrations.values_list("event", flat=True)]
    for event in events:
        lock_parts(event_id=event)
    lock_contact(contact.pk)
    for registration in registrations.all():
        cancel(registration=registration, now=now)
        _anonymise([registration], now)
    inquiries_from(contact.email).delete()
    Invitation.objects.filter(contact=contact).delete()
    stop_invitations(contact=contact, now=now)


@periodic.every(datetime.timedelta(hours=1))
def erase_expired_registrations(*, now: datetime.datetime) -> int:
    """Erase registrations whose retention has ended, and contacts that nothing needs; returns how many registrations.

    The retention is the months after the end of the event that were agreed at registering, or the event's present
    months if these are fewer. An event ends with the latest possible moment of its last part, whatever the status; an
    event without parts ends with the expiry of its last invitation.
    """
    count = 0
    for event, ended in _ended_events(now):
        months = elapsed_term_months(ended, now=now)
        while count < MAX_REGISTRATIONS_PER_RUN and (erased := _erase_batch(event, months, now)):
            count += erased
        if event.retention_months <= months:
            Invitation.objects.filter(event=event).delete()
    delete_unneeded_contacts(Contact.objects.all())
    return count


def _ended_events(now: datetime.datetime) -> list[tuple[Event, datetime.datetime]]:
    """Return the events with a registration or invitation whose retention may have ended, and when each event ended."""
    registrations = Registration.objects.filter(event=OuterRef("pk"), erased_at__isnull=True)
    invitations = Invitation.objects.filter(event=OuterRef("pk"))
    events = Event.objects.filter(Exists(registrations) | Exists(invitations)).order_by("pk")
    ended = Coalesce(Max("parts__latest"), Max("invitations__expires_at"))
    shortest = Subquery(registrations.order_by("retention_months").values("retention_months")[:1])
    events = events.annotate(ended=ended, shortest=Coalesce(shortest, F("retention_months"))).filter(ended__lt=now)
    return [
        (event, event.ended)
        for event in events
        if months_after(event.ended, min(event.retention_months, event.shortest)) < now
    ]


@transaction.atomic
def _erase_batch(event: Event, months: int, now: datetime.datetime) -> int:
    lock_parts(event_id=event.pk)
    registrations = list(
        due_for_erasure(event.registrations.all(), months, event.retention_months).order_by("pk")[:BATCH_SIZE]
    )
    # When an event is over, only seats in postponed parts can still change; nobody is promoted to them.
    keys = [registration.pk for registration in registrations]
    Seat.objects.filter(registration__in=keys, part__status=Part.Status.POSTPONED).active().update(
        state=Seat.State.CANCELLED, sequence=F("sequence") + 1, changed_at=now, hold_expires_at=None
    )
    contacts = [registration.contact_id for registration in registrations]
    Invitation.objects.filter(event=event, contact__in=contacts).delete()
    _anonymise(registrations, now)
    return len(registrations)


def _anonymise(registrations: list[Registration], now: datetime.datetime) -> None:
    """Remove the personal data from registrations whose parts are locked, from their answers and their seats.

    The typed name of an organization stays if it is common enough to identify nobody.
    """
    common = {event: common_organizations(event) for event in {each.event_id for each in registrations}}
    keys = [registration.pk for registration in registrations]
    Registration.objects.filter(pk__in=keys).update(
        contact=None,
        erased_at=now,
        pending_consent_at=None,
        link_version=F("link_version") + 1,
        **dict.fromkeys(Registration.ERASED_TEXT_FIELDS, ""),
    )
    for registration in registrations:
        registration.reference = new_reference()
        names = {} if registration.organization_id else common[registration.event_id]
        registration.organization_name = names.get(registration.folded_organization, "")
    Registration.objects.bulk_update(registrations, ["reference", "organization_name"])
    Answer.objects.filter(registration__in=keys).delete()
    seats = list(Seat.objects.filter(registration__in=keys).only("pk"))
    for seat in seats:
        seat.uid, seat.reason = new_calendar_uid(), ""
    Seat.objects.bulk_update(seats, ["uid", "reason"])
