"""Events for an audience: who is within it, and how the others ask for a place."""

import pytest
from django.core import mail as django_mail
from django.urls import reverse

from events.domain.audience import Audience, audience_descriptions, mark_outsiders
from events.domain.invitation import Addressee, invite
from events.domain.registration import OutsideAudienceError, change, register
from events.domain.seat import decline_seat, grant_seat
from events.models import Event, EventAudience, Registration, Seat
from organizations.models import Membership
from tests.admin_forms import form_data
from tests.factories.events import EventFactory, PartFactory
from tests.factories.organizations import MembershipFactory, NetworkFactory, OrganizationFactory
from tests.factories.registrations import details, registered
from tests.moments import HOUR, NOW
from wego_portal.foundation.models import OutboxMail

from .form_filling import form_of, send, text
from .mail_reading import body, calendars, send_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

REQUESTED, CONFIRMED = Seat.State.REQUESTED, Seat.State.CONFIRMED


@pytest.fixture
def event():
    """For Japan's municipal governments."""
    event = EventFactory(access=Event.Access.AUDIENCE, audience_countries=["JP"], with_part=True)
    EventAudience.objects.create(event=event, sector="municipal")
    return event


def is_admitted(event, *, sector="municipal", country="JP", organization=None):
    return Audience(Event.objects.get(pk=event.pk)).includes(sector=sector, country=country, organization=organization)


class TestLimits:
    def test_all_limits_hold_together(self, event):
        assert is_admitted(event)
        assert not is_admitted(event, country="DE")
        assert not is_admitted(event, sector="ministry")

    def test_several_sectors_and_countries_are_alternatives(self, event):
        event.audience_countries = ["JP", "KR"]
        event.save()
        EventAudience.objects.create(event=event, sector="ministry")
        assert is_admitted(event, country="KR", sector="ministry")
        assert not is_admitted(event, country="DE")

    @pytest.mark.parametrize("state", Membership.State)
    def test_a_network_admits_its_active_members_and_itself(self, state):
        network = NetworkFactory()
        event = EventFactory(access=Event.Access.AUDIENCE, audience_network=network)
        member = MembershipFactory(group=network, state=state).member
        assert is_admitted(event, organization=member) is (state == Membership.State.ACTIVE)
        assert is_admitted(event, organization=network)
        assert not is_admitted(event, organization=MembershipFactory().member)
        assert not is_admitted(event, organization=None)

    @pytest.mark.parametrize("access", [Event.Access.OPEN, Event.Access.INVITATION])
    def test_what_is_named_of_an_event_that_is_not_limited_limits_nothing(self, event, access):
        event.access = access
        event.save()
        assert is_admitted(event, country="DE")

    def test_words_name_each_limit_but_no_hidden_network(self, event):
        event.audience_network = NetworkFactory(name_en="SCI-J")
        assert audience_descriptions(event, now=NOW) == ["Japan", "Municipal government", "Members of SCI-J"]
        event.audience_network.publication = "draft"
        event.audience_network.save()
        assert audience_descriptions(event, now=NOW) == ["Japan", "Municipal government", "Members of a network"]


