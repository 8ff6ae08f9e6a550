"""An organization's page: what it says, what it keeps back, and its number of queries."""

import json
import re

import pytest
import time_machine

from organizations.models import Membership
from tests.factories import events as event_factories
from tests.factories import organizations as factories
from tests.markup import markup

pytestmark = pytest.mark.django_db


def page_of(client, organization, prefix=""):
    response = client.get(f"{prefix}/organizations/{organization.slug}/")
    assert response.status_code == 200
    return markup(response)


@pytest.mark.parametrize("publication", ["draft", "in_review", "withdrawn"])
def test_what_is_not_published_has_no_page(client, publication):
    organization = factories.OrganizationFactory(publication=publication)
    assert client.get(organization.get_absolute_url()).status_code == 404


def test_a_scheduled_one_appears_at_its_time(client):
    organization = factories.OrganizationFactory(publication="scheduled", publish_at="2026-11-23T09:00:00Z")
    with time_machine.travel("2026-11-23T08:59:59Z", tick=False):
        assert client.get(organization.get_absolute_url()).status_code == 404
    with time_machine.travel("2026-11-23T09:00:00Z", tick=False):
        assert client.get(organization.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("prefix", ["", "/ja", "/ko"])
def test_an_old_address_leads_to_the_new_one(client, prefix):
    organization = factories.OrganizationFactory(slug="old-name")
    organization.slug = "new-name"
    organization.save()
    response = client.get(f"{prefix}/organizations/old-name/")
    assert response.status_code == 301
    assert response["Location"].endswith(f"{prefix}/organizations/new-name/")


def test_names_place_clock_and_founding(client):
    place = factories.PlaceFactory(name_en="Kathmandu", country="NP", time_zone="Asia/Kathmandu")
    organization = factories.CityFactory(
        place=place, native_name="京都市", founded="2010-09-01", founded_precision="month", short_name="KTM"
    )
    factories.AliasFactory(organization=organization, name="서울")
    page = page_of(client, organization)
    assert "Kathmandu, Nepal" in page
    assert "Asia/Kathmandu" in page
    assert "UTC+5:45 today" in page
    assert '<time datetime="2010-09">September 2010</time>' in page
    assert '<span lang="ko">서울</span>' in page
    assert "KTM" in page
    assert "skyline" in page


def test_a_planned_network_says_so_and_counts_nobody(client):
    network = factories.NetworkFactory(name_en="Northeast Asia Network", state="planned")
    factories.MembershipFactory(group=network, state="prospective", member__name_en="City of Ulaanbaatar")
    page = page_of(client, network)
    assert "Planned: this body does not exist yet" in page
    assert "It counts no members yet" in page
    assert "City of Ulaanbaatar" in page
    assert "listed here" not in page


def test_an_application_is_no_public_fact(client):
    network, city = factories.NetworkFactory(), factories.CityFactory(name_en="Applying city")
    factories.MembershipFactory(group=network, member=city, state="prospective")
    assert "Applying city" not in page_of(client, network)
    assert network.name not in page_of(client, city)


def test_members_are_counted_once_active_and_published_and_stand_by_country(client):
    network = factories.NetworkFactory()
    for country, name in [("TH", "Bangkok"), ("TH", "Phuket"), ("LA", "Vientiane")]:
        place = factories.PlaceFactory(name_en=name, country=country)
        member = factories.CityFactory(name_en=f"City of {name}", place=place)
        factories.MembershipFactory(group=network, member=member, member_class="pilot_city")
    factories.MembershipFactory(group=network, member=member, state="ended")  # was here before, and is again
    factories.MembershipFactory(group=network, state="ended", member__name_en="Former city")
    factories.MembershipFactory(group=network, state="unconfirmed", member__name_en="Doubtful city")
    factories.MembershipFactory(group=network, member__publication="draft", member__name_en="Draft city")
    response = client.get(network.get_absolute_url())
    page = markup(response)
    assert response.context["members_count"] == 3
    assert '<b class="num">3</b>listed here' in page
    assert [str(country) for country, _rows in response.context["members_by_country"]] == ["Laos", "Thailand"]
    assert "Former city" not in page
    assert "Draft city" not in page
    assert page.index("not confirmed") < page.index("Doubtful city")


def test_counting_members_of_several_groups_counts_each_body_once():
    city = factories.CityFactory()
    factories.MembershipFactory(member=city)
    factories.MembershipFactory(member=city)
    factories.MembershipFactory()
    assert Membership.objects.active().count_members() == 2


def test_reported_figures_have_their_date_and_source_and_stand_apart(client):
    network = factories.NetworkFactory()
    factories.ReportedFigureFactory(organization=network)
    factories.ReportedFigureFactory(organization=network, value="30", as_of="2019-09-01", as_of_precision="year")
    response = client.get(network.get_absolute_url())
    page = markup(response)
    assert [figure.value for figure in response.context["figures"]] == ["around 130"]
    assert [figure.value for figure in response.context["earlier_figures"]] == ["30"]
    assert '<time datetime="2020-07">July 2020</time>' in page
    assert 'href="https://example.org/figures"' in page
    assert "not counted from this directory." in page
    assert "listed here" not in page


def test_memberships_show_class_office_and_since(client):
    city = factories.CityFactory()
    factories.MembershipFactory(
        member=city, office="president", since="2010-09-01", since_precision="month", group__name_en="WeGO circle"
    )
    page = page_of(client, city)
    assert "WeGO circle" in page
    assert "Member, President city" in page
    assert 'since<time datetime="2010-09">' in page


@pytest.mark.parametrize(
    "make",
    [
        lambda organization: factories.MembershipFactory(member=organization, group=hidden_organization()),
        lambda organization: factories.MembershipFactory(group=organization, member=hidden_organization()),
        lambda organization: factories.PositionFactory(
            organization=organization, person__publication="draft", person__name="Hidden"
        ),
        lambda organization: factories.InitiativeFactory(lead=organization, publication="draft", title_en="Hidden"),
        lambda organization: factories.InitiativeFactory(publication="draft", title_en="Hidden").supports.add(
            organization
        ),
        lambda organization: factories.ProjectFactory(city=organization, publication="draft", title_en="Hidden"),
        lambda organization: factories.ProjectFactory(
            city=organization, title_en="Hidden", initiative__publication="draft"
        ),
        lambda organization: factories.ProjectFactory(publication="draft", title_en="Hidden").partners.add(
            organization
        ),
        lambda organization: factories.BestPracticeFactory(city=organization, publication="draft", title_en="Hidden"),
        lambda organization: event_factories.EventOrganizationFactory(
            organization=organization, event__publication="draft", event__title_en="Hidden"
        ),
        lambda organization: event_factories.StoryFactory(publication="draft", title_en="Hidden").organizations.add(
            organization
        ),
    ],
)
def test_nothing_hidden_shows_through_a_relation(client, make):
    organization = factories.OrganizationFactory(name_en="Seen")
    make(organization)
    assert "Hidden" not in page_of(client, organization)


def hidden_organization():
    return factories.NetworkFactory(name_en="Hidden", publication="draft")


def test_what_it_leads_does_and_shows(client):
    organization = factories.OrganizationFactory()
    factories.PositionFactory(organization=organization, person__name="Kyong-yul Lee", title_en="Secretary General")
    factories.InitiativeFactory(lead=organization, title_en="Led one")
    factories.InitiativeFactory(title_en="Supporting one").supports.add(organization)
    factories.ProjectFactory(city=organization, title_en="Own project", is_sample=True)
    factories.ProjectFactory(title_en="Partner project").partners.add(organization)
    factories.BestPracticeFactory(city=organization, title_en="A case")
    event = event_factories.EventFactory(title_en="An event", with_part=True)
    event_factories.EventOrganizationFactory(organization=organization, event=event)
    event_factories.StoryFactory(title_en="A story").organizations.add(organization)
    page = page_of(client, organization)
    for text in (
        "Kyong-yul Lee",
        "Secretary General",
        "Led one",
        "Supporting one",
        "Own project",
        "Sample",
        "Partner project",
        "A case",
        "An event",
        "A story",
    ):
        assert text in page


def test_machine_readable_organization_cannot_break_out_of_its_element(client):
    organization = factories.CityFactory(
        name_en="</script><b>City & Co", founded="2010-09-01", founded_precision="year"
    )
    page = page_of(client, organization)
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)[1])
    assert data["name"] == "</script><b>City & Co"
    assert data["@type"] == "GovernmentOrganization"
    assert data["foundingDate"] == "2010"
    assert data["address"]["addressCountry"] == "KR"


def fill(organization):
    """One more of everything that the page shows."""
    factories.AliasFactory(organization=organization)
    factories.ReportedFigureFactory(organization=organization)
    factories.MembershipFactory(member=organization)
    factories.MembershipFactory(group=organization, member=factories.CityFactory())
    factories.PositionFactory(organization=organization)
    factories.InitiativeFactory(lead=organization)
    factories.InitiativeFactory().supports.add(organization)
    factories.ProjectFactory(city=organization)
    factories.ProjectFactory().partners.add(organization)
    factories.BestPracticeFactory(city=organization)
    organization.topics.add(factories.TopicFactory())
    event = event_factories.EventFactory(with_part=True)
    event_factories.EventOrganizationFactory(organization=organization, event=event)
    event_factories.StoryFactory().organizations.add(organization)


@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries(client, django_assert_num_queries, rows):
    organization = factories.CityFactory()
    for _ in range(rows):
        fill(organization)
    with django_assert_num_queries(19):
        page_of(client, organization)
