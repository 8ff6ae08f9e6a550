import re

import pytest
from django.template import Context, Template

from events.models import Event
from tests.factories.events import (
    AgendaItemFactory,
    EventFactory,
    EventOrganizationFactory,
    PartFactory,
    RecordingFactory,
    SeriesFactory,
)
from tests.factories.organizations import (
    BestPracticeFactory,
    InitiativeFactory,
    OrganizationFactory,
    PlaceFactory,
    TopicFactory,
)
from tests.markup import markup
from wego_portal.foundation.publication import Publication

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def render(tag, **context):
    return markup(Template("{% load events_of %}{% " + tag + " %}").render(Context(context)))


def titles(page):
    return re.findall(r"<h[34]><a [^>]*>([^<]*)</a></h[34]>", page)


def test_events_of_an_organization_stand_under_its_role():
    organization = OrganizationFactory()
    roles = {"Supported": "supporter", "Hosted": "host", "Observed": "observer", "Draft": "host"}
    for title, role in roles.items():
        publication = Publication.DRAFT if title == "Draft" else Publication.PUBLISHED
        part = PartFactory(event__title_en=title, event__publication=publication)
        EventOrganizationFactory(event=part.event, organization=organization, role=role)
        if role == "observer":
            EventOrganizationFactory(event=part.event, organization=organization, role="partner")
    PartFactory(event__title_en="Of another")
    page = render("events_of_organization organization", organization=organization)
    assert titles(page) == ["Hosted", "Observed", "Supported"]
    assert re.findall(r"<h3 [^>]*>([^<]*)</h3>", page) == ["As Host", "As Partner", "As Supporter"]
    assert "All events" not in page


def test_many_events_are_a_link_away(client):
    organization = OrganizationFactory(slug="city")
    for _number in range(13):
        EventOrganizationFactory(event=PartFactory().event, organization=organization)
    page = render("events_of_organization organization", organization=organization)
    assert len(titles(page)) == 12
    (address,) = re.findall(r'<p><a href="([^"]*)">All events</a></p>', page)
    assert address == "/events/?when=all&amp;organizer=city"
    assert client.get(address.replace("&amp;", "&")).context["page_obj"].paginator.count == 13


def test_events_of_initiative_case_and_topic():
    initiative, case, topic = InitiativeFactory(), BestPracticeFactory(), TopicFactory()
    part = PartFactory(event__title_en="Wanted", event__initiative=initiative)
    part.event.topics.add(topic)
    for _talk in range(2):
        AgendaItemFactory(part=part).cases.add(case)
    draft = PartFactory(event__initiative=initiative, event__publication=Publication.DRAFT)
    draft.event.topics.add(topic)
    AgendaItemFactory(part=draft).cases.add(case)
    PartFactory()
    assert titles(render("events_of_initiative initiative", initiative=initiative)) == ["Wanted"]
    assert titles(render("events_of_case case", case=case)) == ["Wanted"]
    assert titles(render("events_of_topic topic", topic=topic)) == ["Wanted"]
    assert render("events_of_topic topic", topic=TopicFactory()).strip() == ""


def test_event_rows_keep_the_order_of_the_queryset():
    for title in ("A", "B", "C"):
        PartFactory(event__title_en=title)
    assert titles(render("event_rows events", events=Event.objects.order_by("-pk")[:2])) == ["C", "B"]
    assert render("event_rows events", events=Event.objects.none()).strip() == ""


@pytest.mark.parametrize("rows", [1, 3])
def test_queries(django_assert_num_queries, rows):
    organization, initiative, case, topic = (
        OrganizationFactory(),
        InitiativeFactory(),
        BestPracticeFactory(),
        TopicFactory(),
    )
    for _row in range(rows):
        event = EventFactory(series=SeriesFactory(), place=PlaceFactory(), initiative=initiative)
        event.topics.add(topic)
        EventOrganizationFactory(event=event, organization=organization)
        for _part in range(rows):
            part = PartFactory(event=event, capacity=3)
            RecordingFactory(part=part)
            AgendaItemFactory(part=part).cases.add(case)
    with django_assert_num_queries(6):
        render("events_of_organization organization", organization=organization)
    for tag in ("events_of_initiative initiative", "events_of_case case", "events_of_topic topic"):
        with django_assert_num_queries(5):
            render(tag, initiative=initiative, case=case, topic=topic)
    with django_assert_num_queries(5):
        render("event_rows events", events=Event.objects.all())
