import datetime
import json
import re

import pytest

from events.models import Contact, Event, EventAudience, EventOrganization, Follows, Part, Registration, Seat
from tests.factories.events import (
    AgendaItemFactory,
    AppearanceFactory,
    CueFactory,
    EventFactory,
    EventOrganizationFactory,
    HandoutFactory,
    PartFactory,
    RecordingFactory,
    SeriesFactory,
    StoryFactory,
    TranscriptFactory,
)
from tests.factories.organizations import (
    BestPracticeFactory,
    InitiativeFactory,
    LanguageFactory,
    OrganizationFactory,
    PlaceFactory,
    TopicFactory,
)
from tests.markup import markup
from tests.moments import NOW
from wego_portal.foundation.publication import Publication

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

JULY = datetime.date(2020, 7, 6)
DRAFT = Publication.DRAFT
QUERIES = 22


def page(client, event, prefix=""):
    response = client.get(f"{prefix}/events/{event.slug}/")
    assert response.status_code == 200
    return markup(response)


def structured(client, event):
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page(client, event), re.S)
    assert not set(data) & set("<>&")
    return json.loads(data)


def button(client, event):
    """What the one primary button says, which stands in the hero and again in the bar of a phone."""
    found = re.findall(r'<a class="button (?:button--sun[^"]*)?" href="([^"]*)">([^<]*)</a>', page(client, event))
    assert len(found) in (0, 2)
    assert len(set(found)) <= 1
    return found[0] if found else None


def test_event_of_one_part_shows_no_number(client):
    part = PartFactory()
    shown = page(client, part.event)
    assert "Part 1" not in shown
    assert "Thursday 10 December 2026" in shown
    assert "15:00 to 16:30" in shown
    assert "Seoul time" in shown


def test_event_of_two_parts_numbers_them(client):
    event = EventFactory()
    PartFactory(event=event, title_en="Seoul")
    PartFactory(event=event, title_en="Busan", date=datetime.date(2026, 12, 17))
    shown = page(client, event)
    assert "Part 1 of 2" in shown
    assert re.findall(r'<h2 class="size-2">(Seoul|Busan)</h2>', shown) == ["Seoul", "Busan"]
    assert f"/events/{event.slug}/parts/2/calendar.ics" in shown


@pytest.mark.parametrize(
    ("kwargs", "words", "attribute"),
    [
        ({"known_to_year": True, "date": datetime.date(2020, 1, 1)}, "2020", "2020"),
        ({"known_to_month": True, "date": datetime.date(2020, 7, 1)}, "July 2020", "2020-07"),
        ({"known_to_day": True, "date": JULY}, "Monday 6 July 2020", "2020-07-06"),
        (
            {"known_to_day": True, "date": JULY, "end_date": datetime.date(2020, 7, 8)},
            "6 July 2020 to 8 July 2020",
            "2020-07-06",
        ),
        ({"time_zone": ""}, "Thursday 10 December 2026, 15:00 to 16:30, time zone not known", "2026-12-10"),
        (
            {"end_date": datetime.date(2026, 12, 11), "end_time": datetime.time(1)},
            "Thursday 10 December 2026 to",
            None,
        ),
    ],
)
def test_no_more_is_said_of_a_date_than_is_known(client, kwargs, words, attribute):
    part = PartFactory(**kwargs)
    shown = page(client, part.event)
    if attribute:
        assert f'<time datetime="{attribute}">{words}</time>' in shown
    has_calendar = part.precision in ("day", "minute")
    assert (f"/events/{part.event.slug}/calendar.ics" in shown) == has_calendar
    assert structured(client, part.event)["startDate"] == (attribute or "2026-12-10T15:00+09:00")


