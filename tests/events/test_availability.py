import datetime

import pytest

from events.domain.availability import State, availability_of, availability_of_events, event_availability
from events.models import Contact, Event, Part, Registration, Seat
from tests.factories.events import EventFactory, PartFactory
from tests.factories.organizations import OrganizationFactory
from tests.moments import HOUR, NOW

pytestmark = pytest.mark.django_db


def seat(part, state, waitlist_number=None):
    count = Contact.objects.count()
    contact = Contact.objects.create(email=f"observer{count}@example.org", created_at=NOW)
    registration = Registration.objects.create(
        event=part.event,
        contact=contact,
        name="Observer",
        organization_name="City",
        sector="municipal",
        country="JP",
        language="en",
        privacy_consent_at=NOW,
        privacy_consent_text="Yes",
        retention_months=12,
        registered_at=NOW,
        changed_at=NOW,
    )
    return Seat.objects.create(
        registration=registration, part=part, state=state, waitlist_number=waitlist_number, changed_at=NOW
    )


def state_of(part, now=NOW):
    return availability_of([part], now=now)[part.pk]


def test_unlimited_part_is_open():
    answer = state_of(PartFactory())
    assert (answer.state, answer.places_left, answer.takes_registrations) == (State.OPEN, None, True)


def test_confirmed_seats_take_places_and_others_do_not():
    part = PartFactory(capacity=3)
    seat(part, Seat.State.CONFIRMED)
    seat(part, Seat.State.CANCELLED)
    seat(part, Seat.State.REQUESTED)
    answer = state_of(part)
    assert (answer.state, answer.places_left) == (State.OPEN, 2)


def test_full_part_offers_its_waiting_list():
    part = PartFactory(capacity=1)
    seat(part, Seat.State.CONFIRMED)
    answer = state_of(part)
    assert (answer.state, answer.places_left, answer.joins_waitlist) == (State.WAITING_LIST, 0, True)


def test_newcomers_join_a_waitlist_though_a_seat_is_free():
    part = PartFactory(capacity=2)
    seat(part, Seat.State.CONFIRMED)
    seat(part, Seat.State.WAITING, waitlist_number=1)
    answer = state_of(part)
    assert (answer.state, answer.waiting, answer.joins_waitlist) == (State.WAITING_LIST, 1, True)


def test_full_without_waiting_list():
    part = PartFactory(capacity=0, has_waitlist=False)
    assert (state_of(part).state, state_of(part).takes_registrations) == (State.FULL, False)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Part.Status.PLANNED, State.OPEN),
        (Part.Status.CONFIRMED, State.OPEN),
        (Part.Status.CANCELLED, State.CANCELLED),
        (Part.Status.POSTPONED, State.POSTPONED),
        (Part.Status.REPLACED, State.REPLACED),
        (Part.Status.HELD, State.PAST),
        (Part.Status.UNKNOWN, State.NONE),
    ],
)
def test_status_decides(status, state):
    assert state_of(PartFactory(status=status)).state == state


def test_access_decides():
    assert state_of(PartFactory(event__access=Event.Access.INVITATION)).state == State.INVITATION
    assert state_of(PartFactory(event__access=Event.Access.AUDIENCE)).state == State.AUDIENCE
    assert state_of(PartFactory(event__takes_registrations=False)).state == State.NONE
    assert state_of(PartFactory(known_to_day=True)).state == State.NONE
    assert state_of(PartFactory(time_zone="")).state == State.NONE


def test_registration_opens_and_closes():
    part = PartFactory(registration_opens_at=NOW + HOUR, registration_closes_at=NOW + 3 * HOUR)
    before = state_of(part)
    assert (before.state, before.opens_at) == (State.NOT_YET_OPEN, NOW + HOUR)
    assert state_of(part, NOW + HOUR).state == State.OPEN
    assert state_of(part, NOW + 3 * HOUR).state == State.CLOSED


def test_registration_ends_when_the_part_begins_even_if_a_later_close_was_typed():
    part = PartFactory(registration_closes_at=datetime.datetime(2026, 12, 11, tzinfo=datetime.UTC))
    assert state_of(part, part.starts_at).state == State.CLOSED
    assert state_of(part, part.ends_at).state == State.PAST


@pytest.mark.parametrize(
    ("kwargs", "over"),
    [
        ({"known_to_year": True, "date": datetime.date(2020, 1, 1)}, "2020-12-31T15:00+00:00"),
        ({"known_to_month": True, "date": datetime.date(2020, 7, 1)}, "2020-07-31T15:00+00:00"),
        ({"known_to_day": True, "date": datetime.date(2020, 7, 6)}, "2020-07-06T15:00+00:00"),
        ({"known_to_day": True, "date": datetime.date(2020, 7, 6), "time_zone": ""}, "2020-07-07T12:00+00:00"),
    ],
)
def test_past_means_that_the_latest_possible_moment_has_passed(kwargs, over):
    part, over = PartFactory(**kwargs), datetime.datetime.fromisoformat(over)
    assert state_of(part, over - HOUR).state == State.NONE
    assert state_of(part, over).state == State.PAST


def test_event_speaks_with_its_most_useful_part():
    event = EventFactory()
    full = PartFactory(event=event, capacity=0)
    PartFactory(event=event, capacity=8)
    PartFactory(event=event, status=Part.Status.CANCELLED)
    answers = availability_of(event.parts.all(), now=NOW)
    assert answers[full.pk].state == State.WAITING_LIST
    together = event_availability(event, answers)
    assert (together.state, together.places_left) == (State.OPEN, 8)


def test_event_without_parts_and_replaced_event():
    assert event_availability(EventFactory(), {}).state == State.NONE
    replaced = PartFactory(event__replaced_by=EventFactory()).event
    assert availability_of_events([replaced], now=NOW)[replaced.pk].state == State.REPLACED


@pytest.mark.parametrize("rows", [1, 3])
def test_one_query_for_any_number_of_parts(rows, django_assert_num_queries):
    host = OrganizationFactory()
    for _row in range(rows):
        event = EventFactory()
        event.roles.create(organization=host, role="host")
        PartFactory(event=event, capacity=5)
        PartFactory(event=event, capacity=5)
    events = list(Event.objects.prefetch_related("parts"))
    with django_assert_num_queries(1):
        assert len(availability_of_events(events, now=NOW)) == rows
