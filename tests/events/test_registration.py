import datetime
import threading

import pytest
from django.db import connections

from events.domain.registration import PartsUnavailableError, cancel, change, register
from events.domain.seat import promote
from events.models import Contact, Event, Part, Registration, Seat
from tests.factories.events import EventFactory, PartFactory
from tests.factories.organizations import OrganizationFactory
from tests.factories.registrations import details, registered
from tests.moments import MINUTE, NOW
from wego_portal.foundation.models import OutboxMail

AFTER_START = datetime.datetime(2026, 12, 10, 6, 0, 1, tzinfo=datetime.UTC)
CONFIRMED, WAITING, CANCELLED = Seat.State.CONFIRMED, Seat.State.WAITING, Seat.State.CANCELLED

pytestmark = pytest.mark.django_db


def answer(part, number, now=NOW, **changes):
    """(state, position) that the observer with this number is told for one part."""
    (offer,) = register(event=part.event, parts=[part], details=details(number, **changes), now=now)
    return offer.state, offer.position


def seat_of(registration, part=None):
    seats = registration.seats.with_position()
    return seats.get(part=part) if part else seats.get()


def kinds():
    return list(OutboxMail.objects.order_by("pk").values_list("kind", flat=True))


def test_seats_come_first_then_the_waitlist():
    part = PartFactory(capacity=2)
    told = [answer(part, number) for number in range(1, 5)]
    assert told == [(CONFIRMED, None), (CONFIRMED, None), (WAITING, 1), (WAITING, 2)]
    assert list(part.seats.order_by("pk").values_list("state", "waitlist_number")) == [
        (CONFIRMED, None),
        (CONFIRMED, None),
        (WAITING, 1),
        (WAITING, 2),
    ]


def test_unlimited_part_confirms_everybody():
    part = PartFactory(capacity=None)
    assert [answer(part, number) for number in range(3)] == [(CONFIRMED, None)] * 3


def test_parts_are_seated_each_by_its_own_capacity():
    event = EventFactory()
    small, large = PartFactory(event=event, capacity=1), PartFactory(event=event, capacity=5)
    registered(small, now=NOW, number=1)
    offers = register(event=event, parts=[small, large], details=details(2), now=NOW)
    assert [(offer.part, offer.state) for offer in offers] == [(small, WAITING), (large, CONFIRMED)]


def test_full_part_without_waiting_list_is_refused_and_nothing_is_kept():
    event = EventFactory()
    full, free = PartFactory(event=event, capacity=1, has_waitlist=False), PartFactory(event=event)
    registered(full, now=NOW)
    with pytest.raises(PartsUnavailableError) as refusal:
        register(event=event, parts=[full, free], details=details(2), now=NOW)
    assert list(refusal.value.answers) == [full]
    assert not Contact.objects.filter(email="observer2@city.example").exists()
    assert Seat.objects.count() == 1


@pytest.mark.parametrize(
    "given",
    [
        {"status": Part.Status.CANCELLED},
        {"status": Part.Status.POSTPONED},
        {"registration_closes_at": NOW},
        {"registration_opens_at": NOW + MINUTE},
        {"event__access": Event.Access.INVITATION},
        {"event__takes_registrations": False},
        {"known_to_day": True},
    ],
)
def test_a_part_that_takes_no_registrations_refuses(given):
    part = PartFactory(**given)
    with pytest.raises(PartsUnavailableError):
        answer(part, 1)
    assert not Registration.objects.exists()


def test_no_part_or_a_part_of_another_event_is_refused():
    part = PartFactory()
    for parts in ([], [PartFactory()]):
        with pytest.raises(PartsUnavailableError):
            register(event=part.event, parts=parts, details=details(), now=NOW)


def test_second_registration_changes_nothing_and_is_answered_as_a_new_one():
    event = EventFactory()
    part, other = PartFactory(event=event, capacity=1), PartFactory(event=event)
    first = registered(part, now=NOW)
    offers = register(
        event=event, parts=[part, other], details=details(1, name="Mallory", email=" OBSERVER1@City.Example "), now=NOW
    )
    assert [(offer.state, offer.position) for offer in offers] == [(WAITING, 1), (CONFIRMED, None)]
    first.refresh_from_db()
    assert (first.name, first.seats.count(), seat_of(first).state) == ("Observer 1", 1, CONFIRMED)
    assert kinds() == ["registration_received", "registration_already"]