def test_clocks_of_cohosting_cities_with_another_hour(client):
    part = PartFactory(date=datetime.date(2026, 10, 24), end_time=None, event__takes_registrations=False)
    part.date = datetime.date(2027, 3, 28)  # summer time begins in Paris in that night, so the difference is 7 hours
    part.save()
    for name, zone, role in [
        ("Tokyo", "Asia/Tokyo", "host"),
        ("Paris", "Europe/Paris", "co_host"),
        ("Lyon", "Europe/Paris", "co_host"),
        ("Hanoi", "Asia/Ho_Chi_Minh", "observer"),
    ]:
        place = PlaceFactory(name_en=name, time_zone=zone)
        EventOrganizationFactory(event=part.event, organization__place=place, role=role)
    shown = page(client, part.event)
    clocks = re.findall(r'<li><b class="num">([^<]*)</b>([^<]*)</li>', shown)
    assert clocks == [("15:00", "Seoul time"), ("08:00", "Paris time")]
    assert 'data-instant="2027-03-28T15:00:00+09:00" data-zone="Asia/Seoul" hidden' in shown


def test_another_day_is_said_with_the_clock(client):
    part = PartFactory(start_time=datetime.time(6), end_time=None)
    place = PlaceFactory(name_en="Bogotá", time_zone="America/Bogota")
    EventOrganizationFactory(event=part.event, organization__place=place)
    shown = " ".join(client.get(part.event.get_absolute_url()).content.decode().split())
    assert '<b class="num">16:00</b> Wednesday 9 December 2026, Bogotá time' in shown


@pytest.mark.parametrize(
    ("kwargs", "words", "badge"),
    [
        ({}, "Register", "Open"),
        ({"capacity": 12}, "Register", "Open, 12 places left"),
        ({"capacity": 1}, "Register", "Open, 1 place left"),
        ({"event__access": "audience"}, "Register", "Limited audience"),
        ({"capacity": 0}, "Join the waiting list", "Waiting list"),
        ({"capacity": 0, "has_waitlist": False}, None, "Full"),
        ({"event__access": "invitation"}, None, "By invitation"),
        (
            {"registration_opens_at": NOW + datetime.timedelta(days=1)},
            None,
            "Opens 24 November 2026, 18:00, Seoul time",
        ),
        ({"registration_closes_at": NOW}, None, "Registration closed"),
        ({"status": Part.Status.CANCELLED}, None, "Cancelled"),
        ({"status": Part.Status.POSTPONED}, None, "Postponed"),
        ({"date": JULY}, None, "This event is over"),
        ({"event__takes_registrations": False}, None, None),
    ],
)
def test_state_decides_the_button(client, kwargs, words, badge):
    event = PartFactory(**kwargs).event
    found = button(client, event)
    assert (found and found[1]) == words
    shown = re.sub(r"\s+", " ", page(client, event))
    badges = re.findall(r'<div class="hero__actions">(.*?)</div>', shown)[0]
    assert re.findall(r'<span class="badge[^"]*">([^<]*)</span>', badges) == ([badge] if badge else [])


def test_past_event_offers_its_recording_then_its_transcript(client):
    part = PartFactory(date=JULY)
    transcript = TranscriptFactory(part=part)
    assert button(client, part.event) is None
    assert "was published. We do not have a copy yet." in page(client, part.event)
    CueFactory(transcript=transcript)
    assert button(client, part.event) == (transcript.get_absolute_url(), "Read the transcript")
    recording = RecordingFactory(part=part)
    assert button(client, part.event) == (f"#recording-{recording.pk}", "Watch the recording")
    assert f'id="recording-{recording.pk}"' in page(client, part.event)


def test_replaced_event_leads_to_what_replaces_it(client):
    new = PartFactory(event__title_en="New").event
    old = PartFactory(event__replaced_by=new).event
    assert button(client, old) == (f"/events/{new.slug}/", "See what replaces it")
    assert old.title in page(client, new)
    new.publication = DRAFT
    new.save()
    assert button(client, old) is None
    assert new.slug not in page(client, old)


