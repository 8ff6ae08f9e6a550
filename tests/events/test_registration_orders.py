"""Any order of registering, confirming, changing, cancelling, releasing and deciding keeps the promises, whatever the
capacities that staff saves and the parts that are added. Each run explores other orders; what it prints first repeats
one.

No more confirmed than places, but for recorded overbooking and a capacity that was lowered afterwards; nobody both
seated and waiting; the line is served in its order and its numbers only grow; no place is idle while somebody waits for
a part that has not begun; who is outside the audience has no place that staff did not give.
"""

import contextlib
import dataclasses
import datetime

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Max
from django.test import Client
from django.urls import reverse
from hypothesis import seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from events.domain.address_verification import verify_address
from events.domain.later_parts import add_seats_in_later_parts
from events.domain.registration import OutsideAudienceError, PartsUnavailableError, cancel, change, register
from events.domain.release import release_expired_holds
from events.domain.seat import confirm_over_capacity, decline_seat, grant_seat, lock_parts, promote
from events.models import Part, Registration, Seat
from tests.admin_forms import field_errors, form_data
from tests.factories.events import EventFactory, PartFactory
from tests.factories.registrations import details
from tests.moments import NOW
from wego_portal.foundation.models import OutboxMail

FIRST_START = datetime.datetime(2026, 12, 10, 6, tzinfo=datetime.UTC)

people = st.integers(1, 7)
nth = st.integers(0, 6)
capacities = st.sampled_from([1, 2, 3, 0, 4, None])  # few enough for a line
which = st.sampled_from([(0,), (1,), (0, 1)])  # parts of the event, the first of which begins a week earlier
OUTSIDERS = (6, 7)  # of the people


@dataclasses.dataclass
class Standing:
    """A part as it stood before a step."""

    confirmed: set
    line: list  # registrations, first in line first
    last_number: int