def test_owner_is_notified_of_a_second_registration_once_in_ten_minutes():
    part = PartFactory()
    registered(part, now=NOW)
    for minutes in (1, 2, 9, 11):
        answer(part, 1, now=NOW + minutes * MINUTE)
    assert kinds().count("registration_already") == 2


def test_who_cancelled_comes_back_to_the_end_of_the_waitlist_with_new_details():
    part = PartFactory(capacity=1)
    registered(part, now=NOW, number=1)
    second, _third = registered(part, now=NOW, number=2), registered(part, now=NOW, number=3)
    cancel(registration=second, now=NOW + MINUTE)
    assert answer(part, 2, now=NOW + 2 * MINUTE, name="New name") == (WAITING, 2)
    second.refresh_from_db()
    seat = seat_of(second)
    assert (second.name, seat.waitlist_number, seat.position, seat.sequence) == ("New name", 3, 2, 2)
    assert kinds().count("registration_received") == 4


def test_waitlist_numbers_only_grow():
    part = PartFactory(capacity=1)
    registered(part, now=NOW, number=1)
    last = registered(part, now=NOW, number=2)
    cancel(registration=last, now=NOW)
    assert answer(part, 3) == (WAITING, 1)
    assert part.seats.get(state=WAITING).waitlist_number == 2


def test_cancellation_promotes_the_first_on_the_waitlist_and_notifies_both():
    part = PartFactory(capacity=1)
    holder, first, second = (registered(part, now=NOW, number=number) for number in (1, 2, 3))
    given_up = cancel(registration=holder, now=NOW + MINUTE)
    assert [seat.state for seat in given_up] == [CANCELLED]
    assert seat_of(first).state == CONFIRMED
    assert (seat_of(first).sequence, seat_of(first).changed_at) == (1, NOW + MINUTE)
    assert (seat_of(second).state, seat_of(second).position) == (WAITING, 1)
    assert kinds()[3:] == ["seat_moved_up", "registration_cancelled"]
    assert cancel(registration=holder, now=NOW + MINUTE) == []
    assert len(kinds()) == 5


def test_nobody_is_promoted_once_the_part_has_begun():
    part = PartFactory(capacity=1)
    registered(part, now=NOW, number=1)
    waiting = registered(part, now=NOW, number=2)
    Part.objects.filter(pk=part.pk).update(capacity=5)
    assert promote(part=part, now=AFTER_START) == []
    assert seat_of(waiting).state == WAITING
    assert [seat.pk for seat in promote(part=part, now=NOW)] == [seat_of(waiting).pk]


def test_a_seat_in_a_part_that_has_begun_cannot_be_cancelled():
    part = PartFactory(capacity=1)
    registration = registered(part, now=NOW)
    assert cancel(registration=registration, now=AFTER_START) == []
    assert seat_of(registration).state == CONFIRMED


def test_more_or_unlimited_capacity_promotes_from_the_waitlist_in_order():
    part = PartFactory(capacity=1)
    for number in range(1, 6):
        registered(part, now=NOW, number=number)
    Part.objects.filter(pk=part.pk).update(capacity=3)
    assert [seat.waitlist_number for seat in promote(part=part, now=NOW)] == [1, 2]
    Part.objects.filter(pk=part.pk).update(capacity=None)
    assert [seat.waitlist_number for seat in promote(part=part, now=NOW)] == [3, 4]


def test_change_of_parts_cancels_seats_and_takes_others():
    event = EventFactory()
    one, two, three = (PartFactory(event=event, capacity=1) for _ in range(3))
    registration = registered([one, two], now=NOW)
    waiting = registered(one, now=NOW, number=2)
    registered(three, now=NOW, number=3)
    made = change(registration=registration, parts=[two, three], details=details(), now=NOW + MINUTE)
    assert ([seat.part for seat in made.cancelled], [seat.part for seat in made.added]) == ([one], [three])
    states = {seat.part_id: seat.state for seat in registration.seats.all()}
    assert states == {one.pk: CANCELLED, two.pk: CONFIRMED, three.pk: WAITING}
    assert seat_of(waiting).state == CONFIRMED


def test_change_of_details_keeps_the_address_and_says_so_once():
    part = PartFactory()
    registration = registered(part, now=NOW)
    new = details(1, name="Renamed", email="other@city.example", language="ja")
    assert change(registration=registration, parts=[part], details=new, now=NOW + MINUTE).details_changed
    assert not change(registration=registration, parts=[part], details=new, now=NOW + 2 * MINUTE)
    registration.refresh_from_db()
    assert (registration.name, registration.contact.email) == ("Renamed", "observer1@city.example")
    assert (registration.contact.language, registration.changed_at) == ("ja", NOW + MINUTE)
    assert kinds() == ["registration_received", "registration_changed"]


