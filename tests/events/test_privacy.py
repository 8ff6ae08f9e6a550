"""Erasing: what goes, what stays, and when the worker does it."""

import datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from events.domain.privacy import BATCH_SIZE, erase_expired_registrations, erase_person, erase_registration
from events.domain.registration import PartsUnavailableError, change, register
from events.models import Answer, Contact, Invitation, Part, Question, Registration, Suppression
from organizations.domain.inquiry import expire_inquiries
from organizations.models import Inquiry
from tests.factories.events import EventFactory, PartFactory
from tests.factories.organizations import OrganizationFactory
from tests.factories.registrations import details, registered
from tests.moments import DAY, NOW
from wego_portal.foundation.calendar_months import months_after
from wego_portal.foundation.models import OutboxMail
from wego_portal.foundation.outbox import send_due

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

# The part of the factory ends on 10 December 2026, 07:30 UTC; registrations are kept for 12 months.
OVER = datetime.datetime(2027, 12, 10, 7, 30, tzinfo=datetime.UTC)


def everything_kept():
    """Each value of each table of the portal, as one text."""
    with connection.cursor() as cursor:
        rows = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            rows += cursor.fetchall()
    return repr(rows)


def inquiry(email, sent_at=NOW):
    return Inquiry.objects.create(
        kind="other", name="Ada", email=email, organization_name="x", sector="municipal", country="JP",
        message="About Ada", language="en", consent_text="I agree", sent_at=sent_at,
    )  # fmt: skip


def invited(event, contact, number=1):
    return Invitation.objects.create(
        event=event, contact=contact, number=number, created_at=NOW, expires_at=NOW + 9 * DAY
    )


