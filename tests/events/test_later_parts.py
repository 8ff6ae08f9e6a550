"""“This and all later parts”: in the form, on the personal page, and when parts are added or open later."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.domain.later_parts import add_seats_in_later_parts, add_seats_in_opened_parts, reassign_places
from events.domain.privacy import erase_registration
from events.domain.registration import cancel, change
from events.domain.seat import NoPromotionReason, decline_seat, lock_parts
from events.models import Event, Part, Registration, Seat
from tests.admin_forms import form_data
from tests.factories.events import EventFactory, PartFactory
from tests.factories.registrations import details, registered
from tests.moments import DAY, HOUR, NOW, SECOND
from wego_portal.foundation.models import OutboxMail

from .calendar_reader import value
from .form_filling import TYPED, form_of, send, text
from .mail_reading import body, calendars, send_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

CONFIRMED, WAITING, REQUESTED = Seat.State.CONFIRMED, Seat.State.WAITING, Seat.State.REQUESTED


@pytest.fixture
def event():
    return EventFactory()


def part(event, day, **given):
    return PartFactory(event=event, date=datetime.date(2026, 12, day), **given)


def seats(registration):
    """{number of the part: state} of a registration."""
    return dict(registration.seats.values_list("part__number", "state"))


def run(event):
    return add_seats_in_later_parts(parts=lock_parts(event_id=event.pk), now=NOW)


class TestRegistering:
    def test_one_part_and_all_later_ones(self, client, event):
        for day in (1, 8, 15):
            part(event, day)
        page = send(client, event, follow=True, parts=["2"], later_parts="on")
        assert "Part 3" in text(page)
        registration = Registration.objects.get()
        assert seats(registration) == {2: CONFIRMED, 3: CONFIRMED}
        assert registration.later_parts

    def test_a_later_part_that_cannot_be_had_does_not_refuse_the_rest(self, client, event):
        part(event, 1)
        part(event, 8, capacity=0, has_waitlist=False)
        part(event, 15, registration_opens_at=NOW + DAY)
        assert send(client, event, parts=["1"], later_parts="on").status_code == 302
        assert seats(Registration.objects.get()) == {1: CONFIRMED}

    def test_later_is_told_by_the_date_and_not_by_the_number(self, client, event):
        part(event, 15)
        part(event, 1)
        send(client, event, parts=["1"], later_parts="on")
        assert seats(Registration.objects.get()) == {1: CONFIRMED}

    def test_an_event_of_one_part_does_not_ask(self, client, event):
        part(event, 1)
        assert b"later_parts" not in client.get(form_of(event)).content
        part(event, 8)
        assert b"later_parts" in client.get(form_of(event)).content


class TestPartsAddedLater:
    @pytest.fixture
    def followers(self, event):
        """Three who want all later parts, in this order, and one who does not."""
        first = part(event, 1)
        found = [
            registered(first, now=NOW - (4 - number) * HOUR, number=number, later_parts=True) for number in (1, 2, 3)
        ]
        registered(first, now=NOW - 5 * HOUR, number=4)
        return found

    def test_they_are_seated_in_their_order_within_capacity_and_the_rest_waits(self, event, followers):
        added = part(event, 8, capacity=2)
        run(event)
        assert [seats(each)[2] for each in followers] == [CONFIRMED, CONFIRMED, WAITING]
        assert added.seats.count() == 3
        assert added.seats.get(registration=followers[2]).waitlist_number == 1
        assert run(event) == []

    def test_without_a_waiting_list_the_rest_gets_nothing_until_there_is_a_place(self, event, followers):
        added = part(event, 8, capacity=2, has_waitlist=False)
        run(event)
        assert 2 not in seats(followers[2])
        added.capacity = 3
        added.save()
        run(event)
        assert seats(followers[2])[2] == CONFIRMED

    def test_each_is_notified_by_one_mail_with_a_calendar_entry_for_each_seat(self, event, followers, mailoutbox):
        send_all(mailoutbox, NOW)
        part(event, 8)
        part(event, 15, capacity=2)
        run(event)
        mails = {mail["To"]: mail for mail in send_all(mailoutbox, NOW)}
        assert sorted(mails) == [f"observer{number}@city.example" for number in (1, 2, 3)]
        first, last = mails["observer1@city.example"], mails["observer3@city.example"]
        assert [method for method, _entry in calendars(first)] == ["REQUEST", "REQUEST"]
        assert [value(entry, "DTSTART") for _method, entry in calendars(last)] == ["20261208T060000Z"]
        assert "Waiting list, number 1" in body(last)
        assert "You asked for this and all later parts." in body(last)
        run(event)
        assert send_all(mailoutbox, NOW) == []

    def test_not_into_an_earlier_part_nor_into_one_whose_seat_was_cancelled(self, event, followers):
        part(event, 8)
        run(event)
        cancel(registration=followers[0], parts=[event.parts.get(number=2)], now=NOW)
        PartFactory(event=event, date=datetime.date(2026, 11, 25))
        run(event)
        assert seats(followers[0]) == {1: CONFIRMED, 2: Seat.State.CANCELLED}

    def test_who_cancelled_all_or_was_erased_or_declined_is_left_alone(self, event, followers):
        cancel(registration=followers[0], now=NOW)
        erase_registration(registration=followers[1], now=NOW)
        followers[2].seats.update(state=REQUESTED)
        decline_seat(seat=followers[2].seats.get(), reason="No.", now=NOW)
        part(event, 8)
        assert run(event) == []

    def test_who_is_outside_the_audience_asks_again(self, event, followers, mailoutbox):
        Event.objects.filter(pk=event.pk).update(access="audience", audience_countries="KR")
        part(event, 8)
        run(event)
        assert {seats(each)[2] for each in followers} == {REQUESTED}
        mails = [mail["Subject"] for mail in send_all(mailoutbox, NOW) if mail["To"] == "observer1@city.example"]
        assert mails[-1].startswith("You have asked for a place")

    def test_they_come_before_who_registers_the_moment_a_part_opens(self, event, followers):
        added = part(event, 8, capacity=3, registration_opens_at=NOW - SECOND)
        registered(added, now=NOW, number=9)
        assert [seats(each)[2] for each in followers] == [CONFIRMED] * 3
        assert added.seats.get(registration__contact__email="observer9@city.example").state == WAITING

    def test_a_part_that_opens_later_seats_them_when_it_opens(self, event, followers):
        part(event, 8, registration_opens_at=NOW + DAY)
        assert add_seats_in_opened_parts(now=NOW) == 0
        assert add_seats_in_opened_parts(now=NOW + DAY) == 3
        assert add_seats_in_opened_parts(now=NOW + DAY) == 0

    def test_an_event_that_is_not_published_seats_nobody_until_it_is(self, event, followers):
        Event.objects.filter(pk=event.pk).update(publication="withdrawn")
        part(event, 8)
        assert run(event) == []
        Event.objects.filter(pk=event.pk).update(publication="published")
        assert add_seats_in_opened_parts(now=NOW) == 3

    def test_the_worker_asks_once_where_nobody_is_to_be_seated(self, event, followers):
        with CaptureQueriesContext(connection) as queries:
            add_seats_in_opened_parts(now=NOW)
        assert len(queries) == 1

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries_does_not_depend_on_how_many_follow(self, event, rows, django_assert_num_queries):
        first = part(event, 1)
        for number in range(rows):
            registered(first, now=NOW, number=number, later_parts=True)
        part(event, 8, capacity=2)
        parts = lock_parts(event_id=event.pk)
        # Who is wanted, seats counted twice, last waitlist number, who wants it, seats, mails.
        with django_assert_num_queries(7):
            add_seats_in_later_parts(parts=parts, now=NOW)


class TestStaff:
    def test_all_that_comes_of_other_places_is_done_and_returned_at_once(self, event):
        grown, shrunk, same = (part(event, day, capacity=2) for day in (1, 2, 3))
        for number in range(3):
            registered([grown, shrunk, same], now=NOW, number=number, later_parts=True)
        Part.objects.filter(pk=grown.pk).update(capacity=3)
        Part.objects.filter(pk=shrunk.pk).update(capacity=1)
        added = part(event, 8)
        changed = reassign_places(event=event, resized={grown.pk, shrunk.pk}, now=NOW)
        promoted = {each.pk: [seat.registration.name for seat in seats] for each, seats in changed.promoted.items()}
        assert promoted == {grown.pk: ["Observer 2"], shrunk.pk: [], same.pk: []}
        assert changed.no_promotion_reasons == {shrunk: NoPromotionReason.OVERFULL}
        assert [seat.part for seat in changed.added] == [added] * 3

    def test_adding_a_part_in_the_admin_gives_them_seats_and_says_how_many(self, admin_client, event):
        registration = registered(part(event, 1), now=NOW, later_parts=True)
        address = f"/admin/events/event/{event.pk}/change/"
        data = form_data(admin_client, address) | {
            "parts-TOTAL_FORMS": 2,
            "parts-1-number": 2,
            "parts-1-status": "planned",
            "parts-1-date": "2026-12-08",
            "parts-1-precision": "minute",
            "parts-1-start_time": "15:00",
            "parts-1-time_zone": "Asia/Seoul",
            "parts-1-has_waitlist": "on",
            "parts-1-event": event.pk,
        }
        page = admin_client.post(address, data, follow=True)
        assert "1 seat went to somebody who asked for all later parts" in text(page)
        assert seats(registration) == {1: CONFIRMED, 2: CONFIRMED}

    def test_a_part_that_gets_its_hour_on_its_own_page_seats_them(self, admin_client, event):
        registration = registered(part(event, 1), now=NOW, later_parts=True)
        planned = part(event, 8, known_to_day=True)
        run(event)
        assert seats(registration) == {1: CONFIRMED}
        address = f"/admin/events/part/{planned.pk}/change/"
        data = form_data(admin_client, address) | {"start_time": "15:00", "precision": "minute"}
        admin_client.post(address, data)
        assert seats(registration) == {1: CONFIRMED, 2: CONFIRMED}


class TestPersonalPage:
    def test_the_wish_is_shown_changed_and_taken_back(self, client, event):
        registration = registered(part(event, 1), now=NOW)
        part(event, 8)
        address = f"/registrations/{registration.token}/"
        given = {**TYPED, "do": "change", "later_parts": "on"}
        assert client.post(address, given).status_code == 302
        assert seats(registration) == {1: CONFIRMED, 2: CONFIRMED}
        assert "checked" in client.get(address).content.decode().partition('name="later_parts"')[2].partition(">")[0]
        assert client.post(address, {**TYPED, "do": "change", "parts": ["1", "2"]}).status_code == 302
        registration.refresh_from_db()
        assert not registration.later_parts

    def test_the_wish_needs_a_part_after_which_they_are(self, client, event):
        registration = registered(part(event, 1), now=NOW)
        part(event, 8)
        cancel(registration=registration, now=NOW)
        given = {**TYPED, "do": "change", "parts": [], "later_parts": "on"}
        page = client.post(f"/registrations/{registration.token}/", given)
        assert page.status_code == 422
        assert "Select at least one part first." in text(page)

    def test_a_part_that_is_unticked_stays_cancelled(self, event):
        first, second = part(event, 1), part(event, 8)
        registration = registered([first, second], now=NOW, later_parts=True)
        change(registration=registration, parts=[first], details=details(later_parts=True), now=NOW)
        change(registration=registration, parts=[first], details=details(later_parts=True, name="Ada"), now=NOW)
        assert run(event) == []
        assert seats(registration) == {1: CONFIRMED, 2: Seat.State.CANCELLED}

    def test_cancelling_ends_the_wish(self, client, event):
        registration = registered(part(event, 1), now=NOW, later_parts=True)
        client.post(f"/registrations/{registration.token}/", {"do": "cancel"})
        part(event, 8)
        assert run(event) == []
        assert not OutboxMail.objects.filter(kind="registration_later_parts").exists()
