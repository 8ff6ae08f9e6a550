import csv
import html
import io
import re

import openpyxl
import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from events.domain.registration import cancel
from events.models import Contact, Part, Registration, Seat, Suppression
from tests.admin_forms import confirm_action, run_action
from tests.factories.events import EventFactory, PartFactory
from tests.factories.organizations import OrganizationFactory
from tests.factories.registrations import registered
from tests.moments import NOW
from wego_portal.foundation.models import OutboxMail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LISTS = ["events_registration", "events_seat", "events_contact", "foundation_outboxmail"]


def kinds():
    return list(OutboxMail.objects.order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("rows", [1, 3])
def test_lists_open_at_the_same_number_of_queries(registrar, name, rows, django_assert_num_queries):
    event = EventFactory()
    parts = [PartFactory(event=event) for _ in range(2)]
    for number in range(rows):
        registered(parts, now=NOW, number=number)
    registrar.get(reverse(f"admin:{name}_changelist"))
    expected = {"events_registration": 10, "events_seat": 7, "events_contact": 6, "foundation_outboxmail": 8}
    with django_assert_num_queries(expected[name]):
        assert registrar.get(reverse(f"admin:{name}_changelist")).status_code == 200


def test_a_registration_is_found_shown_and_corrected(registrar):
    city = OrganizationFactory()
    part = PartFactory()
    registered(part, now=NOW, number=1)
    wanted = registered(part, now=NOW, number=2, name="Ada Lovelace")
    for word in ("lovelace", "observer2@city"):
        found = registrar.get(reverse("admin:events_registration_changelist"), {"q": word})
        assert [row.pk for row in found.context["cl"].result_list] == [wanted.pk]
    address = reverse("admin:events_registration_change", args=[wanted.pk])
    page = registrar.get(address)
    assert b"Confirmed" in page.content
    assert wanted.token.encode() not in page.content
    assert wanted.reference.encode() not in page.content
    form = {
        "name": "Ada King",
        "position": "",
        "organization_name": "City",
        "organization": city.pk,
        "sector": "ministry",
        "country": "KR",
        "language": "ko",
        "seats-TOTAL_FORMS": 0,
        "seats-INITIAL_FORMS": 0,
        "answers-TOTAL_FORMS": 0,
        "answers-INITIAL_FORMS": 0,
    }
    assert registrar.post(address, form).status_code == 302
    wanted.refresh_from_db()
    assert (wanted.name, wanted.organization, wanted.contact.email) == ("Ada King", city, "observer2@city.example")


def test_lists_are_narrowed_to_an_event_its_part_and_state(registrar):
    part = PartFactory(capacity=1)
    holder, waiting = registered(part, now=NOW, number=1), registered(part, now=NOW, number=2)
    registered(PartFactory(), now=NOW, number=3)
    event = part.event_id
    address = reverse("admin:events_registration_changelist")
    found = registrar.get(address, {"event__id__exact": event, "seats__state__exact": "waiting"})
    assert [row.pk for row in found.context["cl"].result_list] == [waiting.pk]
    seats = registrar.get(reverse("admin:events_seat_changelist"), {"registration__event__id__exact": event, "part": 1})
    assert [seat.registration for seat in seats.context["cl"].result_list] == [holder, waiting]


def test_cancelling_names_who_is_notified_and_then_promotes_the_next_on_the_waitlist(registrar):
    part = PartFactory(capacity=1)
    holder, waiting = registered(part, now=NOW, number=1), registered(part, now=NOW, number=2)
    page = run_action(registrar, "cancel_all", holder)
    assert "1 person is notified by email" in page.content.decode()
    assert "1 confirmed place is lost." in page.content.decode()
    assert "Observer 1" in page.content.decode()
    assert holder.seats.get().state == "confirmed"
    response = confirm_action(registrar, page)
    assert "1 seat was cancelled. 1 person is notified by email." in response.content.decode()
    assert (holder.seats.get().state, waiting.seats.get().state) == ("cancelled", "confirmed")
    assert kinds()[2:] == ["seat_moved_up", "registration_cancelled_by_staff"]
    page = run_action(registrar, "cancel_seats", waiting.seats.get(), name="events_seat")
    assert waiting.seats.get().state == "confirmed"
    confirm_action(registrar, page, name="events_seat")
    assert waiting.seats.get().state == "cancelled"


def test_many_are_cancelled_by_one_action_with_one_mail_each_and_none_of_them_is_promoted(registrar):
    event = EventFactory()
    one, two = PartFactory(event=event, capacity=1), PartFactory(event=event, capacity=2)
    both, line, other = (registered([one, two], now=NOW, number=number) for number in range(3))
    OutboxMail.objects.all().delete()
    page = run_action(registrar, "cancel_all", both, line)
    content = page.content.decode()
    assert "2 people are notified by email" in content
    assert "3 confirmed places are lost." in content
    assert "4 seats were cancelled. 2 people are notified by email." in confirm_action(registrar, page).content.decode()
    assert set(Seat.objects.exclude(registration=other).values_list("state", flat=True)) == {"cancelled"}
    assert set(other.seats.values_list("state", flat=True)) == {"confirmed"}
    assert sorted(kinds()) == ["registration_cancelled_by_staff"] * 2 + ["seat_moved_up"] * 2
    mails = OutboxMail.objects.filter(kind="registration_cancelled_by_staff", parameters__registration=line.pk)
    assert mails.get().parameters["had_place"] == [line.seats.get(part=two).pk]


def test_who_registered_for_two_events_is_one_person(registrar):
    rows = [registered(PartFactory(), now=NOW) for _ in range(2)]
    page = run_action(registrar, "cancel_all", *rows)
    assert "1 person is notified by email" in page.content.decode()
    assert "2 confirmed places are lost." in page.content.decode()
    assert "2 seats were cancelled. 1 person is notified by email." in confirm_action(registrar, page).content.decode()


def test_only_seats_that_were_shown_are_cancelled(registrar):
    event = EventFactory()
    one, two = PartFactory(event=event), PartFactory(event=event)
    registration = registered(one, now=NOW)
    page = run_action(registrar, "cancel_all", registration)
    Seat.objects.create(registration=registration, part=two, state="confirmed", changed_at=NOW)
    confirm_action(registrar, page)
    assert [seat.state for seat in registration.seats.order_by("part")] == ["cancelled", "confirmed"]
    forged = {"action": "cancel_all", "_selected_action": registration.pk, "seen": "forged", "do": "confirm"}
    response = registrar.post(reverse("admin:events_registration_changelist"), forged)
    assert "Nothing is done yet." in response.content.decode()
    assert registration.seats.get(part=two).state == "confirmed"


def test_a_wish_for_later_parts_ends_with_the_registration(registrar):
    part = PartFactory()
    registration = registered(part, now=NOW)
    Registration.objects.update(later_parts=True)
    confirm_action(
        registrar,
        run_action(registrar, "cancel_seats", registration.seats.get(), name="events_seat"),
        name="events_seat",
    )
    assert Registration.objects.get().later_parts
    page = run_action(registrar, "cancel_all", registration)
    assert "1 registration for all later parts ends." in page.content.decode()
    confirm_action(registrar, page)
    assert not Registration.objects.get().later_parts


def test_seats_of_a_part_that_has_begun_are_not_cancelled(registrar):
    part = PartFactory()
    registration = registered(part, now=NOW)
    part.date = NOW.date()
    part.save()
    response = run_action(registrar, "cancel_all", registration)
    assert "no seat here that can be cancelled" in response.content.decode()
    assert registration.seats.get().state == "confirmed"


def test_more_capacity_in_the_admin_promotes_from_the_waitlist(admin_client):
    part = PartFactory(capacity=1, registration_closes_at=None)
    registered(part, now=NOW, number=1)
    waiting = registered(part, now=NOW, number=2)
    address = reverse("admin:events_part_change", args=[part.pk])
    form = admin_client.get(address).context["adminform"].form
    data = {name: value for name, value in form.initial.items() if value is not None and name in form.fields}
    for inline in ("agenda", "recordings", "transcripts", "handouts"):
        data |= {f"{inline}-TOTAL_FORMS": 0, f"{inline}-INITIAL_FORMS": 0}
    response = admin_client.post(address, data | {"capacity": 2})
    assert response.status_code == 302, response.context["errors"]
    assert Part.objects.get().capacity == 2
    assert waiting.seats.get().state == "confirmed"


def test_the_link_is_sent_again_or_replaced(registrar):
    registration = registered(PartFactory(), now=NOW)
    run_action(registrar, "send_the_link", registration)
    assert Registration.get_by_token(registration.token) == registration
    run_action(registrar, "replace_the_link", registration)
    assert Registration.get_by_token(registration.token) is None
    assert kinds().count("registration_link") == 1  # at the same moment; one mail with the link that works
    assert "registration_link" in kinds()


def test_deleting_gives_the_place_to_the_next_and_leaves_a_number(registrar):
    part = PartFactory(capacity=1)
    registration, waiting = registered(part, now=NOW), registered(part, now=NOW, number=2)
    address = reverse("admin:events_registration_delete", args=[registration.pk])
    assert registrar.get(address).status_code == 200
    assert registrar.post(address, {"post": "yes"}).status_code == 302
    assert waiting.seats.get().state == "confirmed"
    stub = Registration.objects.get(pk=registration.pk)
    assert (stub.erased_at, stub.contact, stub.name, stub.country) == (NOW, None, "", "JP")
    assert registrar.get(address).status_code == 302  # there is nothing to see or delete any more
    for name in LISTS[:2]:
        page = registrar.get(reverse(f"admin:{name}_changelist"))
        assert page.context["cl"].result_count == 1
    address = reverse("admin:events_contact_delete", args=[waiting.contact.pk])
    assert str(waiting) in registrar.get(address).content.decode()
    assert registrar.post(address, {"post": "yes"}).status_code == 302
    assert not Contact.objects.exists()
    assert [stub.name for stub in Registration.objects.all()] == ["", ""]


def test_a_cancelled_seat_stays_for_the_record(registrar, admin_client):
    seat = registered(PartFactory(), now=NOW).seats.get()
    cancel(registration=seat.registration, now=NOW)
    address = reverse("admin:events_seat_delete", args=[seat.pk])
    assert [staff.post(address, {"post": "yes"}).status_code for staff in (registrar, admin_client)] == [403, 403]
    assert Seat.objects.get() == seat


def test_the_log_of_staff_names_nobody(registrar):
    registration = registered(PartFactory(), now=NOW, name="Ada Lovelace")
    confirm_action(registrar, run_action(registrar, "cancel_all", registration))
    registrar.post(reverse("admin:events_registration_delete", args=[registration.pk]), {"post": "yes"})
    assert LogEntry.objects.count() == 2
    for entry in LogEntry.objects.all():
        assert "Lovelace" not in entry.object_repr + entry.change_message
        assert "@" not in entry.object_repr + entry.change_message


def test_consent_can_be_withdrawn(registrar):
    contact = registered(PartFactory(), now=NOW, invite_text="Invite me", verified=True).contact
    run_action(registrar, "withdraw", contact, name="events_contact")
    contact.refresh_from_db()
    assert (contact.invite_consent_at, contact.invite_consent_text) == (None, "")
    assert Suppression.is_suppressed(contact.email)


def test_a_failed_mail_can_be_sent_again(registrar):
    registered(PartFactory(), now=NOW)
    mail = OutboxMail.objects.get()
    OutboxMail.objects.update(state="failed", error="SMTPRecipientsRefused 550", attempts=12)
    run_action(registrar, "send_once_more", mail, name="foundation_outboxmail")
    mail.refresh_from_db()
    assert (mail.state, mail.attempts, mail.error) == ("queued", 0, "")
    page = registrar.get(reverse("admin:foundation_outboxmail_change", args=[mail.pk]))
    assert page.status_code == 200
    assert b"city.example" not in page.content


class TestExport:
    @pytest.fixture
    def event(self):
        event = EventFactory(title_en="Cities")
        one, two = PartFactory(event=event), PartFactory(event=event, capacity=1)
        registered(two, now=NOW, number=1, name="山田 花子")
        registered([one, two], now=NOW, number=2, name='=HYPERLINK("http://x")', organization_name="+1", position="@x")
        two.seats.filter(state="waiting").update(waitlist_number=5)  # as after others have left the line
        registered(PartFactory(), now=NOW, number=3)
        return event

    def export(self, client, event, number):
        address = reverse("admin:events_registration_export")
        page = client.get(address, {"event__id__exact": event.pk})
        assert page.status_code == 200
        form = page.context["form"]
        data = {name: "on" for name in form.fields if name not in ("format", "resource", "export_items")}
        query = f"?event__id__exact={event.pk}"
        response = client.post(address + query, {**data, "format": number, "resource": ""})
        assert response.status_code == 200
        return response

    def test_csv_opens_in_a_japanese_excel_and_calculates_nothing(self, registrar, event):
        response = self.export(registrar, event, 1)
        assert response.content.startswith(b"\xef\xbb\xbf")
        lines = response.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 3
        assert "山田 花子" in lines[2]
        assert '"\'=HYPERLINK(""http://x"")"' in lines[1]
        assert ",'+1," in lines[1]
        assert ",'@x," in lines[1]
        assert "1: Confirmed; 2: Waiting list (1)" in lines[1]
        assert "2026-11-23 18:00" in lines[1]

    @pytest.mark.parametrize("sign", ["=", "+", "-", "@", "＝", "＋", "－", "＠"])
    @pytest.mark.parametrize("number", [0, 1])
    def test_no_cell_begins_a_formula_in_any_width(self, registrar, sign, number):
        part = PartFactory()
        registered(part, now=NOW, name=f"{sign}SUM(1)")
        content = self.export(registrar, part.event, number).content
        if number == 0:
            cells = [cell.value for cell in list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows())[1]]
        else:
            cells = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))[1]
        assert f"'{sign}SUM(1)" in cells

    def test_excel_file_holds_text_only(self, registrar, event):
        sheet = openpyxl.load_workbook(io.BytesIO(self.export(registrar, event, 0).content)).active
        rows = list(sheet.iter_rows())
        assert [cell.value for cell in rows[0]][:4] == ["event", "seats by part", "name", "email"]
        assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "inlineStr"}
        assert rows[1][2].value == '\'=HYPERLINK("http://x")'
        assert rows[2][3].value == "observer1@city.example"

    def test_it_is_for_the_registrar_alone(self, editor):
        for method in (editor.get, editor.post):
            assert method(reverse("admin:events_registration_export")).status_code == 403


