"""Suggestions for the organization field of forms."""

import pytest

from tests.factories import organizations as factories

pytestmark = pytest.mark.django_db


def suggestions(client, q, prefix=""):
    response = client.get(f"{prefix}/organizations/suggest/", {"q": q})
    assert response.status_code == 200
    return response.json()


@pytest.fixture
def kyoto():
    city = factories.CityFactory(name_en="City of Kyoto", name_ja="京都市", native_name="Kyōto-shi")
    factories.AliasFactory(organization=city, name="Heian-kyō")
    return city


@pytest.mark.parametrize("q", ["city of k", "kyoto", "京都", "Kyōto", "heian", "  kyoto "])
def test_found_by_any_name(client, kyoto, q):
    assert suggestions(client, q) == ["City of Kyoto"]


def test_names_are_in_the_language_of_the_address(client, kyoto):
    assert suggestions(client, "kyoto", prefix="/ja") == ["京都市"]


def test_what_begins_with_it_comes_first_and_eight_are_enough(client):
    factories.OrganizationFactory(name_en="A place in Busan")
    for number in range(9):
        factories.OrganizationFactory(name_en=f"Busan {number}")
    found = suggestions(client, "busan")
    assert found == [f"Busan {number}" for number in range(8)]


def test_drafts_are_not_suggested(client):
    factories.OrganizationFactory(name_en="Secret city", publication="draft")
    assert suggestions(client, "secret") == []


@pytest.mark.parametrize("q", ["", "   "])
def test_nothing_typed_gets_nothing(client, kyoto, q):
    assert suggestions(client, q) == []
    assert client.get("/organizations/suggest/").json() == []


@pytest.mark.parametrize("query", ["?q=%00", f"?q={'k' * 101}", "?q=a%00b"])
def test_what_cannot_be_a_name_is_refused(client, kyoto, query):
    assert client.get(f"/organizations/suggest/{query}").status_code == 400


@pytest.mark.parametrize("q", ["%", "_", "\\", "'; DROP TABLE", "😀", "‮abc"])
def test_strange_text_finds_nothing_and_fails_nothing(client, kyoto, q):
    assert suggestions(client, q) == []


def test_the_answer_may_be_kept_and_takes_one_query(client, django_assert_num_queries, kyoto):
    factories.OrganizationFactory(name_en="Kyoto University")
    with django_assert_num_queries(1):
        response = client.get("/organizations/suggest/", {"q": "kyoto"})
    assert "public" in response["Cache-Control"]
    assert "max-age=300" in response["Cache-Control"]


def test_it_takes_no_form(client):
    assert client.post("/organizations/suggest/", {"q": "x"}).status_code == 405
