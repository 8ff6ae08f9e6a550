"""The export of all data about a person, for that person."""

import datetime

from django.db import transaction
from django.db.models import Prefetch

from organizations.domain.inquiry import inquiries_from
from organizations.models import Inquiry

from .. import emails
from ..models import Contact, Invitation, Registration, Seat, Suppression

JsonObject = dict[str, object]


def personal_data_export(contact: Contact) -> JsonObject:
    """Return all data about the owner of an address, ready for JSON: datetimes are aware, titles in one language.

    Personal links are left out, since whoever gets hold of the file could use them.
    """
    registrations = Registration.objects.filter(contact=contact).select_related("event", "organization")
    seats = Prefetch("seats", Seat.objects.with_position().select_related("part"))
    registrations = registrations.prefetch_related(seats, "answers__question", "answers__choices").order_by(
        "registered_at"
    )
    return {
        "email": contact.email,
        "language": contact.language,
        "first_seen": contact.created_at,
        "consent_to_invitations": _consent(contact.invite_consent_at, contact.invite_consent_text),
        "invitations_stopped_at": Suppression.for_address(contact.email).values_list("since", flat=True).first(),
        "registrations": [_registration(row) for row in registrations],
        "invitations": [
            _invitation(row) for row in contact.invitations.select_related("event").order_by("created_at", "pk")
        ],
        "inquiries": [_inquiry(row) for row in inquiries_from(contact.email).order_by("sent_at", "pk")],
    }


@transaction.atomic
def send_data_link(*, contact: Contact, now: datetime.datetime) -> None:
    """Mail a new link to the page with all data about the owner of an address, at most once in ten minutes."""
    emails.queue_data_link(contact, now=now)


def _consent(given_at: datetime.datetime | None, text: str) -> JsonObject | None:
    return {"given_at": given_at, "text": text} if given_at else None


def _registration(row: Registration) -> JsonObject:
    return {
        "event": str(row.event.title),
        "name": row.name,
        "organization": row.organization_name,
        "organization_in_the_directory": str(row.organization.name) if row.organization else None,
        "sector": row.sector,
        "country": row.country.code,
        "position": row.position,
        "language": row.language,
        "later_parts_too": row.later_parts,
        "why_a_place_is_asked_for": row.request,
        "consent_to_privacy": _consent(row.privacy_consent_at, row.privacy_consent_text),
        "consent_to_invitations_to_confirm": _consent(row.pending_consent_at, row.pending_consent_text),
        "address_confirmed_at": row.address_verified_at,
        "registered_at": row.registered_at,
        "changed_at": row.changed_at,
        "thanked_at": row.thanked_at,
        "seats": [_seat(seat) for seat in sorted(row.seats.all(), key=lambda seat: seat.part.number)],
        "answers": [
            {"question": str(answer.question.label), "answer": answer.texts_for_display}
            for answer in sorted(row.answers.all(), key=lambda answer: answer.question.order)
        ],
    }


def _seat(seat: Seat) -> JsonObject:
    return {
        "part": seat.part.number,
        "starts_at": seat.part.starts_at,
        "state": seat.state,
        "hold_expires_at": seat.hold_expires_at,
        "released_at": seat.released_at,
        "waitlist_position": seat.position,
        "over_capacity": seat.over_capacity,
        "reason": seat.reason,
        "entered_at": seat.entered_at,
        "changed_at": seat.changed_at,
        "calendar_identity": seat.uid,
    }


def _invitation(row: Invitation) -> JsonObject:
    names = ("number", "created_at", "expires_at", "opened_at", "withdrawn_at")
    return {"event": str(row.event.title), **{name: getattr(row, name) for name in names}}


def _inquiry(row: Inquiry) -> JsonObject:
    names = ("kind", "name", "email", "organization_name", "sector", "message", "language", "consent_text", "sent_at")
    return {**{name: getattr(row, name) for name in names}, "country": row.country.code}
