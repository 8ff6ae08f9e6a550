"""The numbers of confirmed and waiting seats that the database keeps, whichever way a seat is written."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from events.models import Seat, SeatCount
from tests.factories.events import EventFactory, PartFactory
from tests.factories.registrations import registered
from tests.moments import NOW

pytestmark = pytest.mark.django_db

CONFIRMED, WAITING, CANCELLED = Seat.State.CONFIRMED, Seat.State.WAITING, Seat.State.CANCELLED


@pytest.fixture
def parts():
    """Two parts: three people in the first, one of whom waits, and nobody in the second."""
    event = EventFactory()
    parts = [PartFactory(event=event, capacity=2), PartFactory(event=event)]
    for number in range(3):
        registered(parts[0], now=NOW, number=number)
    return parts


def kept(part):
    """(confirmed, waiting) as kept."""
    return SeatCount.objects.filter(part=part).values_list("confirmed", "waiting").first()


def test_seats_that_are_made_are_counted(parts):
    assert kept(parts[0]) == (2, 1)
    assert kept(parts[1]) is None


def test_a_change_of_state_is_counted_whether_by_row_or_in_bulk(parts):
    seat = parts[0].seats.confirmed().first()
    seat.state, seat.hold_expires_at = CANCELLED, None
    seat.save()
    assert kept(parts[0]) == (1, 1)
    parts[0].seats.waiting().update(state=CONFIRMED)
    assert kept(parts[0]) == (2, 0)
    rows = list(parts[0].seats.all())
    for row in rows:
        row.state, row.waitlist_number = WAITING, 100 + row.pk
    Seat.objects.bulk_update(rows, ["state", "waitlist_number"])
    assert kept(parts[0]) == (0, 3)


def test_a_seat_that_moves_or_goes_is_counted(parts):
    parts[0].seats.waiting().update(part=parts[1])
    assert (kept(parts[0]), kept(parts[1])) == ((2, 0), (0, 1))
    parts[0].seats.confirmed().first().delete()
    parts[1].event.registrations.filter(seats__part=parts[1]).delete()
    assert (kept(parts[0]), kept(parts[1])) == ((1, 0), (0, 0))


def test_other_states_are_not_counted_and_other_changes_change_nothing(parts):
    parts[0].seats.waiting().update(state=CANCELLED, hold_expires_at=None, reason="…")
    parts[0].seats.update(sequence=5)
    assert kept(parts[0]) == (2, 0)


def test_what_is_undone_is_not_counted(parts):
    with transaction.atomic():
        parts[0].seats.all().delete()
        transaction.set_rollback(True)
    assert kept(parts[0]) == (2, 1)


def test_migrating_brings_back_triggers_and_numbers_that_were_lost(parts):
    suffixes = ("new", "old", "changed") if connection.vendor == "sqlite" else ("made", "changed")
    with connection.cursor() as cursor:
        for suffix in suffixes:
            on_table = "" if connection.vendor == "sqlite" else " ON events_seat"
            cursor.execute(f"DROP TRIGGER events_seat_count_{suffix}{on_table}")
    parts[0].seats.waiting().delete()
    assert kept(parts[0]) == (2, 1)
    call_command("migrate", verbosity=0)
    assert kept(parts[0]) == (2, 0)
    parts[0].seats.confirmed().first().delete()
    assert kept(parts[0]) == (1, 0)
