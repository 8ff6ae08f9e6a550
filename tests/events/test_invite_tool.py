"""The tool by which staff invites: whom it shows, whom it leaves out, and what it then does."""

import datetime
import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from events.domain.contact import stop_invitations
from events.domain.invitation import Addressee, invite, open_invitation_for
from events.models import Contact, Invitation, Seat
from tests.factories.events import EventFactory, PartFactory, SeriesFactory
from tests.factories.registrations import registered
from tests.moments import DAY, NOW

from .form_filling import text
from .mail_reading import send_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

BEFORE = NOW - 60 * DAY


@pytest.fixture
def event():
    return EventFactory(title_en="Round table", access="invitation", takes_registrations=False, with_part=True)


def past(number, *, came=True, agrees=True, series=None, part=None, **details):
    """An observer of an event that was held on 10 November 2026."""
    if part is None:
        part = PartFactory(event=EventFactory(series=series), date=datetime.date(2026, 11, 10))
    registration = registered(
        part,
        now=BEFORE,
        number=number,
        invite_text="Invite me to later events" if agrees else "",
        verified=True,
        **details,
    )
    if came:
        registration.seats.update(entered_at=part.starts_at)
    return registration


def tool(event):
    return f"/admin/events/event/{event.pk}/invite/"


def look(client, event, **chosen):
    return client.post(tool(event), {"do": "look", "source": "past", "expires_on": "2026-12-01", **chosen})


def look_at_file(client, event, content, **chosen):
    content = content.encode() if isinstance(content, str) else content
    given = {"source": "file", "basis": "Delegates", "file": SimpleUploadedFile("list.csv", content), **chosen}
    return look(client, event, **given)


def confirm(client, event, preview):
    seen = re.search(r'name="seen" value="([^"]+)"', preview.content.decode())[1]
    return client.post(tool(event), {"do": "confirm", "seen": html.unescape(seen)}, follow=True)


def shown(response):
    """The numbers of the observers who are shown."""
    return sorted(int(number) for number in re.findall(r"observer(\d+)@", response.content.decode()))


def test_it_shows_whom_then_invites_them(registrar, event, mailoutbox):
    past(1, name="Ada Lovelace")
    preview = look(registrar, event)
    words = text(preview)
    assert "1 person is invited." in words
    assert "Ada Lovelace, City of Example , observer1@city.example" in words
    assert "1 December 2026, 23:59, Seoul time" in words
    assert not Invitation.objects.exists()
    done = confirm(registrar, event, preview)
    assert "1 invitation is on its way." in text(done)
    invitation = Invitation.objects.get()
    assert (invitation.event, invitation.contact.email) == (event, "observer1@city.example")
    assert [mail["Subject"] for mail in send_all(mailoutbox, NOW)][-1] == "Invitation: Round table"


def test_who_is_left_out_is_counted(registrar, event):
    kept = past(1)
    past(1, part=PartFactory(date=datetime.date(2026, 11, 11)))
    past(2, agrees=False)
    stop_invitations(contact=past(3).contact, now=NOW)
    invited = past(4).contact
    invite(event=event, addressees=[Addressee(invited.email)], expires_at=NOW + DAY, now=NOW)
    other = EventFactory(with_part=True)
    preview = look(registrar, event)
    assert shown(preview) == [1]
    words = text(preview)
    for line in ("Named twice: 1", "Invited already: 1", "Did not agree to invitations: 2"):
        assert line in words
    registered(other.parts.get(), now=NOW, number=1)
    assert "Registered already: 1" in text(look(registrar, other))
    assert kept.contact.invite_consent_at is not None


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ({}, [1, 2, 3]),
        ({"sectors": ["ministry"]}, [2]),
        ({"countries": ["KR", "TH"]}, [2, 3]),
        ({"organization": "kyoto"}, [3]),
        ({"attended": "yes"}, [1, 2]),
        ({"attended": "no"}, [3]),
        ({"attended": "yes", "countries": ["TH"]}, []),
        ({"series": "own"}, [1]),
        ({"events": "own"}, [1]),
    ],
)
def test_whom_one_chooses(registrar, event, chosen, expected):
    series = SeriesFactory()
    first = past(1, series=series)
    past(2, sector="ministry", country="KR")
    past(3, country="TH", came=False, organization_name="Kyoto University")
    own = {"series": series.pk, "events": first.event_id}
    chosen = {name: [own[name]] if given == "own" else given for name, given in chosen.items()}
    assert shown(look(registrar, event, **chosen)) == expected


def test_who_had_no_place_or_has_one_ahead_did_not_come(registrar, event):
    waited = past(1, came=False)
    Seat.objects.filter(registration=waited).update(state="waiting", waitlist_number=1)
    registered(PartFactory(), now=NOW, number=2, invite_text="Invite me", verified=True)
    assert shown(look(registrar, event)) == []