def test_personal_data_is_not_for_the_editor(editor):
    registration = registered(PartFactory(), now=NOW)
    for name in [*LISTS, "organizations_inquiry"]:
        assert editor.get(reverse(f"admin:{name}_changelist")).status_code == 403
    assert editor.get(reverse("admin:events_registration_change", args=[registration.pk])).status_code == 403
    assert editor.get(reverse("admin:events_event_changelist")).status_code == 200
    assert editor.get(reverse("admin:events_event_change", args=[registration.event_id])).status_code == 200
    assert Seat.objects.get().state == "confirmed"
    run_action(editor, "cancel_all", registration)
    assert Seat.objects.get().state == "confirmed"


def test_content_is_not_the_registrars(registrar):
    event = EventFactory(with_part=True)
    assert registrar.get(reverse("admin:events_event_add")).status_code == 403
    address = reverse("admin:events_event_change", args=[event.pk])
    assert registrar.post(address, {"title_en": "x"}).status_code == 403
    assert registrar.get(reverse("admin:organizations_inquiry_changelist")).status_code == 200


@pytest.mark.parametrize("role", ["Editor", "Registrar"])
def test_no_page_of_the_admin_leads_to_one_that_is_refused(staff_with, role):
    part = PartFactory(capacity=1)
    registration, _waiting = registered(part, now=NOW), registered(part, now=NOW, number=2)
    client = staff_with(role)
    pages = {
        reverse("admin:index"),
        reverse("admin:events_event_changelist"),
        reverse("admin:events_event_change", args=[part.event_id]),
        reverse("admin:events_part_change", args=[part.pk]),
    }
    if role == "Registrar":
        pages.add(reverse("admin:events_registration_change", args=[registration.pk]))
        pages.add(reverse("admin:events_contact_change", args=[registration.contact.pk]))
        pages |= {reverse(f"admin:{name}_changelist") for name in LISTS}
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200
        for link in set(re.findall(r'href="(/admin/[^"#]*)', response.content.decode())):
            assert client.get(html.unescape(link)).status_code in (200, 302), (page, link)
    events = client.get(reverse("admin:events_event_changelist")).content.decode()
    assert "1 Confirmed" in events
    assert ("/registration/?event__id__exact=" in events) is (role == "Registrar")
