"""Cases of cities: the list with its filters, and the page."""

import pytest

from tests.factories import events as event_factories
from tests.factories import organizations as factories

pytestmark = pytest.mark.django_db
LIST = "/cases/"


def titles(client, query=""):
    response = client.get(f"{LIST}{query}")
    assert response.status_code == 200
    return [str(case.title) for case in response.context["page_obj"]]


@pytest.fixture
def cases():
    data, health = (
        factories.TopicFactory(slug="data", name_en="Data"),
        factories.TopicFactory(slug="health", name_en="Health"),
    )
    seoul = factories.CityFactory(slug="seoul", name_en="Seoul", name_ko="서울특별시")
    dashboard = factories.BestPracticeFactory(title_en="Dashboard", city=seoul, done_en="<p>Joins traffic data.</p>")
    clinics = factories.BestPracticeFactory(title_en="Clinics", city=seoul, result_en="<p>Two days.</p>")
    buses = factories.BestPracticeFactory(title_en="Buses", city=factories.CityFactory(slug="busan", name_en="Busan"))
    dashboard.topics.add(data)
    clinics.topics.add(health, data)
    return {"dashboard": dashboard, "clinics": clinics, "buses": buses}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Buses", "Clinics", "Dashboard"]),
        ("?q=traffic", ["Dashboard"]),
        ("?q=two+days", ["Clinics"]),
        ("?q=서울", ["Clinics", "Dashboard"]),
        ("?city=busan", ["Buses"]),
        ("?topic=data", ["Clinics", "Dashboard"]),
        ("?topic=data&city=seoul&q=joins", ["Dashboard"]),
        ("?topic=health&city=busan", []),
    ],
)
def test_each_filter_alone_and_combined(client, cases, query, found):
    assert titles(client, query) == found


@pytest.mark.parametrize("name", ["city", "topic"])
@pytest.mark.parametrize("value", ["nowhere", "😀", "x" * 3000])
def test_an_unknown_value_is_named_and_left_out(client, cases, name, value):
    response = client.get(LIST, {name: value})
    assert "It was left out of the search." in response.content.decode()
    assert len(response.context["page_obj"]) == 3


@pytest.mark.parametrize("query", ["?q=%00", "?page=999", "?page=x", "?city=%00", "?q=%E2%80%AE"])
def test_odd_addresses_fail_nothing(client, cases, query):
    assert client.get(f"{LIST}{query}").status_code in (200, 400, 404)


def test_an_empty_list_says_why_and_what_to_do(client, cases):
    assert "No case fits all of these filters" in client.get(LIST, {"q": "nowhere"}).content.decode()


def test_drafts_and_cases_of_drafts_are_nowhere(client, cases):
    draft = factories.BestPracticeFactory(title_en="Hidden", publication="draft")
    of_draft = factories.BestPracticeFactory(
        title_en="Hidden too", city=factories.CityFactory(name_en="Hidden city", publication="draft")
    )
    draft.topics.add(factories.TopicFactory(name_en="Hidden topic"))
    assert "Hidden" not in client.get(LIST).content.decode()
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.get(of_draft.get_absolute_url()).status_code == 404


def test_the_page_says_what_was_done_what_came_of_it_and_where_it_was_shown(client, cases):
    case = cases["dashboard"]
    case.source_url = "https://www.example.org/case"
    case.save()
    event_factories.AgendaItemFactory(part=event_factories.PartFactory(event__title_en="Showing event")).cases.add(case)
    hidden = event_factories.PartFactory(event__title_en="Hidden event", event__publication="draft")
    event_factories.AgendaItemFactory(part=hidden).cases.add(case)
    page = client.get(case.get_absolute_url()).content.decode()
    assert "Joins traffic data." in page
    assert "No result is known here yet." in page
    assert 'rel="external noopener">example.org</a>' in page
    assert "Clinics" in page  # more of the same city
    assert "Showing event" in page
    assert "Hidden event" not in page


def test_an_old_address_leads_to_the_new_one(client, cases):
    case = cases["buses"]
    old = case.get_absolute_url()
    case.slug = "night-buses"
    case.save()
    assert client.get(old).headers["Location"] == "/cases/night-buses/"
    assert client.get(old).status_code == 301


@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries_of_the_list(client, django_assert_num_queries, rows):
    for _ in range(rows):
        factories.BestPracticeFactory(city=factories.CityFactory()).topics.add(factories.TopicFactory())
    with django_assert_num_queries(5):
        client.get(LIST)


@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries_of_the_page(client, django_assert_num_queries, rows):
    case = factories.BestPracticeFactory(city=factories.CityFactory())
    for _ in range(rows):
        case.topics.add(factories.TopicFactory())
        factories.BestPracticeFactory(city=case.city)
        event_factories.AgendaItemFactory().cases.add(case)
    with django_assert_num_queries(7):
        client.get(case.get_absolute_url())