def test_only_events_of_which_a_part_is_over_are_offered(registrar, event):
    held = past(1).event
    begun = EventFactory()
    for day in (10, 24):
        part = PartFactory(event=begun, date=datetime.date(2026, 11, day))
    registered(part, now=NOW, number=2)
    registered(PartFactory(), now=NOW, number=3)
    page = registrar.get(tool(event))
    assert set(page.context["adminform"].form.fields["events"].queryset) == {held, begun}


def test_a_consent_withdrawn_between_looking_and_doing_counts(registrar, event):
    past(1), past(2)
    preview = look(registrar, event)
    Contact.objects.filter(email__startswith="observer1").update(invite_consent_at=None, invite_consent_text="")
    assert "1 invitation is on its way." in text(confirm(registrar, event, preview))
    assert Invitation.objects.get().contact.email == "observer2@city.example"


def test_an_end_that_passed_between_looking_and_doing_invites_nobody(registrar, event, clock):
    past(1)
    clock.move_to(datetime.datetime(2026, 11, 23, 14, 50, tzinfo=datetime.UTC))  # ten minutes before midnight in Seoul
    preview = look(registrar, event, expires_on="2026-11-23")
    clock.move_to(datetime.datetime(2026, 11, 23, 15, tzinfo=datetime.UTC))
    assert "It was looked at too long ago" in text(confirm(registrar, event, preview))
    assert not Invitation.objects.exists()


def test_what_was_seen_is_good_for_its_event_and_an_hour(registrar, event, clock):
    past(1)
    preview = look(registrar, event)
    other = EventFactory(with_part=True)
    assert "nothing was sent" in text(confirm(registrar, other, preview))
    assert "nothing was sent" in text(registrar.post(tool(event), {"do": "confirm", "seen": "forged"}))
    clock.move_to(NOW + datetime.timedelta(hours=1, seconds=1))
    assert "nothing was sent" in text(confirm(registrar, event, preview))
    assert not Invitation.objects.exists()


class TestFile:
    def test_good_lines_are_shown_and_every_bad_one_is_named(self, registrar, event):
        content = (
            "Email,Language,Name\n"
            "kim@city.example,ko,Kim Minji\n"
            "\n"
            "not an address,en,\n"
            ",en,Nobody\n"
            "lee@city.example,fr,Lee\n"
            "sato@city.example,,,,x\n"
            "sato@city.example,,,,\n"
            " KIM@city.example,ko,Kim again\n"
            "sato@city.example\n"
        )
        preview = look_at_file(registrar, event, content)
        words = text(preview)
        assert "2 people are invited." in words
        assert "Kim Minji , kim@city.example" in words
        assert "Named twice: 2" in words
        for line in (
            "Line 4: Enter an email address like name@city.go.jp.",
            "Line 5: It has no address.",
            "Line 6: Its language is none of en, ja, ko.",
            "Line 7: It has something in a column without a heading.",
        ):
            assert line in words
        assert not Contact.objects.exists()
        confirm(registrar, event, preview)
        found = Invitation.objects.values_list("contact__email", "contact__language", "contact__invite_consent_at")
        assert sorted(found) == [("kim@city.example", "ko", None), ("sato@city.example", "en", None)]

    def test_a_file_that_is_not_chosen_as_the_source_is_not_passed_over(self, registrar, event):
        page = look_at_file(registrar, event, "email\nada@city.example\n", source="past")
        assert "A file is chosen below." in text(page)

    def test_without_a_basis_nothing_goes_on(self, registrar, event):
        response = look_at_file(registrar, event, "email\nkim@city.example\n", basis=" ")
        assert "Say why we may write to these people" in text(response)
        assert 'name="seen"' not in response.content.decode()

    def test_the_basis_is_kept_in_the_log_and_no_address(self, registrar, event, admin_client):
        confirm(
            registrar, event, look_at_file(registrar, event, "email\nkim@city.example\n", basis="Named by the ministry")
        )
        history = text(admin_client.get(f"/admin/events/event/{event.pk}/history/"))
        assert "Named by the ministry" in history
        assert "kim@city.example" not in history

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "This field is required|The submitted file is empty"),
            (b"address\nkim@city.example\n", "one of them “email”"),
            (b"email,phone\n", "There is no such column here: phone."),
            ("email\n김@city.example".encode("cp949"), "not text in UTF-8"),
            (b"\xff\xfe\x00\x01", "one of them “email”"),
            ("email\nkim@city.example".encode("utf-16-le"), "not text in UTF-8"),
            ("email\n金@city.example".encode("shift_jis"), "not text in UTF-8"),
            (b"email\n" + b"a@b.example\n" * 5001, "More than 5000 lines"),
        ],
    )
    def test_a_file_that_cannot_be_used_says_why(self, registrar, event, content, reason):
        response = look_at_file(registrar, event, content)
        assert response.status_code == 200
        assert re.search(reason, text(response))
        assert not Invitation.objects.exists()

    @pytest.mark.parametrize("line", ['"unclosed', "\0@city.example", "\u202e@city.example", "x" * 140_000])
    def test_no_line_breaks_it(self, registrar, event, line):
        response = look_at_file(registrar, event, f"email\n{line}\n")
        assert response.status_code == 200
        assert "Line 2" in text(response)

    def test_semicolons_and_the_mark_of_spreadsheets_are_read(self, registrar, event):
        preview = look_at_file(registrar, event, b"\xef\xbb\xbfemail;name\r\nkim@city.example;Kim, Minji\r\n")
        assert "Kim, Minji , kim@city.example" in text(preview)


