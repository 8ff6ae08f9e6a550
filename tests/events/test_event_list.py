import datetime
import re

import pytest

from events.models import AgendaItem, Appearance, Event, EventOrganization, Part
from tests.factories.events import (
    AgendaItemFactory,
    AppearanceFactory,
    EventFactory,
    EventOrganizationFactory,
    PartFactory,
    RecordingFactory,
    SeriesFactory,
)
from tests.factories.organizations import (
    InitiativeFactory,
    LanguageFactory,
    OrganizationFactory,
    PersonFactory,
    PlaceFactory,
    TopicFactory,
)
from tests.markup import markup
from wego_portal.foundation.publication import Publication

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

PAST = datetime.date(2020, 7, 6)
QUERIES = 14


def titles(client, query="", path="/events/"):
    response = client.get(f"{path}?{query}")
    assert response.status_code == 200
    return re.findall(r"<h3><a href[^>]*>([^<]*)</a></h3>", markup(response))


def text(client, query="", path="/events/"):
    return markup(client.get(f"{path}?{query}"))


def event(title, *, when=PAST, **kwargs):
    made = EventFactory(title_en=title, **kwargs)
    PartFactory(event=made, known_to_day=True, date=when)
    return made


def test_order_and_time(client):
    event("Later", when=datetime.date(2027, 2, 1))
    event("Next", when=datetime.date(2026, 12, 1))
    event("Long ago", when=datetime.date(2019, 5, 1))
    event("Ago", when=datetime.date(2021, 5, 1))
    assert titles(client) == titles(client, "when=upcoming") == ["Next", "Later"]
    assert titles(client, "when=past") == ["Ago", "Long ago"]
    assert titles(client, "when=all") == ["Later", "Next", "Ago", "Long ago"]


def test_counts_follow_the_filters(client):
    event("Workshop ahead", when=datetime.date(2026, 12, 1), kind="workshop")
    event("Webinar ahead", when=datetime.date(2026, 12, 1))
    watched = event("Webinar ago")
    RecordingFactory(part=watched.parts.get())
    page = text(client)
    chips = re.findall(r'<a class="chip"[^>]*>([^<]*)<span class="num">(\d+)', page)
    assert chips == [("Upcoming", "2"), ("Past", "1"), ("All", "3"), ("With recording", "1")]
    page = text(client, "kind=workshop")
    chips = re.findall(r'<a class="chip"[^>]*>([^<]*)<span class="num">(\d+)', page)
    assert chips == [("Upcoming", "1"), ("Past", "0"), ("All", "1"), ("With recording", "0")]


def test_partial_dates_are_grouped_under_what_is_known(client):
    for title, kwargs in {
        "Year": {"known_to_year": True, "date": datetime.date(2020, 1, 1)},
        "Month": {"known_to_month": True, "date": datetime.date(2020, 7, 1)},
        "Day": {"known_to_day": True, "date": datetime.date(2020, 7, 6)},
        "December": {"known_to_day": True, "date": datetime.date(2020, 12, 6)},
        "This year": {"known_to_year": True, "date": datetime.date(2026, 1, 1)},
        "This month": {"known_to_month": True, "date": datetime.date(2026, 11, 1)},
        "Last month": {"known_to_month": True, "date": datetime.date(2026, 10, 1)},
    }.items():
        PartFactory(event__title_en=title, **kwargs)
    EventFactory(title_en="No part")
    assert titles(client) == ["This month", "This year"]
    assert titles(client, "when=past") == ["Last month", "Year", "December", "Month", "Day"]
    page = text(client, "when=all")
    assert re.findall(r"<h2 class=\"size-2\">(.*?)</h2>", page) == [
        '<time datetime="2026">2026, month not known</time>',
        '<time datetime="2026-11">November 2026</time>',
        '<time datetime="2026-10">October 2026</time>',
        '<time datetime="2020">2020, month not known</time>',
        '<time datetime="2020-12">December 2020</time>',
        '<time datetime="2020-07">July 2020</time>',
        "Date not known",
    ]
    assert '<time class="date" datetime="2020"><b class="date__year">2020</b></time>' in page
    assert '<time class="date" datetime="2020-07"><b class="date__year">Jul</b><small>2020</small></time>' in page
    assert '<time class="date" datetime="2020-07-06"><span>Jul</span><b>6</b><small>2020</small></time>' in page