def test_confirmed_seats_are_counted(client):
    part = PartFactory(capacity=3)
    contact = Contact.objects.create(email="a@example.org", created_at=NOW)
    registration = Registration.objects.create(
        event=part.event,
        contact=contact,
        name="A",
        organization_name="B",
        sector="sme",
        country="JP",
        language="en",
        privacy_consent_at=NOW,
        privacy_consent_text="Yes",
        retention_months=12,
        registered_at=NOW,
        changed_at=NOW,
    )
    Seat.objects.create(registration=registration, part=part, state="confirmed", changed_at=NOW)
    assert "Open, 2 places left" in page(client, part.event)
    assert structured(client, part.event)["remainingAttendeeCapacity"] == 2


def full_event(rows=1):
    """An event with `rows` of everything that its page shows."""
    event = EventFactory(
        title_en="Everything",
        series=SeriesFactory(title_en="Its series"),
        initiative=InitiativeFactory(title_en="Its initiative"),
        place=PlaceFactory(name_en="Its place"),
        audience_network=OrganizationFactory(name_en="Its network"),
        audience_countries=["JP"],
        source_url="https://example.org/source",
    )
    for number in range(rows):
        part = PartFactory(event=event, capacity=5, date=datetime.date(2026, 12, 10 + number))
        for _row in range(rows):
            item = AgendaItemFactory(part=part, title_en="Its talk", kind="recorded_message")
            AppearanceFactory(
                item=item,
                person__name="Its person",
                organization=OrganizationFactory(name_en="Its guest"),
                title_then_en="Secretary General",
            )
            item.cases.add(BestPracticeFactory(title_en="Its case"))
            RecordingFactory(part=part, language=LanguageFactory())
            HandoutFactory(part=part, title_en="Its slides", language=LanguageFactory())
            spoken = LanguageFactory(code=f"x{number}{_row}", name_en="Its language")
            CueFactory(transcript=TranscriptFactory(part=part, language=spoken))
        EventAudience.objects.create(event=event, sector=["ministry", "municipal", "academia"][number])
        host = OrganizationFactory(name_en="Its host", place=PlaceFactory(time_zone="Europe/Paris"))
        EventOrganizationFactory(event=event, organization=host)
        observer = EventOrganization.Role.OBSERVER
        EventOrganizationFactory(event=event, role=observer, organization__name_en="Its observer")
        event.topics.add(TopicFactory(name_en="Its topic"))
        event.spoken_languages.add(LanguageFactory(code=f"s{number}", name_en="Its speech"))
        event.interpreted_languages.add(LanguageFactory(code=f"i{number}", name_en="Its interpreting"))
        Follows.objects.create(event=event, earlier=PartFactory(event__title_en="Its earlier event", date=JULY).event)
        Follows.objects.create(event=PartFactory(event__title_en="Its later event").event, earlier=event)
        PartFactory(event__replaced_by=event, event__title_en="What it replaces")
        StoryFactory(title_en="Its story").events.add(event)
    return event


SHOWN = [
    "Its series",
    "Its initiative",
    "Its network",
    "Its talk",
    "Recorded message",
    "Its person",
    "Its guest",
    "Secretary General",
    "Its case",
    "Its slides",
    "Its language",
    "Its host",
    "Its observer",
    "Observers",
    "Its topic",
    "Its speech",
    "Its interpreting",
    "Its earlier event",
    "Next in this story",
    "Its later event",
    "What it replaces",
    "Its story",
    "Japan",
    "Ministry",
    "https://example.org/source",
    "data-player",
]


def test_everything_that_is_known_is_shown(client):
    shown = page(client, full_event())
    assert [words for words in SHOWN if words not in shown] == []