@pytest.mark.parametrize("day", ["", "2026-11-22", "2028-01-01", "9999-12-31", "soon"])
def test_the_end_has_to_be_within_a_year(registrar, event, day):
    past(1)
    response = look(registrar, event, expires_on=day)
    assert 'name="seen"' not in response.content.decode()
    assert "expires_on" in response.context["errors"]


@pytest.mark.parametrize("what", ["draft", "over"])
def test_nobody_is_invited_where_nobody_can_come(registrar, event, what, clock):
    past(1)
    if what == "draft":
        type(event).objects.update(publication="draft")
        expected = "Publish it first."
    else:
        event.parts.update(status="cancelled")
        expected = "Nobody can take a place now: Cancelled."
    response = look(registrar, event)
    assert expected in text(response)
    assert 'name="seen"' not in response.content.decode()


def test_only_the_registrar_has_it(editor, event):
    assert editor.get(tool(event)).status_code == 403
    assert editor.get("/admin/events/invitation/").status_code == 403
    assert tool(event) not in editor.get(f"/admin/events/event/{event.pk}/change/").content.decode()


def test_the_event_leads_to_it(registrar, event):
    assert tool(event) in registrar.get(f"/admin/events/event/{event.pk}/change/").content.decode()
    assert registrar.get(tool(event)).status_code == 200
    assert registrar.get("/admin/events/event/999999/invite/").status_code == 404


class TestList:
    def test_it_says_what_became_of_each(self, registrar, event, mailoutbox):
        names = ["sent", "opened", "registered", "withdrawn"]
        addressees = [Addressee(f"{name}@city.example") for name in names]
        invite(event=event, addressees=addressees, expires_at=NOW + DAY, now=NOW)
        own = {name: event.invitations.get(contact__email=f"{name}@city.example") for name in names}
        open_invitation_for(invitation=own["opened"], address="opened@city.example", now=NOW)
        person = registered(PartFactory(), now=NOW)
        Invitation.objects.filter(pk=own["registered"].pk).update(registration=person)
        send_all(mailoutbox, NOW)
        address = "/admin/events/invitation/"
        data = {"action": "withdraw_all", "_selected_action": [own["withdrawn"].pk, own["registered"].pk]}
        assert "1 invitation was withdrawn." in text(registrar.post(address, data, follow=True))

        def states():
            page = registrar.get(address).content.decode()
            rows = re.findall(
                r'field-e_mail">(\w+)@.*?field-state_words">(\w+)<.*?field-mail_words">([\w ]+)<', page, re.S
            )
            return {name: (state, mail) for name, state, mail in rows}

        assert states() == {
            "sent": ("Sent", "Sent"),
            "opened": ("Opened", "Sent"),
            "registered": ("Registered", "No longer due"),
            "withdrawn": ("Withdrawn", "Sent"),
        }
        for state in ("sent", "opened", "registered", "withdrawn"):
            assert shown_names(registrar.get(address, {"state": state})) == [state]

    def test_one_that_is_over_says_so(self, registrar, event):
        before = NOW - 2 * DAY
        invite(event=event, addressees=[Addressee("late@city.example")], expires_at=NOW, now=before)
        assert shown_names(registrar.get("/admin/events/invitation/", {"state": "expired"})) == ["late"]

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries(self, registrar, event, rows):
        addressees = [Addressee(f"guest{number}@city.example") for number in range(rows)]
        invite(event=event, addressees=addressees, expires_at=NOW + DAY, now=NOW)
        registrar.get("/admin/events/invitation/")
        with CaptureQueriesContext(connection) as queries:
            registrar.get("/admin/events/invitation/")
        assert len(queries) == 7

    @pytest.mark.parametrize("rows", [1, 3])
    def test_number_of_queries_of_the_preview(self, registrar, event, rows):
        for number in range(rows):
            past(number)
        look(registrar, event)
        with CaptureQueriesContext(connection) as queries:
            assert len(shown(look(registrar, event))) == rows
        assert len(queries) == 15


def shown_names(response):
    return sorted(re.findall(r'field-e_mail">(\w+)@', response.content.decode()))
