"""Two hundred people at once, by HTTP, against several server processes."""

import dataclasses
import datetime
import re
import time

import pytest
from django.db import connection
from django.utils import timezone

from events.models import Registration, Seat
from tests.factories.events import EventFactory, PartFactory
from tests.serving import Visitor, all_at_once, database_url, served
from wego_portal.foundation.models import OutboxMail

from .form_filling import fetched

pytestmark = pytest.mark.django_db(transaction=True)

CROWD, WAVES, PLACES, LATE = 200, 4, 50, 20
PROMISE = re.compile(r"(A place is held for you)|Waiting list, number (\d+)")


@dataclasses.dataclass(frozen=True)
class Arrival:
    """One person's registration: when it was sent and answered (monotonic seconds), and what the page then promised.

    `promised` has a number for each part: 0 for a place, else the position on the waitlist.
    """

    email: str
    status: int
    sent: float
    answered: float
    promised: list[int]


def register(port, event, number):
    visitor, email = Visitor(port), f"observer{number}@city{number % 7}.example"
    try:
        sent = time.monotonic()
        status, address, _text = visitor.send_form(
            f"/events/{event.slug}/register/",
            parts=["1", "2"],
            name=f"Observer {number}",
            email=email,
            organization_name="City of Example",
            sector="municipal",
            country="JP",
            position="Head of unit",
            language="en",
            privacy="on",
            **fetched(),
        )
        answered = time.monotonic()
        assert address.startswith(f"/events/{event.slug}/registered/")
        _status, page = visitor.get(address)
        promised = [int(number or 0) for _confirmed, number in PROMISE.findall(page[page.index("panel") :])]
        return Arrival(email, status, sent, answered, promised)
    finally:
        visitor.close()


def cancel(port, token):
    visitor = Visitor(port)
    try:
        return visitor.send_form(f"/registrations/{token}/", do="cancel")
    finally:
        visitor.close()


def standing(part):
    """{address: 0 for who has a place in the part, else the position on the waitlist} of all who have or want one."""
    seats = part.seats.active().with_position().select_related("registration__contact")
    return {seat.registration.contact.email: seat.position or 0 for seat in seats}


def assert_in_order_of_arrival(arrivals, part):
    """Nobody is ahead of somebody whose answer had come before they sent their form. Returns the pairs compared."""
    place, pairs = standing(part), 0
    for first in arrivals:
        for second in arrivals:
            if first.answered < second.sent:
                one, other = place[first.email], place[second.email]
                assert one < other or one == other == 0, (first, second)
                pairs += 1
    return pairs


def test_a_crowd_gets_every_seat_once_and_each_cancelled_seat_goes_to_the_first_on_the_waitlist():
    event = EventFactory()
    next_month = timezone.now().date() + datetime.timedelta(days=30)  # by the clock of the server's processes
    parts = [PartFactory(event=event, capacity=PLACES, date=next_month) for _ in range(2)]
    arrivals = []
    with served(database_url(connection)) as port:
        for wave in range(WAVES):
            numbers = range(wave, CROWD, WAVES)
            arrivals += all_at_once([lambda n=n: register(port, event, n) for n in numbers])
            assert all(isinstance(arrival, Arrival) and arrival.status == 302 for arrival in arrivals), arrivals[-1]
        for number, part in enumerate(parts):
            assert standing(part) == {arrival.email: arrival.promised[number] for arrival in arrivals}
            assert sorted(standing(part).values()) == [0] * PLACES + list(range(1, CROWD - PLACES + 1))
            # All of a wave come after all of those before it; within one, some do.
            assert assert_in_order_of_arrival(arrivals, part) >= (CROWD**2 - WAVES * (CROWD // WAVES) ** 2) / 2
        # All who have a place give it up, while more come.
        lines = [list(part.seats.waiting()) for part in parts]
        holders = Registration.objects.filter(seats__in=parts[0].seats.confirmed())
        calls = [lambda token=holder.token: cancel(port, token) for holder in holders]
        calls += [lambda n=n: register(port, event, n) for n in range(CROWD, CROWD + LATE)]
        answers = all_at_once(calls)
        late = answers[PLACES:]
        assert {answer[0] for answer in answers[:PLACES]} | {arrival.status for arrival in late} == {302}
    for number, (part, line) in enumerate(zip(parts, lines, strict=True)):
        assert set(part.seats.confirmed()) == set(line[:PLACES])
        assert list(part.seats.waiting())[: len(line) - PLACES] == line[PLACES:]
        assert part.seats.waiting().count() == len(line) - PLACES + LATE
        assert part.seats.filter(state=Seat.State.CANCELLED).count() == PLACES
        # Who came meanwhile was promised a number that could only become smaller, and keeps the order of arrival.
        place = standing(part)
        assert all(0 < place[arrival.email] <= arrival.promised[number] for arrival in late)
        assert_in_order_of_arrival(late, part)
    kinds = list(OutboxMail.objects.values_list("kind", flat=True))
    assert kinds.count("registration_received") == CROWD + LATE
    assert kinds.count("registration_cancelled") == PLACES
    assert kinds.count("seat_moved_up") == 2 * PLACES
