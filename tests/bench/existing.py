"""Registrations that are there already: as many rows as the portal's own verb would have made, made in bulk."""

import datetime

from django.db import connection
from django.utils import timezone

from events.models import Contact, EventOrganization, Registration, Seat
from organizations.models import Language, Organization
from tests.factories.events import EventFactory, PartFactory
from tests.factories.registrations import details
from wego_portal.foundation.models import OutboxMail

BATCH = 5_000


def make_event(**part):
    """A published event of one part a month ahead, with a host and a language, as the form shows them."""
    event = EventFactory()
    EventOrganization.objects.create(
        event=event, organization=Organization.objects.order_by("pk")[0], role=EventOrganization.Role.HOST
    )
    event.spoken_languages.add(Language.objects.order_by("pk")[0])
    next_month = timezone.now().date() + datetime.timedelta(days=30)
    return PartFactory(event=event, date=next_month, **part)


def fill_up(part, number):
    """Registrations with a confirmed seat and a sent mail, until the event of the part has `number` of them."""
    there = Registration.objects.filter(event=part.event).count()
    for first in range(there, number, BATCH):
        _register(part, range(first, min(first + BATCH, number)))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")  # as PostgreSQL does by itself while as many come one by one


def _register(part, numbers):
    now = timezone.now()
    said = [details(number, email=f"former{part.pk}-{number}@city{number % 97}.example") for number in numbers]
    contacts = Contact.objects.bulk_create(Contact(email=each.email, created_at=now) for each in said)
    names = ("name", "organization_name", "sector", "country", "position", "language")
    registrations = Registration.objects.bulk_create(
        Registration(
            event=part.event,
            contact=contact,
            privacy_consent_at=now,
            privacy_consent_text=each.privacy_text,
            retention_months=12,
            registered_at=now,
            changed_at=now,
            **{name: getattr(each, name) for name in names},
        )
        for each, contact in zip(said, contacts, strict=True)
    )
    Seat.objects.bulk_create(
        Seat(registration=row, part=part, state=Seat.State.CONFIRMED, changed_at=now) for row in registrations
    )
    OutboxMail.objects.bulk_create(
        OutboxMail(
            kind="registration_received",
            deduplication_key=f"registration_received:{row.pk}:{now.isoformat()}",
            parameters={"registration": row.pk},
            state=OutboxMail.State.SENT,
            created_at=now,
            send_after=now,
            sent_at=now,
        )
        for row in registrations
    )