def test_event_of_several_parts_stands_where_its_next_part_is(client):
    two = EventFactory(title_en="Two")
    PartFactory(event=two, known_to_day=True, date=datetime.date(2026, 11, 2))
    PartFactory(event=two, known_to_day=True, date=datetime.date(2026, 12, 7))
    event("Between", when=datetime.date(2026, 12, 1))
    assert titles(client) == ["Between", "Two"]
    assert "November 2026" not in text(client)
    assert "2 parts" in text(client)


def test_row_says_time_with_place_hosts_state_and_sample(client):
    made = EventFactory(title_en="Shown", is_sample=True, series=SeriesFactory(title_en="Smart City 101"))
    PartFactory(event=made, capacity=7)
    EventOrganizationFactory(event=made, organization__name_en="Smart City Institute", organization__short_name="SCI-J")
    page = text(client)
    for words in (
        "15:00 to 16:30, Seoul time",
        "by SCI-J",
        "Smart City 101",
        "Open, 7 places left",
        "Sample",
        "Webinar",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({"capacity": 0}, "Waiting list"),
        ({"capacity": 0, "has_waitlist": False}, "Full"),
        ({"event__access": "invitation"}, "By invitation"),
        ({"status": Part.Status.CANCELLED}, "Cancelled"),
        ({"status": Part.Status.POSTPONED}, "Postponed"),
        (
            {"registration_opens_at": datetime.datetime(2026, 12, 1, tzinfo=datetime.UTC)},
            "Opens 1 December 2026, 09:00, Seoul time",
        ),
        ({"registration_closes_at": datetime.datetime(2026, 11, 1, tzinfo=datetime.UTC)}, "Registration closed"),
    ],
)
def test_state_badge(client, kwargs, words):
    PartFactory(**kwargs)
    assert words in text(client)


def _wanted_by(filter_name):
    """An event that the filter finds, and the value to find it by."""
    if filter_name == "topic":
        topic = TopicFactory(slug="mobility")
        event("Wanted").topics.add(topic)
    elif filter_name == "organizer":
        EventOrganizationFactory(event=event("Wanted"), organization__slug="mobility", role="partner")
    elif filter_name == "series":
        event("Wanted", series=SeriesFactory(slug="mobility"))
    elif filter_name == "initiative":
        event("Wanted", initiative=InitiativeFactory(slug="mobility"))
    return "mobility"


@pytest.mark.parametrize(("prefix", "hosts"), [("", "A, B"), ("/ja", "A、B"), ("/ko", "A, B")])
def test_hosts_are_joined_as_the_language_does(client, prefix, hosts):
    shown = event("Shown")
    for name in ("A", "B"):
        organization = OrganizationFactory(short_name=name)
        EventOrganizationFactory(event=shown, organization=organization, role=EventOrganization.Role.HOST)
    assert hosts in text(client, "when=past", path=f"{prefix}/events/")


@pytest.mark.parametrize("name", ["topic", "organizer", "series", "initiative"])
def test_filter_by_what_has_a_slug(client, name):
    event("Other")
    value = _wanted_by(name)
    assert titles(client, f"when=past&{name}={value}") == ["Wanted"]


@pytest.mark.parametrize("dates", [(2020, 12, 31, 2021, 1, 2), (2019, 5, 1, 2022, 2, 1)])
def test_the_years_of_a_meeting_are_all_it_has_days_in(client, dates):
    first, last = datetime.date(*dates[:3]), datetime.date(*dates[3:])
    PartFactory(event__title_en="Over New Year", known_to_day=True, date=first, end_date=last)
    for year in (2018, 2021, 2023):
        PartFactory(event__title_en=f"In {year}", known_to_day=True, date=datetime.date(year, 6, 1))
    for year in range(2018, 2024):
        has_days = first.year <= year <= last.year
        offered = year in (first.year, last.year, 2018, 2021, 2023)
        assert ("Over New Year" in titles(client, f"when=past&year={year}")) == (has_days or not offered)
        assert (f'value="{year}"' in markup(client.get("/events/?when=past"))) == offered