class TestForm:
    def test_it_says_whom_the_event_is_for(self, client, event):
        page = text(client.get(form_of(event)))
        assert "This event is for: Japan; Municipal government." in page
        assert "Others can ask for a place" in page
        assert "For the audience named above" in text(client.get(event.get_absolute_url()))
        assert "Why would you like to attend?" not in page

    def test_it_says_how_members_are_recognised(self, client):
        event = EventFactory(access=Event.Access.AUDIENCE, audience_network=NetworkFactory(), with_part=True)
        assert "by the name of their organization in our directory" in text(client.get(form_of(event)))

    def test_who_is_within_gets_a_place_without_a_word(self, client, event):
        page = send(client, event, follow=True)
        assert "Your place is confirmed" in text(page)
        assert Registration.objects.get().request == ""

    def test_others_keep_what_they_typed_and_are_asked_for_a_request(self, client, event, mailoutbox):
        page = send(client, event, country="DE")
        assert page.status_code == 422
        assert "This event is for: Japan; Municipal government. You can ask for a place all the same" in text(page)
        assert b'value="Observer 1"' in page.content
        assert not Registration.objects.exists()
        empty = send(client, event, country="DE", request=" ")
        assert "Say in a sentence or two why you ask for a place." in text(empty)
        done = send(client, event, follow=True, country="DE", request="We build the same in Bonn.")
        assert "You have asked for a place" in text(done)
        seat = Seat.objects.get()
        assert (seat.state, seat.registration.request) == (REQUESTED, "We build the same in Bonn.")
        (mail,) = send_all(mailoutbox, NOW)
        assert mail["Subject"].startswith("You have asked for a place")
        assert "We build the same in Bonn." not in body(mail)  # whoever wrote it may have typed another's address
        assert calendars(mail) == []

    def test_who_corrects_the_country_gets_a_place(self, client, event):
        send(client, event, country="JP", request="Typed before.")
        assert Seat.objects.get().state == CONFIRMED
        assert Registration.objects.get().request == ""

    def test_a_member_of_the_network_is_known_by_any_of_its_names(self, client):
        network = NetworkFactory(name_en="SCI-J")
        event = EventFactory(access=Event.Access.AUDIENCE, audience_network=network, with_part=True)
        member = MembershipFactory(group=network, member=OrganizationFactory(name_ja="福岡市")).member
        assert send(client, event, organization_name="Elsewhere").status_code == 422
        assert send(client, event, organization_name=member.name_ja).status_code == 302
        assert Seat.objects.get().state == CONFIRMED

    def test_the_answer_reveals_to_nobody_whether_an_address_is_registered(self, client, event):
        registered(event.parts.get(), now=NOW)
        for address in ("observer1@city.example", "new@city.example"):
            page = send(client, event, follow=True, email=address, country="DE", request="Please.")
            assert "You have asked for a place" in text(page)

    def test_an_invitation_admits_anybody(self, client, event):
        invite(event=event, addressees=[Addressee("guest@bonn.example")], expires_at=NOW + 24 * HOUR, now=NOW)
        invitation = event.invitations.get()
        register(
            event=event,
            parts=list(event.parts.all()),
            details=details(country="DE", email="guest@bonn.example"),
            now=NOW,
            invitation=invitation,
        )
        assert Seat.objects.get().state == CONFIRMED

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries(self, client, rows, django_assert_num_queries):
        event = EventFactory(access=Event.Access.AUDIENCE, audience_network=NetworkFactory(), with_part=True)
        for sector in ("ministry", "agency", "municipal")[:rows]:
            EventAudience.objects.create(event=event, sector=sector)
        # Event, parts, questions, hosts, languages; of the audience: sectors, network.
        with django_assert_num_queries(7):
            client.get(form_of(event))


class TestAsking:
    def asked(self, event, number=1):
        return registered(list(event.parts.all()), now=NOW, number=number, country="DE", request="Please.")

    def test_nothing_is_kept_of_who_does_not_say_why(self, event):
        with pytest.raises(OutsideAudienceError):
            registered(event.parts.get(), now=NOW, country="DE")
        assert not Registration.objects.exists()

    def test_a_request_takes_no_place(self, event):
        event.parts.update(capacity=1)
        self.asked(event)
        registered(event.parts.get(), now=NOW, number=2)
        assert list(Seat.objects.order_by("pk").values_list("state", flat=True)) == [REQUESTED, CONFIRMED]

    def test_staff_grants_or_declines_and_the_answer_is_mailed(self, event, mailoutbox):
        one, two = self.asked(event, 1), self.asked(event, 2)
        grant_seat(seat=one.seats.get(), reason="Welcome.", now=NOW)
        decline_seat(seat=two.seats.get(), reason="It is in Japanese only.", now=NOW)
        OutboxMail.objects.filter(kind="registration_requested").delete()
        mails = {mail["To"]: mail for mail in send_all(mailoutbox, NOW)}
        granted, declined = mails["observer1@city.example"], mails["observer2@city.example"]
        assert [method for method, _entry in calendars(granted)] == ["REQUEST"]
        assert "It is in Japanese only." in body(declined)
        assert calendars(declined) == []

    def test_decisions_before_the_first_mail_was_sent_are_notified_once(self, event, mailoutbox):
        grant_seat(seat=self.asked(event).seats.get(), now=NOW)
        assert [mail["Subject"] for mail in send_all(mailoutbox, NOW)] == [f"You have a place: {event.title}"]
        assert len(django_mail.outbox) == 1

    def test_the_personal_page_says_it_and_takes_it_back(self, client, event):
        registration = self.asked(event)
        address = f"/registrations/{registration.token}/"
        page = text(client.get(address))
        assert "You have asked for a place; the organizers decide" in page
        PartFactory(event=event, capacity=5)
        page = text(client.get(address))
        assert ("You can ask for a place; the organizers decide." in page, "Open, 5 places" in page) == (True, False)
        client.post(address, {"do": "cancel"})
        assert registration.seats.get().state == Seat.State.CANCELLED

    def test_a_part_added_on_the_personal_page_is_asked_for_too(self, event):
        registration = registered(event.parts.get(), now=NOW)
        second = PartFactory(event=event)
        both = list(event.parts.all())
        with pytest.raises(OutsideAudienceError):
            change(registration=registration, parts=both, details=details(country="DE"), now=NOW)
        change(registration=registration, parts=both, details=details(country="DE", request="We moved."), now=NOW)
        assert registration.seats.get(part=second).state == REQUESTED
        assert registration.seats.exclude(part=second).get().state == CONFIRMED

    def test_the_personal_page_asks_why_beside_the_field(self, client, event):
        registration = registered(event.parts.get(), now=NOW)
        PartFactory(event=event)
        given = {
            "do": "change", "parts": ["1", "2"], "name": "Observer 1", "organization_name": "City of Example",
            "sector": "municipal", "country": "DE", "language": "en",
        }  # fmt: skip
        page = client.post(f"/registrations/{registration.token}/", given)
        assert page.status_code == 422
        assert "You can ask for a place all the same" in text(page)
        assert client.post(f"/registrations/{registration.token}/", {**given, "request": "Moved."}).status_code == 302