def test_nothing_unpublished_is_shown_at_the_other_end(client):
    event = full_event()
    others = Event.objects.exclude(pk=event.pk)
    others.update(publication=DRAFT)
    item = event.parts.get().agenda.get()
    appearance = item.appearances.get()
    role_organizations = [role.organization for role in event.roles.all()]
    for row in (
        event.series,
        event.initiative,
        event.audience_network,
        appearance.person,
        appearance.organization,
        item.cases.get(),
        *role_organizations,
        event.stories.get(),
        *event.parts.get().recordings.all(),
        *event.parts.get().handouts.all(),
        *event.parts.get().transcripts.all(),
    ):
        row.publication = DRAFT
        row.save()
    shown = page(client, event)
    public = {"Its talk", "Recorded message", "Its topic", "Its speech", "Its interpreting", "Japan", "Ministry"}
    assert [words for words in SHOWN if words in shown and words not in public] == ["https://example.org/source"]


def test_draft_event_has_no_page(client):
    for publication in (Publication.DRAFT, Publication.IN_REVIEW, Publication.WITHDRAWN):
        assert client.get(f"/events/{EventFactory(publication=publication).slug}/").status_code == 404


def test_old_address_leads_to_the_event(client):
    event = Event.objects.get(pk=EventFactory(slug="old").pk)
    event.slug = "new"
    event.save()
    response = client.get("/events/old/")
    assert (response.status_code, response["Location"]) == (301, "/events/new/")


def test_sample_is_said_wherever_it_is(client):
    part = PartFactory(event__is_sample=True)
    RecordingFactory(part=part, is_sample=True)
    HandoutFactory(part=part, is_sample=True)
    assert page(client, part.event).count('<span class="badge badge--sample">Sample</span>') == 3


def test_recording_known_but_not_where_says_so(client):
    recording = RecordingFactory(url="", part__date=JULY)
    assert "We do not have a link to it yet." in page(client, recording.part.event)
    assert button(client, recording.part.event) is None


def test_structured_event(client):
    event = full_event(2)
    data = structured(client, event)
    assert data["@type"] == "Event"
    assert data["name"] == "Everything"
    assert data["startDate"] == "2026-12-10T15:00+09:00"
    assert data["endDate"] == "2026-12-11T16:30+09:00"
    assert data["eventStatus"] == "https://schema.org/EventScheduled"
    assert data["eventAttendanceMode"] == "https://schema.org/OnlineEventAttendanceMode"
    assert data["location"]["@type"] == "VirtualLocation"
    assert [organizer["name"] for organizer in data["organizer"]] == ["Its host"] * 2
    assert data["performer"][0]["worksFor"]["name"] == "Its guest"
    assert data["offers"]["availability"] == "https://schema.org/InStock"
    assert data["offers"]["price"] == "0"
    assert data["inLanguage"] == ["s0", "s1"]
    assert [part["startDate"] for part in data["subEvent"]] == ["2026-12-10T15:00+09:00", "2026-12-11T15:00+09:00"]
    assert data["superEvent"]["name"] == "Its series"


def test_structured_event_on_site_cancelled(client):
    place = PlaceFactory(name_en="Busan", country="KR")
    part = PartFactory(
        event__mode="onsite", event__place=place, event__title_en="</script><b>&", status=Part.Status.CANCELLED
    )
    data = structured(client, part.event)
    assert data["name"] == "</script><b>&"
    assert data["eventStatus"] == "https://schema.org/EventCancelled"
    assert data["location"]["address"]["addressLocality"] == "Busan"
    assert "offers" not in data


def test_page_in_another_language(client):
    part = PartFactory(event__title_ja="題名", event__summary_en="English summary")
    shown = page(client, part.event, "/ja")
    assert re.search(r"<h1[^>]*>題名</h1>", shown)
    assert '<p class="lede" lang="en">English summary</p>' in shown


def test_page_is_the_same_for_everybody(client):
    response = client.get(f"/events/{PartFactory().event.slug}/")
    assert not response.cookies
    assert b"csrfmiddlewaretoken" not in response.content
    assert b" style=" not in response.content


@pytest.mark.parametrize("rows", [1, 3])
def test_queries(client, django_assert_num_queries, rows):
    event = full_event(rows)
    with django_assert_num_queries(QUERIES):
        page(client, event)
