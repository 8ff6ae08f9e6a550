"""What staff sees of places whose address is not confirmed."""

import pytest
from django.urls import reverse

from events.domain.release import release_expired_holds
from events.domain.reschedule import cancel_event
from tests.factories.events import PartFactory
from tests.factories.registrations import registered
from tests.moments import DAY, HOUR, NOW
from wego_portal.foundation import outbox

from .form_filling import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

UNTIL = "24 November 2026, 18:00, Seoul time"  # a day after NOW


def work(now):
    """What the worker does in a minute, as far as places go."""
    outbox.send_due(now=now)
    return release_expired_holds(now=now)


def test_sees_how_many_places_are_unverified(registrar, admin_client):
    part = PartFactory(capacity=2, event__title_en="Cities")
    registered(part, now=NOW, number=1, verified=True)
    for number in (2, 3, 4):
        registered(part, now=NOW, number=number)
    words = "1 with a place, 2 on the waiting list"
    for name, key in (("part", part.pk), ("event", part.event_id)):
        assert words in text(admin_client.get(reverse(f"admin:events_{name}_change", args=[key])))
    assert words in text(admin_client.get(reverse("admin:events_part_changelist")))
    listed = admin_client.get(reverse("admin:events_event_changelist"))
    assert "3 with an address not confirmed" in text(listed)
    assert f"registration__event__id__exact={part.event_id}&amp;address=no" in listed.content.decode()


def test_finds_them_among_the_seats_and_sees_what_was_released(registrar):
    part = PartFactory(capacity=5)
    registered(part, now=NOW, number=1, verified=True)
    registered(part, now=NOW, number=2)
    address = reverse("admin:events_seat_changelist")
    found = text(registrar.get(address, {"address": "no"}))
    assert ("Observer 2" in found, "Observer 1" in found) == (True, False)
    assert f"Confirmed; address not confirmed, held until {UNTIL}" in found
    assert "Observer 1" in text(registrar.get(address, {"address": "yes"}))
    work(NOW)
    work(NOW + DAY)
    assert "Cancelled, not confirmed in time" in text(registrar.get(address))
    # The list that the event's number of unconfirmed seats leads to has as many.
    assert "Observer 2" not in text(registrar.get(address, {"address": "no"}))


def test_cancelling_the_event_ends_the_hold():
    part = PartFactory(capacity=5)
    registration = registered(part, now=NOW)
    outbox.send_due(now=NOW)
    cancel_event(event=part.event, staff=None, now=NOW + HOUR, message="")
    assert work(NOW + 2 * DAY) == 0
    assert registration.seats.get().state == "confirmed"