def test_filter_by_kind_country_language_year_and_recording(client):
    event("Other", kind="meeting", place=PlaceFactory(country="KR"))
    wanted = event("Wanted", kind="workshop", place=PlaceFactory(country="JP"), when=datetime.date(2021, 3, 1))
    wanted.spoken_languages.add(LanguageFactory(code="ja"))
    audience = event("For Viet Nam", audience_countries=["TH", "VN"])
    audience.interpreted_languages.add(LanguageFactory(code="vi"))
    RecordingFactory(part=wanted.parts.get())
    RecordingFactory(part=audience.parts.get(), url="")  # known to exist, but not where
    for query in ("kind=workshop", "country=JP", "language=ja", "year=2021", "recording=on"):
        assert titles(client, f"when=all&{query}") == ["Wanted"], query
    assert titles(client, "when=all&country=VN") == ["For Viet Nam"]
    assert titles(client, "when=all&language=vi") == ["For Viet Nam"]


def test_listed_observer_is_no_organizer(client):
    host = EventOrganizationFactory(event=event("Hosted"), organization__slug="city", role="host").organization
    EventOrganizationFactory(event=event("Observed"), organization=host, role=EventOrganization.Role.OBSERVER)
    assert titles(client, "when=past&organizer=city") == ["Hosted"]


@pytest.mark.parametrize(
    "words",
    [
        "Verkehr",
        "交通",
        "summary words",
        "kyong-yul",
        "이경렬",
        "SCI-J",
        "former name",
        "busan",
        "釜山",
        "Part title",
        "WELCOME",
    ],
)
def test_search_finds_every_language_and_who_and_where(client, words):
    event("Other")
    wanted = event(
        "Verkehr",
        title_ja="都市交通の未来",
        summary_en="Some summary words",
        place=PlaceFactory(name_en="Busan", name_ja="釜山"),
    )
    part = wanted.parts.get()
    part.title_en = "Part title"
    part.save()
    item = AgendaItemFactory(part=part, title_en="Welcome message")
    AppearanceFactory(item=item, person=PersonFactory(name="Kyong-yul Lee", native_name="이경렬"))
    role = EventOrganizationFactory(event=wanted, organization__short_name="SCI-J")
    role.organization.aliases.create(name="Former name")
    assert titles(client, f"when=past&q={words}") == ["Verkehr"]


def test_every_word_has_to_be_found_and_filters_combine(client):
    event("Smart cities of Seoul", kind="workshop")
    event("Smart cities of Tokyo")
    assert titles(client, "when=past&q=tokyo+smart") == ["Smart cities of Tokyo"]
    assert titles(client, "when=past&q=smart&kind=workshop&year=2020") == ["Smart cities of Seoul"]
    assert titles(client, "when=past&q=tokyo&kind=workshop") == []


def test_nothing_unpublished_is_found_offered_or_shown(client):
    shown = event("Shown", series=SeriesFactory(title_en="Hidden series", publication=Publication.DRAFT))
    event("Draft event", publication=Publication.DRAFT)
    event("Scheduled", publication="scheduled", publish_at=datetime.datetime(2026, 11, 24, tzinfo=datetime.UTC))
    hidden = OrganizationFactory(name_en="Hidden body", slug="hidden", publication=Publication.IN_REVIEW)
    EventOrganizationFactory(event=shown, organization=hidden)
    item = AgendaItemFactory(part=shown.parts.get())
    AppearanceFactory(item=item, person=PersonFactory(name="Hidden person", publication=Publication.WITHDRAWN))
    RecordingFactory(part=shown.parts.get(), publication=Publication.DRAFT)
    page = text(client, "when=all")
    assert titles(client, "when=all") == ["Shown"]
    assert "Hidden" not in page
    assert "Draft" not in page
    for query in ("q=hidden", "recording=on", "q=draft"):
        assert titles(client, f"when=all&{query}") == [], query
    assert "so this filter was left out" in text(client, "when=all&organizer=hidden")


