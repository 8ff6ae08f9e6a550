"""The directory: each filter alone and combined, wrong values, drafts, order, pages and its number of queries."""

import pytest

from tests.factories import events as event_factories
from tests.factories import organizations as factories

pytestmark = pytest.mark.django_db
LIST = "/organizations/"


def names(client, query="", prefix=""):
    response = client.get(f"{prefix}{LIST}{query}")
    assert response.status_code == 200
    return [str(organization.name) for organization in response.context["page_obj"]]


@pytest.fixture
def network():
    return factories.NetworkFactory(slug="ascn", name_en="ASEAN Smart Cities Network", short_name="ASCN")


@pytest.fixture
def bangkok(network):
    place = factories.PlaceFactory(name_en="Bangkok", country="TH", time_zone="Asia/Bangkok")
    city = factories.CityFactory(slug="bangkok", name_en="Bangkok", native_name="กรุงเทพมหานคร", place=place)
    factories.MembershipFactory(member=city, group=network, member_class="pilot_city")
    return city


@pytest.fixture
def kyoto():
    place = factories.PlaceFactory(name_en="Kyoto", country="JP", time_zone="Asia/Tokyo")
    city = factories.CityFactory(slug="kyoto", name_en="City of Kyoto", name_ja="京都市", place=place)
    factories.AliasFactory(organization=city, name="Old Capital")
    return city


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=kyoto", ["City of Kyoto"]),
        ("?q=KYOTO+city", ["City of Kyoto"]),
        ("?q=京都", ["City of Kyoto"]),
        ("?q=กรุงเทพ", ["Bangkok"]),
        ("?q=old+capital", ["City of Kyoto"]),
        ("?q=ascn", ["ASEAN Smart Cities Network"]),
        ("?q=%25", []),
        ("?sector=network", ["ASEAN Smart Cities Network"]),
        ("?country=JP", ["City of Kyoto"]),
        ("?network=ascn", ["Bangkok"]),
        ("?sector=municipal&country=TH&network=ascn&q=bang", ["Bangkok"]),
        ("?sector=municipal&country=JP&network=ascn", []),
    ],
)
def test_each_filter_alone_and_combined(client, network, bangkok, kyoto, query, found):
    assert names(client, query) == found


def test_role_at_events_counts_published_events_only(client, bangkok, kyoto):
    event_factories.EventOrganizationFactory(organization=kyoto, role="host")
    event_factories.EventOrganizationFactory(organization=kyoto, role="partner")
    hidden = event_factories.EventFactory(publication="draft")
    event_factories.EventOrganizationFactory(organization=bangkok, role="host", event=hidden)
    assert names(client, "?role=host") == ["City of Kyoto"]
    assert names(client, "?role=partner&country=JP") == ["City of Kyoto"]
    assert names(client, "?role=observer") == []


@pytest.mark.parametrize("name", ["sector", "country", "network", "role"])
@pytest.mark.parametrize("value", ["nonsense", "XX", "‮", "😀" * 40, "x" * 3000])
def test_an_unknown_value_is_named_and_left_out(client, kyoto, name, value):
    response = client.get(LIST, {name: value})
    assert response.status_code == 200
    assert "It was left out of the search." in response.content.decode()
    assert len(response.context["page_obj"]) == 1


def test_a_text_that_is_too_long_is_refused_in_words(client, kyoto):
    response = client.get(LIST, {"q": "k" * 101})
    assert response.status_code == 200
    assert "at most 100 characters" in response.content.decode()


@pytest.mark.parametrize("query", ["?q=%00", "?q=%FF%FE", "?sector=%00", "?page=%00"])
def test_bytes_that_are_no_text_are_answered_and_not_a_failure(client, kyoto, query):
    assert client.get(f"{LIST}{query}").status_code in (200, 400)


@pytest.mark.parametrize(("page", "shown"), [("1", 24), ("2", 1)])
def test_pages_of_24(client, page, shown):
    factories.OrganizationFactory.create_batch(25)
    assert len(client.get(LIST, {"page": page}).context["page_obj"]) == shown


@pytest.mark.parametrize("page", ["99", "0", "-1", "two"])
def test_a_page_that_is_not_there_is_said_so(client, page):
    assert client.get(LIST, {"page": page}).status_code == 404


def test_the_list_stands_under_countries_in_the_readers_language(client, kyoto, bangkok, network):
    factories.OrganizationFactory(name_en="Unplaced company", sector="sme")
    assert names(client) == ["ASEAN Smart Cities Network", "City of Kyoto", "Bangkok", "Unplaced company"]
    headings = [str(heading) for heading, _rows in client.get(LIST).context["by_country"]]
    assert headings == ["International", "Japan", "Thailand", "Country not known"]
    japanese = client.get(f"/ja{LIST}")
    assert [str(heading) for heading, _rows in japanese.context["by_country"]][1:3] == ["タイ", "日本"]


def test_a_name_without_translation_is_marked_with_its_language(client, bangkok):
    assert 'lang="en">Bangkok</a>' in client.get(f"/ja{LIST}").content.decode()
    page = client.get(LIST).content.decode()
    assert 'lang="en">Bangkok</a>' not in page
    assert '<span lang="th">กรุงเทพมหานคร</span>' in page


def test_drafts_are_in_no_list_no_option_and_no_membership(client):
    draft = factories.NetworkFactory(name_en="Hidden circle", slug="hidden", publication="draft")
    member = factories.CityFactory(name_en="Open city")
    factories.MembershipFactory(member=member, group=draft)
    hidden = factories.CityFactory(
        name_en="Hidden city", publication="draft", place=factories.PlaceFactory(country="MN")
    )
    factories.MembershipFactory(member=hidden, group=factories.NetworkFactory(slug="open", name_en="Open circle"))
    page = client.get(LIST).content.decode()
    assert "Open city" in page
    assert "Hidden" not in page
    assert "Mongolia" not in page
    assert 'value="open"' not in page  # its one member is a draft
    assert names(client, "?q=hidden") == []


def test_only_active_memberships_make_a_member(client, network):
    for state in ("prospective", "unconfirmed", "ended"):
        factories.MembershipFactory(group=network, state=state)
    factories.MembershipFactory(group=network, member__name_en="Active one")
    assert names(client, "?network=ascn") == ["Active one"]
    assert "ASCN (1)" in client.get(LIST).content.decode()


def test_an_empty_list_says_why_and_what_to_do(client):
    assert "No organization is listed yet" in client.get(LIST).content.decode()
    factories.OrganizationFactory()
    page = client.get(LIST, {"q": "nowhere"}).content.decode()
    assert "No organization fits all of these filters" in page
    assert "Show all organizations" in page


def test_a_sector_and_a_count_are_in_the_options(client, kyoto, bangkok):
    page = client.get(LIST).content.decode()
    assert "Municipal government (2)" in page
    assert "Japan (1)" in page


@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries(client, django_assert_num_queries, rows):
    for _ in range(rows):
        city = factories.CityFactory()
        factories.MembershipFactory(member=city)
        factories.MembershipFactory(member=city)
    with django_assert_num_queries(5):
        client.get(LIST)
