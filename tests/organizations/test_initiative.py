"""Initiatives: the list and the page, with stages, projects by stage and resources by topic."""

import pytest

from tests.factories import events as event_factories
from tests.factories import organizations as factories

pytestmark = pytest.mark.django_db


def page_of(client, initiative):
    response = client.get(initiative.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def driver():
    initiative = factories.InitiativeFactory(slug="driver", title_en="Smart City Driver")
    for title in ("Plan", "Finance", "Deploy"):
        factories.StageFactory(initiative=initiative, title_en=title)
    return initiative


def test_the_list_shows_published_ones_in_the_order_of_staff(client, driver):
    factories.InitiativeFactory(title_en="First", order=1)
    factories.InitiativeFactory(title_en="Hidden", publication="draft")
    response = client.get("/initiatives/")
    assert [str(row.title) for row in response.context["page_obj"]] == ["First", "Smart City Driver"]
    page = response.content.decode()
    assert page.index("Plan") < page.index("Finance") < page.index("Deploy")
    assert "Hidden" not in page


def test_an_empty_list_says_why(client):
    assert "No initiative is listed yet" in client.get("/initiatives/").content.decode()


@pytest.mark.parametrize(("page", "status"), [("9", 404), ("x", 404), ("-3", 404), ("", 200)])
def test_page_numbers_that_are_none(client, driver, page, status):
    assert client.get("/initiatives/", {"page": page}).status_code == status


def test_a_draft_has_no_page_and_an_old_address_leads_on(client, driver):
    draft = factories.InitiativeFactory(publication="draft")
    assert client.get(draft.get_absolute_url()).status_code == 404
    driver.slug = "smart-city-driver"
    driver.save()
    response = client.get("/initiatives/driver/")
    assert (response.status_code, response["Location"]) == (301, "/initiatives/smart-city-driver/")


def test_stages_are_steps_and_projects_stand_at_theirs(client, driver):
    finance = driver.stages.get(number=2)
    factories.ProjectFactory(initiative=driver, stage=finance, title_en="Paid lights", is_sample=True, result_en="Lit.")
    factories.ProjectFactory(initiative=driver, title_en="Somewhere")
    response = client.get(driver.get_absolute_url())
    page = response.content.decode()
    at_stages = [[str(project.title) for project in stage.shown_projects] for stage in response.context["stages"]]
    assert at_stages == [[], ["Paid lights"], []]
    assert page.index("Paid lights") < page.index("Stage not known") < page.index("Somewhere")
    assert "Sample" in page
    assert "Lit." in page


def test_resources_stand_under_their_topics_the_newest_first(client, driver):
    health = factories.TopicFactory(name_en="Health")
    factories.ResourceFactory(initiative=driver, topic=health, title_en="Older", date="2020-03-01")
    factories.ResourceFactory(initiative=driver, topic=health, title_en="Newer", date="2020-05-01", source="Seoul")
    factories.ResourceFactory(initiative=driver, title_en="Of no topic", url="", file="resources/plan.pdf")
    response = client.get(driver.get_absolute_url())
    shown = [
        (str(topic.name) if topic else None, [str(row.title) for row in rows])
        for topic, rows in response.context["resources_by_topic"]
    ]
    assert shown == [("Health", ["Newer", "Older"]), (None, ["Of no topic"])]
    assert "/media/resources/plan.pdf" in response.content.decode()


def test_lead_supported_events_and_news_are_linked(client, driver):
    driver.lead = factories.NetworkFactory(name_en="The leading body")
    driver.save()
    driver.supports.add(factories.NetworkFactory(name_en="The supported network"))
    event_factories.EventFactory(initiative=driver, title_en="An event", with_part=True)
    event_factories.StoryFactory(title_en="A story").initiatives.add(driver)
    page = page_of(client, driver)
    for text in ("The leading body", "The supported network", "An event", "A story"):
        assert text in page


@pytest.mark.parametrize(
    "make",
    [
        lambda driver: driver.supports.add(hidden()),
        lambda driver: lead_by(driver, hidden()),
        lambda driver: factories.ProjectFactory(initiative=driver, city=hidden()),
        lambda driver: factories.ProjectFactory(initiative=driver).partners.add(hidden()),
        lambda driver: factories.ProjectFactory(initiative=driver, title_en="Hidden", publication="draft"),
        lambda driver: factories.ResourceFactory(initiative=driver, title_en="Hidden", publication="draft"),
        lambda driver: event_factories.EventFactory(initiative=driver, title_en="Hidden", publication="draft"),
        lambda driver: event_factories.StoryFactory(title_en="Hidden", publication="draft").initiatives.add(driver),
    ],
)
def test_nothing_hidden_shows_through_a_relation(client, driver, make):
    make(driver)
    assert "Hidden" not in page_of(client, driver)
    assert "Hidden" not in client.get("/initiatives/").content.decode()


def hidden():
    return factories.OrganizationFactory(name_en="Hidden", publication="draft")


def lead_by(initiative, organization):
    initiative.lead = organization
    initiative.save()


@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries_of_the_list(client, django_assert_num_queries, rows):
    for _ in range(rows):
        initiative = factories.InitiativeFactory(lead=factories.NetworkFactory())
        factories.StageFactory(initiative=initiative)
    with django_assert_num_queries(4):
        client.get("/initiatives/")


@pytest.mark.parametrize("rows", [1, 3])
def test_number_of_queries_of_the_page(client, django_assert_num_queries, rows):
    initiative = factories.InitiativeFactory(lead=factories.NetworkFactory())
    for _ in range(rows):
        stage = factories.StageFactory(initiative=initiative)
        project = factories.ProjectFactory(initiative=initiative, stage=stage, city=factories.CityFactory())
        project.partners.add(factories.OrganizationFactory())
        factories.ResourceFactory(
            initiative=initiative, topic=factories.TopicFactory(), language=factories.LanguageFactory()
        )
        initiative.supports.add(factories.NetworkFactory())
        event_factories.EventFactory(initiative=initiative, with_part=True)
        event_factories.StoryFactory().initiatives.add(initiative)
    with django_assert_num_queries(14):
        page_of(client, initiative)