@pytest.mark.parametrize(
    "query",
    [
        "kind=nonsense",
        "topic=nonsense",
        "year=999999999999",
        "year=-1",
        "country=%F0%9F%98%80",
        "language=%E2%80%AE",
        "when=yesterday",
        "q=" + "x" * 101,
    ],
)
def test_a_wrong_value_is_said_beside_its_field_and_left_out(client, query):
    event("Ahead", when=datetime.date(2026, 12, 1))
    assert titles(client, query) == ["Ahead"]
    assert text(client, query).count("field__error") == 1


@pytest.mark.parametrize("query", ["q=%E2%80%AEabc", "q=😀", "q=%25_%27%22--"])
def test_odd_input_is_no_error(client, query):
    event("Ahead", when=datetime.date(2026, 12, 1))
    assert client.get(f"/events/?{query}").status_code == 200


@pytest.mark.parametrize("query", ["page=nonsense", "page=999&when=all", "page=0", "page=-1"])
def test_a_page_that_is_not_there_is_said_so(client, query):
    event("Ahead", when=datetime.date(2026, 12, 1))
    assert client.get(f"/events/?{query}").status_code == 404


@pytest.mark.parametrize("query", ["q=%00", "organizer=%00", "q=%FF%FE"])
def test_what_is_no_text_is_refused(client, query):
    assert client.get(f"/events/?{query}").status_code == 400


def test_filters_in_use_can_be_removed_one_by_one(client):
    event("Wanted", kind="workshop")
    page = text(client, "when=past&kind=workshop&q=wanted&page=1")
    removals = re.findall(r'<a class="chip chip--remove" href="([^"]*)"', page)
    assert removals == ["?when=past&amp;kind=workshop", "?when=past&amp;q=wanted"]


def test_empty_list_says_why_and_what_to_do(client):
    assert "No events are listed yet." in text(client)
    event("Ago", kind="workshop")
    assert "Nothing is announced at the moment." in text(client)
    assert "No upcoming event matches these filters." in text(client, "kind=workshop")
    assert "No event fits all of these filters." in text(client, "kind=briefing")


def test_pages_of_24(client):
    for number in range(30):
        event(f"Event {number:02}", when=PAST + datetime.timedelta(days=number))
    assert len(titles(client, "when=past")) == 24
    assert len(titles(client, "when=past&page=2")) == 6
    assert "when=past&amp;page=2" in text(client, "when=past")


@pytest.mark.parametrize(("path", "lang"), [("/ja/events/", "ja"), ("/ko/events/", "ko")])
def test_other_languages_show_their_titles_and_mark_the_rest(client, path, lang):
    event("Only English")
    event("Both", **{f"title_{lang}": "題名"})
    page = text(client, "when=past", path)
    assert f'<html lang="{lang}"' in page
    assert ">題名</a>" in page
    assert 'lang="en">Only English</a>' in page


def test_list_without_script_needs_no_session_and_no_token(client):
    event("Ahead", when=datetime.date(2026, 12, 1))
    response = client.get("/events/")
    assert not response.cookies
    assert b"csrfmiddlewaretoken" not in response.content
    assert "Cookie" not in response.get("Vary", "")


def fill(rows):
    for _row in range(rows):
        made = EventFactory(series=SeriesFactory(), initiative=InitiativeFactory(), place=PlaceFactory())
        made.topics.add(TopicFactory())
        made.spoken_languages.add(LanguageFactory(code=f"l{Event.objects.count()}"))
        EventOrganizationFactory(event=made)
        for _part in range(rows):
            part = PartFactory(event=made, capacity=5)
            RecordingFactory(part=part)
            Appearance.objects.create(item=AgendaItem.objects.create(part=part, title_en="T"), person=PersonFactory())


@pytest.mark.parametrize("rows", [1, 3])
def test_queries(client, django_assert_num_queries, rows):
    fill(rows)
    with django_assert_num_queries(QUERIES):
        assert len(titles(client)) == rows
    with django_assert_num_queries(QUERIES):
        client.get("/ja/events/?when=all&q=event&year=2026&kind=webinar&recording=on")