class TestErase:
    def test_nothing_of_the_person_stays_and_everything_that_counts_does(self, client, mailoutbox):
        city = OrganizationFactory(name_en="City of Example")
        part = PartFactory()
        given = {
            "name": "Ada Lovelace",
            "email": "ada@city.example",
            "position": "Analyst",
            "privacy_text": "I agree so",
        }
        registration = registered(part, now=NOW, **given)
        question = Question.objects.create(event=part.event, label_en="Diet")
        Answer.objects.create(registration=registration, question=question, text="Peppercorn")
        Registration.objects.update(request="Because of Bletchley")
        seat = registration.seats.get()
        registration.seats.update(entered_at=NOW, reason="Dear Ada")
        token = registration.token
        assert erase_registration(registration=registration, now=NOW + DAY)
        kept = everything_kept()
        words = (
            "Ada",
            "ada@",
            "Analyst",
            "Peppercorn",
            "Bletchley",
            "I agree so",
            registration.reference,
            seat.uid,
        )
        assert [word for word in words if word in kept] == []
        stub = Registration.objects.get()
        assert (stub.sector, stub.country, stub.organization) == ("municipal", "JP", city)
        assert (stub.erased_at, stub.seats.get().entered_at) == (NOW + DAY, NOW)
        assert not Contact.objects.exists()
        assert client.get(f"/registrations/{token}/").status_code == 404
        assert send_due(now=NOW + DAY) == 2  # the confirmation, and that of giving up the place
        assert mailoutbox == []
        assert set(OutboxMail.objects.values_list("state", flat=True)) == {"dropped"}
        assert not erase_registration(registration=registration, now=NOW + 2 * DAY)

    def test_the_seat_goes_to_the_next_on_the_waitlist(self):
        part = PartFactory(capacity=1)
        first, second = registered(part, now=NOW), registered(part, now=NOW, number=2)
        erase_registration(registration=first, now=NOW)
        assert second.seats.get().state == "confirmed"
        assert first.seats.get().state == "cancelled"

    @pytest.mark.parametrize("needed_by", ["consent", "registration", "invitation"])
    def test_the_contact_stays_where_it_is_needed(self, needed_by):
        consent = "Invite me" if needed_by == "consent" else ""
        registration = registered(PartFactory(), now=NOW, invite_text=consent, verified=True)
        if needed_by == "registration":
            registered(PartFactory(), now=NOW)
        if needed_by == "invitation":
            invited(EventFactory(), registration.contact)
        erase_registration(registration=registration, now=NOW)
        assert Contact.objects.get().email == "observer1@city.example"

    def test_the_address_can_register_again(self):
        part = PartFactory()
        erase_registration(registration=registered(part, now=NOW), now=NOW)
        again = registered(part, now=NOW)
        assert again.seats.get().state == "confirmed"
        assert Registration.objects.count() == 2

    def test_a_change_that_comes_too_late_is_refused(self):
        part = PartFactory()
        registration = registered(part, now=NOW)
        erase_registration(registration=registration, now=NOW)
        with pytest.raises(PartsUnavailableError):
            change(registration=registration, parts=[part], details=details(name="Ada"), now=NOW)

    def test_a_person_goes_whole(self):
        one, two = PartFactory(capacity=1), PartFactory()
        registration = registered(one, now=NOW, email="ada@city.example", invite_text="Invite me", verified=True)
        waiting = registered(one, now=NOW, number=2)
        registered(two, now=NOW, email="ada@city.example")
        invited(EventFactory(), registration.contact)
        inquiry("ada@city.example")
        erase_person(contact=registration.contact, now=NOW)
        assert "ada@city.example" not in everything_kept().lower()
        assert waiting.seats.get().state == "confirmed"
        assert Suppression.objects.get().address_hash == Suppression.hash_of("ada@city.example")
        assert not Invitation.objects.exists()
        assert not Inquiry.objects.exists()
        assert list(Contact.objects.all()) == [waiting.contact]

    @pytest.mark.parametrize("half", [{"erased_at": NOW}, {"contact": None}, {"privacy_consent_text": ""}])
    def test_the_database_takes_no_half_erased_registration(self, half):
        registered(PartFactory(), now=NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            Registration.objects.update(**half)


class TestExpire:
    def test_it_comes_with_the_end_of_the_last_part_and_the_months_of_the_event(self):
        event = EventFactory()
        part = PartFactory(event=event, date=datetime.date(2026, 12, 3))
        PartFactory(event=event)
        registered(part, now=NOW, invite_text="Invite me", verified=True)
        registered(part, now=NOW, number=2)
        assert erase_expired_registrations(now=OVER) == 0
        assert erase_expired_registrations(now=OVER + datetime.timedelta(seconds=1)) == 2
        assert {row.name for row in Registration.objects.all()} == {""}
        assert [contact.email for contact in Contact.objects.all()] == ["observer1@city.example"]
        assert erase_expired_registrations(now=OVER + DAY) == 0

    def test_another_event_has_another_time(self):
        registered(PartFactory(event=EventFactory(retention_months=1)), now=NOW)
        registered(PartFactory(), now=NOW)
        assert erase_expired_registrations(now=datetime.datetime(2027, 1, 11, tzinfo=datetime.UTC)) == 1
        assert Contact.objects.exists()

    def test_it_works_in_batches_and_leaves_the_rest_for_the_next_round(self, monkeypatch):
        monkeypatch.setattr("events.domain.privacy.BATCH_SIZE", 2)
        monkeypatch.setattr("events.domain.privacy.MAX_REGISTRATIONS_PER_RUN", 4)
        part = PartFactory()
        for number in range(7):
            registered(part, now=NOW, number=number)
        assert [erase_expired_registrations(now=OVER + DAY) for _ in range(3)] == [4, 3, 0]
        assert not Contact.objects.exists()

    def test_invitations_and_contacts_without_need_go_too(self):
        part = PartFactory()
        contact = Contact.objects.create(email="invited@city.example", created_at=NOW)
        invited(part.event, contact)
        Contact.objects.create(email="left@city.example", created_at=NOW)
        agreed = Contact.objects.create(
            email="agreed@city.example", created_at=NOW, invite_consent_at=NOW, invite_consent_text="Yes"
        )
        erase_expired_registrations(now=NOW)
        assert list(Contact.objects.all()) == [agreed, contact]
        erase_expired_registrations(now=OVER + DAY)
        assert list(Contact.objects.all()) == [agreed]

    def test_invitations_to_an_event_that_lost_its_parts_go_too(self):
        contact = Contact.objects.create(email="ada@city.example", created_at=NOW)
        ends = invited(EventFactory(), contact).expires_at
        erase_expired_registrations(now=months_after(ends, 12))
        assert Invitation.objects.exists()
        erase_expired_registrations(now=months_after(ends, 12) + DAY)
        assert not Contact.objects.exists()

    def test_a_part_that_was_postponed_for_ever_keeps_nobody(self):
        part = PartFactory()
        registered(part, now=NOW)
        Part.objects.update(status=Part.Status.POSTPONED)
        assert erase_expired_registrations(now=OVER + DAY) == 1
        assert Registration.objects.get().seats.get().state == "cancelled"

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries_of_a_batch(self, rows):
        assert rows < BATCH_SIZE
        part = PartFactory()
        for number in range(rows):
            registered(part, now=NOW, number=number)
        with CaptureQueriesContext(connection) as queries:
            assert erase_expired_registrations(now=OVER + DAY) == rows
        statements = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
        assert len(statements) == 20

    def test_inquiries_are_kept_for_two_years(self):
        inquiry("ada@city.example")
        two_years = datetime.datetime(2028, 11, 23, 9, tzinfo=datetime.UTC)
        assert expire_inquiries(now=two_years) == 0
        assert expire_inquiries(now=two_years + datetime.timedelta(seconds=1)) == 1

    def test_months_are_those_of_the_calendar(self):
        last = datetime.datetime(2027, 1, 31, 9, tzinfo=datetime.UTC)
        assert months_after(last, 1) == datetime.datetime(2027, 2, 28, 9, tzinfo=datetime.UTC)
        assert months_after(last, 13) == datetime.datetime(2028, 2, 29, 9, tzinfo=datetime.UTC)
        assert months_after(last, -2) == datetime.datetime(2026, 11, 30, 9, tzinfo=datetime.UTC)


class TestCounts:
    @pytest.mark.parametrize("is_erased", [False, True])
    def test_they_stay_and_small_groups_are_folded(self, admin_client, is_erased):
        city = OrganizationFactory(name_en="City of Example")
        part = PartFactory()
        for number in range(6):
            registered(part, now=NOW, number=number)
        for number, country in enumerate(["KR", "KR", "VN", "TH"], 10):
            registered(part, now=NOW, number=number, country=country, sector="ministry", organization_name="Ministry X")
        Registration.objects.filter(contact__email="observer1@city.example").get().seats.update(entered_at=NOW)
        if is_erased:
            erase_expired_registrations(now=OVER + DAY)
        address = reverse("admin:events_event_attendance_report", args=[part.event.pk])
        with CaptureQueriesContext(connection) as queries:
            tables = admin_client.get(address).context["tables"]
        assert len(queries) == 7  # session, user, event; a count each and the names of organizations
        groups = [[(group.label, group.registered, group.entered) for group in table] for _title, table in tables]
        assert groups == [
            [("Municipal government", 6, 1), ("Other", 4, 0)],
            [("Japan", 6, 1), ("Other", 4, 0)],
            [(str(city.name), 6, 1), ("Other", 4, 0)],
        ]

    @pytest.mark.parametrize("is_erased", [False, True])
    def test_an_organization_outside_the_directory_stays_where_five_typed_the_same(self, admin_client, is_erased):
        part = PartFactory()
        for number, name in enumerate(["Universität Élan", "UNIVERSITÄT ELAN", "universität élan"] * 2):
            registered(part, now=NOW, number=number, organization_name=name)
        for number in range(10, 14):
            registered(part, now=NOW, number=number, organization_name="Four of Us Ltd")
        if is_erased:
            alone = Registration.objects.get(contact__email="observer0@city.example")
            erase_registration(registration=alone, now=NOW)
            alone.seats.update(state="confirmed")  # not given up, or it would not be counted
            erase_expired_registrations(now=OVER + DAY)
            assert "Four of Us" not in everything_kept()
            assert not Contact.objects.exists()
        tables = dict(
            admin_client.get(reverse("admin:events_event_attendance_report", args=[part.event.pk])).context["tables"]
        )
        groups = [(group.label.casefold(), group.registered) for group in tables["By organization"]]
        assert [number for _label, number in groups] == [6, 4]
        assert groups[0][0].startswith("universität")
        assert groups[1][0] == "other"

    def test_they_are_linked_from_the_event_and_for_staff_alone(self, admin_client, client):
        part = PartFactory()
        address = reverse("admin:events_event_attendance_report", args=[part.event.pk])
        assert address in admin_client.get(reverse("admin:events_event_change", args=[part.event.pk])).content.decode()
        assert "Nobody has registered." in admin_client.get(address).content.decode()
        client.logout()
        assert client.get(address).status_code == 302


def test_registering_goes_on_while_the_contact_is_erased(monkeypatch):
    """The known contact is gone between the two statements that look for it."""
    part = PartFactory()
    known = registered(PartFactory(), now=NOW).contact
    plain = Contact.objects.bulk_create

    def erased_meanwhile(rows, **kwargs):
        plain(rows, **kwargs)
        monkeypatch.setattr(Contact.objects, "bulk_create", plain)
        Registration.objects.update(contact=None, erased_at=NOW)
        Contact.objects.filter(pk=known.pk).delete()

    monkeypatch.setattr(Contact.objects, "bulk_create", erased_meanwhile)
    register(event=part.event, parts=[part], details=details(), now=NOW)
    assert part.event.registrations.get().contact.email == known.email
