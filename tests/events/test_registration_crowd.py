"""Two hundred people at once, by HTTP, against several server processes."""

import datetime

import pytest
from django.db import connection
from django.utils import timezone

from events.models import Registration, Seat
from tests.factories.events import EventFactory, PartFactory
from tests.serving import Visitor, all_at_once, database_url, served, typed_for_a_minute
from wego_portal.foundation.models import OutboxMail

pytestmark = pytest.mark.django_db(transaction=True)

CROWD, PLACES, LATE = 200, 50, 20


def register(port, event, number):
    visitor = Visitor(port)
    try:
        return visitor.send_form(
            f"/events/{event.slug}/register/",
            parts=["1", "2"],
            name=f"Observer {number}",
            email=f"observer{number}@city{number % 7}.example",
            organization_name="City of Example",
            sector="municipal",
            country="JP",
            position="Head of unit",
            language="en",
            privacy="on",
            **typed_for_a_minute(),
        )
    finally:
        visitor.close()


def cancel(port, token):
    visitor = Visitor(port)
    try:
        return visitor.send_form(f"/registrations/{token}/", do="cancel")
    finally:
        visitor.close()


def test_a_crowd_gets_every_place_once_and_every_place_given_up_goes_to_the_first_in_line():
    event = EventFactory()
    next_month = timezone.now().date() + datetime.timedelta(days=30)  # by the clock of the server's processes
    parts = [PartFactory(event=event, capacity=PLACES, date=next_month) for _ in range(2)]
    with served(database_url(connection)) as port:
        answers = all_at_once([lambda n=n: register(port, event, n) for n in range(CROWD)])
        assert {answer[0] for answer in answers} == {302}, [answer for answer in answers if answer[0] != 302][:1]
        assert all(answer[1].startswith(f"/events/{event.slug}/registered/") for answer in answers)
        for part in parts:
            assert part.seats.confirmed().count() == PLACES
            line = list(part.seats.waiting().values_list("line_number", flat=True))
            assert line == list(range(1, CROWD - PLACES + 1))
        # All who have a place give it up, while more come.
        lines = [list(part.seats.waiting()) for part in parts]
        holders = Registration.objects.filter(seats__in=parts[0].seats.confirmed())
        calls = [lambda token=holder.token: cancel(port, token) for holder in holders]
        calls += [lambda n=n: register(port, event, n) for n in range(CROWD, CROWD + LATE)]
        answers = all_at_once(calls)
        assert {answer[0] for answer in answers} == {302}
    for part, line in zip(parts, lines, strict=True):
        assert set(part.seats.confirmed()) == set(line[:PLACES])
        assert list(part.seats.waiting())[: len(line) - PLACES] == line[PLACES:]
        assert part.seats.waiting().count() == len(line) - PLACES + LATE
        assert part.seats.filter(state=Seat.State.CANCELLED).count() == PLACES
    kinds = list(OutboxMail.objects.values_list("kind", flat=True))
    assert kinds.count("registration_received") == CROWD + LATE
    assert kinds.count("registration_cancelled") == PLACES
    assert kinds.count("seat_moved_up") == 2 * PLACES