class Registrations(RuleBasedStateMachine):
    """One event of two parts, later three, seven people, and staff who cannot make up their mind."""

    def __init__(self):
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.now = NOW
        self.given = set()  # seats that staff gave past the line
        self.admin_client = Client()
        self.staff = get_user_model().objects.create_superuser("staff")

    def teardown(self):
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize(first=capacities, second=capacities, has_waitlist=st.booleans(), numbers=st.lists(which, max_size=6))
    def plan(self, first, second, has_waitlist, numbers):
        event = EventFactory(access="audience", audience_countries=["JP"])
        self.parts = [
            PartFactory(event=event, capacity=first),
            PartFactory(event=event, capacity=second, date=datetime.date(2026, 12, 17), has_waitlist=has_waitlist),
        ]
        self.before = [self.standing(part) for part in self.parts]
        for person, chosen in enumerate(numbers, start=1):
            self.register(person, chosen, later=person == 1)

    def standing(self, part):
        seats = Seat.objects.filter(part=part)
        return Standing(
            set(seats.confirmed().values_list("registration", flat=True)),
            list(seats.waiting().values_list("registration", flat=True)),
            seats.aggregate(last=Max("waitlist_number"))["last"] or 0,
        )

    def chosen(self, numbers):
        return list(Part.objects.filter(pk__in=[self.parts[number].pk for number in numbers]))

    def held(self, nth):
        """One of the registrations that have a seat, the first among them those with a place."""
        seats = Seat.objects.filter(registration__event=self.parts[0].event).active().order_by("state", "pk")
        registrations = list(dict.fromkeys(seats.values_list("registration", flat=True)))
        return Registration.objects.get(pk=registrations[nth % len(registrations)]) if registrations else None

    @rule(person=people, numbers=which, later=st.booleans())
    def register(self, person, numbers, later):
        country = {"country": "DE", "request": "Please."} if person in OUTSIDERS else {}
        given = details(person, later_parts=later, **country)
        with contextlib.suppress(PartsUnavailableError):
            register(event=self.parts[0].event, parts=self.chosen(numbers), details=given, now=self.now)

    @rule(nth=nth, numbers=which, name=st.sampled_from(["Observer", "Another"]), later=st.booleans())
    def change(self, nth, numbers, name, later):
        if registration := self.held(nth):
            country, email = registration.country.code, registration.contact.email
            with contextlib.suppress(PartsUnavailableError, OutsideAudienceError):
                change(
                    registration=registration,
                    parts=self.chosen(numbers),
                    details=details(name=name, email=email, country=country, later_parts=later),
                    now=self.now,
                )

    @rule(nth=nth, verb=st.sampled_from([grant_seat, decline_seat, confirm_over_capacity]))
    def decide(self, nth, verb):
        states = [Seat.State.REQUESTED, *([Seat.State.WAITING] if verb is confirm_over_capacity else [])]
        seats = list(Seat.objects.filter(part__in=self.parts, state__in=states).order_by("pk"))
        if seats:
            seat = verb(seat=seats[nth % len(seats)], reason="So it is.", now=self.now)
            if seat and verb is not decline_seat:
                self.given.add((seat.part_id, seat.registration_id))

    @precondition(lambda self: len(self.parts) == 2)
    @rule(capacity=capacities, has_waitlist=st.booleans())
    def add_part(self, capacity, has_waitlist):
        day, event = datetime.date(2027, 1, 14), self.parts[0].event
        self.parts.append(PartFactory(event=event, capacity=capacity, date=day, has_waitlist=has_waitlist))
        self.before.append(self.standing(self.parts[-1]))
        add_seats_in_later_parts(parts=lock_parts(event_id=event.pk), now=self.now)

    @rule(nth=nth)
    def confirm_the_address(self, nth):
        if (registration := self.held(nth)) and not registration.has_verified_address:
            verify_address(registration=registration, now=self.now, with_preferences=True)

    @rule()
    def release_what_was_not_confirmed(self):
        OutboxMail.objects.update(state="sent", sent_at=self.now)
        release_expired_holds(now=self.now)

    @rule(nth=nth, numbers=st.one_of(st.none(), which))
    def cancel(self, nth, numbers):
        if registration := self.held(nth):
            cancel(registration=registration, parts=numbers and self.chosen(numbers), now=self.now)

    @rule(number=st.integers(0, 1), capacity=capacities, has_waitlist=st.booleans())
    def save_by_staff(self, number, capacity, has_waitlist):
        """Another number of places, saved in the back office as staff does."""
        address = reverse("admin:events_part_change", args=[self.parts[number].pk])
        with time_machine.travel(self.now, tick=False):
            self.admin_client.force_login(self.staff)
            data = form_data(self.admin_client, address) | {"capacity": "" if capacity is None else capacity}
            data.pop("has_waitlist", None)
            saved = self.admin_client.post(address, data | ({"has_waitlist": "on"} if has_waitlist else {}))
        assert saved.status_code == 302, field_errors(saved)

    @rule(number=st.integers(0, 1))
    def promote(self, number):
        assert promote(part=self.parts[number], now=self.now) == []

    @precondition(lambda self: self.now < FIRST_START)
    @rule(days=st.sampled_from([1, 17]))
    def time_passes(self, days):
        self.now += datetime.timedelta(days=days)

    @invariant()
    def nobody_is_both_seated_and_waiting(self):
        for part in self.parts:
            addresses = list(part.seats.active().values_list("registration__contact__email", flat=True))
            assert len(addresses) == len(set(addresses))

    @invariant()
    def nobody_confirmed_is_held_for_a_time_and_nobody_given_up_is_held_at_all(self):
        held = Seat.objects.filter(part__in=self.parts, hold_expires_at__isnull=False)
        assert not held.filter(registration__address_verified_at__isnull=False).exists()
        assert not held.exclude(state__in=[Seat.State.CONFIRMED, Seat.State.WAITING]).exists()

    @invariant()
    def outsiders_have_no_place_that_staff_did_not_give(self):
        places = Seat.objects.filter(part__in=self.parts, registration__country="DE")
        for seat in places.filter(state__in=[Seat.State.CONFIRMED, Seat.State.WAITING]):
            assert (seat.part_id, seat.registration_id) in self.given

    @invariant()
    def every_step_keeps_the_promises(self):
        for number, part in enumerate(self.parts):
            part.refresh_from_db()
            before, after = self.before[number], self.standing(part)
            over = set(part.seats.confirmed().filter(over_capacity=True).values_list("registration", flat=True))
            came = after.confirmed - before.confirmed - over
            if part.has_begun(self.now):
                assert not came
            else:
                # Whoever came found a place; nobody who waits could have one.
                assert not came or part.capacity is None or len(after.confirmed) <= part.capacity
                assert not after.line or (part.capacity is not None and len(after.confirmed) >= part.capacity)
            # Those who still wait stand as they stood, newcomers behind them, and nobody got past them.
            waits_on = [one for one in before.line if one in after.line]
            assert after.line[: len(waits_on)] == waits_on
            if waits_on:
                ahead = before.line[: before.line.index(waits_on[0])]
                given = {registration for key, registration in self.given if key == part.pk}
                assert came <= set(ahead) | given
            joined = part.seats.waiting().filter(registration__in=set(after.line) - set(before.line))
            assert all(seat.waitlist_number > before.last_number for seat in joined)
            assert after.last_number >= before.last_number
            self.before[number] = after
        held = Seat.objects.filter(part__in=self.parts, state__in=[Seat.State.CONFIRMED, Seat.State.WAITING])
        self.given &= set(held.values_list("part", "registration"))


STEPS = settings(max_examples=12, stateful_step_count=25, database=None, deadline=None, print_blob=False)


@pytest.mark.django_db
def test_any_order_of_steps_keeps_the_promises(explored_seed):
    run_state_machine_as_test(seed(explored_seed)(Registrations), settings=STEPS)