def test_staff_is_warned_of_an_audience_that_is_not_named(admin_client, event):

    address = f"/admin/events/event/{event.pk}/change/"
    data = form_data(admin_client, address)
    assert "No audience is named" not in text(admin_client.post(address, data, follow=True))
    data |= {"audience_countries": [], "audience_sectors-0-DELETE": "on"}
    assert "No audience is named" in text(admin_client.post(address, data, follow=True))


class TestStaffSeesOutsiders:
    SEATS = reverse("admin:events_seat_changelist")

    def outsiders(self, client):
        page = client.get(self.SEATS, {"registration__outside_audience__exact": "1"})
        return {seat.registration.name for seat in page.context["cl"].result_list}

    def correct(self, client, registration, **changes):
        """Save the personal page with other details; parts stay as they are."""
        page = f"/registrations/{registration.token}/"
        form = client.get(page).context["form"]
        data = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
        return client.post(page, {**data, "parts": ["1"], "do": "change", **changes})

    def test_who_becomes_an_outsider_by_a_change_keeps_the_place_and_is_marked(self, client, registrar, event):
        registration = registered(event.parts.get(), now=NOW)
        assert self.outsiders(registrar) == set()
        assert self.correct(client, registration, organization_name="Acme", country="FR").status_code == 302
        assert registration.seats.get().state == CONFIRMED
        assert self.outsiders(registrar) == {"Observer 1"}
        assert "Municipal government, France (outside the audience)" in text(registrar.get(self.SEATS))
        self.correct(client, registration, country="JP")
        assert self.outsiders(registrar) == set()

    def test_who_asks_for_a_place_is_marked_and_who_is_invited_is_not(self, registrar, event):
        registered(event.parts.get(), now=NOW, country="DE", request="Please.")
        invite(event=event, addressees=[Addressee("guest@bonn.example")], expires_at=NOW + 24 * HOUR, now=NOW)
        given = details(2, country="DE", email="guest@bonn.example")
        parts = list(event.parts.all())
        register(event=event, parts=parts, details=given, now=NOW, invitation=event.invitations.get())
        assert self.outsiders(registrar) == {"Observer 1"}

    def test_another_audience_marks_anew(self, admin_client, event):
        registered(event.parts.get(), now=NOW)
        address = reverse("admin:events_event_change", args=[event.pk])
        data = form_data(admin_client, address)
        assert admin_client.post(address, data | {"audience_countries": ["KR"]}).status_code == 302
        assert self.outsiders(admin_client) == {"Observer 1"}
        assert admin_client.post(address, data | {"access": "open"}).status_code == 302
        assert self.outsiders(admin_client) == set()

    @pytest.mark.parametrize("rows", [1, 3])
    def test_marking_takes_the_same_queries_for_any_number(self, event, rows, django_assert_num_queries):
        event.audience_network = NetworkFactory()
        event.save()
        for number in range(rows):
            registered(event.parts.get(), now=NOW, number=number, request="Please.")
        Registration.objects.update(outside_audience=False)
        with django_assert_num_queries(6):  # savepoint, registrations, sectors, members, one update, release
            assert mark_outsiders(event=Event.objects.get()) == rows
