"""Erasing: of one registration, of a person, and of everything whose time is over.

What stays of a registration is a stub without a person: sector, country, organization in the directory (or as typed,
where so many typed the same that it names nobody), the seats and who entered. Nothing on a stub occurs in a mail, a
link or a calendar file that anybody holds.
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

BATCH_SIZE = 100  # registrations erased in one transaction, so that who registers meanwhile hardly waits
MAX_BATCH_SIZE = 2_000  # registrations in one round, so that mails hardly wait


@transaction.atomic
def erase_registration(*, registration: Registration, now: datetime.datetime) -> bool:
    """Erase one registration; seats that can be given up are, first, so that the line moves. False if it was erased.

    Mails about it that are still queued drop themselves, since they have nobody to go to. The contact goes too, unless
    it agreed to later invitations or another registration or invitation needs it.
    """
    lock_parts(event_id=registration.event_id)
    registration = Registration.objects.get(pk=registration.pk)
    if registration.erased_at is not None:
        return False
    contact = registration.contact_id
    lock_contact(contact)
    cancel(registration=registration, now=now)
    Invitation.objects.filter(event=registration.event_id, contact=contact).delete()
    _leave_stubs([registration], now)
    if contact is not None:
        delete_unneeded_contacts(Contact.objects.filter(pk=contact))
    return True


@transaction.atomic
def erase_person(*, contact: Contact, now: datetime.datetime) -> None:
    """Erase all that is kept of a person: every registration, invitation, consent and inquiry, and the address itself.

    What stays is the keyed hash of the address, so that no list of addresses brings an invitation again.
    """
    registrations = Registration.objects.filter(contact=contact).order_by("event")
    events = [*registrations.values_list("event", flat=True)]
    for event in events:
        lock_parts(event_id=event)
    lock_contact(contact.pk)
    for registration in registrations.all():
        cancel(registration=registration, now=now)
        _leave_stubs([registration], now)
    inquiries_from(contact.email).delete()
    Invitation.objects.filter(contact=contact).delete()
    stop_invitations(contact=contact, now=now)


@periodic.every(datetime.timedelta(hours=1))
def erase_expired_registrations(*, now: datetime.datetime) -> int:
    """Erase registrations whose time is over at `now`, at most 2,000 a round; returns how many.

    A registration is erased so many months after the end of its event as were agreed when it was made, or as the event
    says now if these are fewer. An event ends with the latest possible moment of its last part, whatever became of it;
    one whose parts were deleted before anybody registered, with its invitations. Contacts that nothing needs any more
    go too.
    """
    count = 0
    for event in _events_over(now):
        months = elapsed_term_months(event.ended, now=now)  # type: ignore[attr-defined]  # a column that the query adds
        while count < MAX_BATCH_SIZE and (erased := _expire_batch(event, months, now)):
            count += erased
        if event.retention_months <= months:
            Invitation.objects.filter(event=event).delete()
    delete_unneeded_contacts(Contact.objects.all())
    return count


def _events_over(now: datetime.datetime) -> list[Event]:
    """The events of which something personal is due to go, with `ended` (aware)."""
    registrations = Registration.objects.filter(event=OuterRef("pk"), erased_at__isnull=True)
    invitations = Invitation.objects.filter(event=OuterRef("pk"))
    events = Event.objects.filter(Exists(registrations) | Exists(invitations)).order_by("pk")
    ended = Coalesce(Max("parts__latest"), Max("invitations__expires_at"))
    shortest = Subquery(registrations.order_by("retention_months").values("retention_months")[:1])
    events = events.annotate(ended=ended, shortest=Coalesce(shortest, F("retention_months"))).filter(ended__lt=now)
    return [event for event in events if months_after(event.ended, min(event.retention_months, event.shortest)) < now]


@transaction.atomic
def _expire_batch(event: Event, months: int, now: datetime.datetime) -> int:
    lock_parts(event_id=event.pk)
    registrations = list(
        due_for_erasure(event.registrations.all(), months, event.retention_months).order_by("pk")[:BATCH_SIZE]
    )
    # Of an event that is over only a postponed part can still be given up; its places go to nobody.
    keys = [registration.pk for registration in registrations]
    Seat.objects.filter(registration__in=keys, part__status=Part.Status.POSTPONED).active().update(
        state=Seat.State.CANCELLED, sequence=F("sequence") + 1, changed_at=now, hold_expires_at=None
    )
    contacts = [registration.contact_id for registration in registrations]
    Invitation.objects.filter(event=event, contact__in=contacts).delete()
    _leave_stubs(registrations, now)
    return len(registrations)


def _leave_stubs(registrations: list[Registration], now: datetime.datetime) -> None:
    """Take the person out of registrations whose parts are locked: out of the row, its answers and its seats.

    The name of an organization stays where so many typed the same that it points to nobody.
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