def test_change_to_nothing_is_refused():
    part = PartFactory()
    registration = registered(part, now=NOW)
    with pytest.raises(PartsUnavailableError):
        change(registration=registration, parts=[], details=details(), now=NOW)
    assert seat_of(registration).state == CONFIRMED


def test_change_leaves_a_part_that_has_begun_alone():
    event = EventFactory()
    first, second = PartFactory(event=event), PartFactory(event=event, date=datetime.date(2026, 12, 17))
    registration = registered([first, second], now=NOW)
    change(registration=registration, parts=[second], details=details(), now=AFTER_START)
    assert seat_of(registration, first).state == CONFIRMED


def test_consent_to_invitations_is_kept_with_its_text_until_it_is_withdrawn():
    part = PartFactory()
    registration = registered(part, now=NOW, invite_text="Invite me.", verified=True)
    contact = registration.contact
    assert (contact.invite_consent_at, contact.invite_consent_text) == (NOW, "Invite me.")
    registered(PartFactory(), now=NOW + MINUTE)
    contact.refresh_from_db()
    assert contact.invite_consent_at == NOW
    change(registration=registration, parts=[part], details=details(), now=NOW + MINUTE)
    contact.refresh_from_db()
    assert (contact.invite_consent_at, contact.invite_consent_text) == (None, "")


def test_an_organization_of_the_directory_is_recognised_by_any_of_its_names():
    city = OrganizationFactory(name_en="City of Kyoto", name_ja="京都市", native_name="京都市")
    city.aliases.create(name="Kyoto City")
    OrganizationFactory(name_en="Hidden", publication="draft")
    OrganizationFactory(name_en="Twin")
    OrganizationFactory(name_en="Twin")
    part = PartFactory()
    names = ["city of  kyoto", "京都市", "Kyoto City", "Kyoto", "Hidden", "Twin", "City of Kyoto%"]
    found = [registered(part, now=NOW, number=n, organization_name=name) for n, name in enumerate(names)]
    assert [registration.organization for registration in found] == [city, city, city, None, None, None, None]


def test_link_is_revoked_by_its_version_and_survives_a_change_of_key(settings):
    registration = registered(PartFactory(), now=NOW)
    token = registration.token
    assert Registration.get_by_token(token) == registration
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another", [settings.SECRET_KEY]
    assert Registration.get_by_token(token) == registration
    settings.SECRET_KEY_FALLBACKS = []
    assert Registration.get_by_token(token) is None
    Registration.objects.update(link_version=2)
    assert Registration.get_by_token(registration.token) is None


def at_once(*calls):
    """Run the calls in threads that start together; returns what they raised."""
    start, errors = threading.Barrier(len(calls)), []

    def run(call):
        try:
            start.wait()
            call()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_thirty_for_ten_places(self):
        part = PartFactory(capacity=10)
        told = []
        assert not at_once(*[lambda n=n: told.append(answer(part, n)) for n in range(30)])
        assert part.seats.confirmed().count() == 10
        assert list(part.seats.waiting().values_list("waitlist_number", flat=True)) == list(range(1, 21))
        assert sorted(position for state, position in told if state == WAITING) == list(range(1, 21))
        assert kinds().count("registration_received") == 30

    def test_one_address_twice_for_different_parts(self):
        event = EventFactory()
        parts = [PartFactory(event=event) for _ in range(4)]
        assert not at_once(*[lambda part=part: answer(part, 1) for part in parts])
        assert Registration.objects.get().seats.count() == 1
        assert sorted(kinds()) == ["registration_already", "registration_received"]

    def test_one_address_for_two_events(self):
        parts = [PartFactory() for _ in range(4)]
        assert not at_once(*[lambda part=part: answer(part, 1) for part in parts])
        assert Contact.objects.get().registrations.count() == 4

    def test_cancellations_while_others_register(self):
        part = PartFactory(capacity=5)
        holders = [registered(part, now=NOW, number=number) for number in range(10)]
        calls = [lambda each=each: cancel(registration=each, now=NOW + MINUTE) for each in holders[:5]]
        calls += [lambda n=n: answer(part, n, now=NOW + MINUTE) for n in range(100, 105)]
        assert not at_once(*calls)
        assert part.seats.confirmed().count() == 5
        assert all(seat_of(holder).state == CONFIRMED for holder in holders[5:])
        assert part.seats.waiting().count() == 5
