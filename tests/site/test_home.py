"""The front page: what comes next, what can be watched, the network, initiatives, news; and nothing that is a draft."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organizations.models import Membership
from tests.factories.events import (
    EventFactory,
    EventOrganizationFactory,
    RecordingFactory,
    StoryFactory,
    TranscriptFactory,
)
from tests.factories.organizations import (
    CityFactory,
    InitiativeFactory,
    MembershipFactory,
    NetworkFactory,
    OrganizationFactory,
    PlaceFactory,
    ReportedFigureFactory,
    StageFactory,
)
from tests.markup import markup
from wego_portal.foundation.publication import Publication

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
QUERIES = 17


def fill(number):
    """So many rows of everything that the page shows."""
    for _ in range(number):
        host = CityFactory()
        event = EventFactory(with_part__capacity=10)
        EventOrganizationFactory(event=event, organization=host)
        past = EventFactory(with_part__date=datetime.date(2026, 7, 6))
        RecordingFactory(part=past.parts.get())
        TranscriptFactory(part=past.parts.get())
        network = NetworkFactory()
        MembershipFactory(member=host, group=network, member_class=Membership.MemberClass.PILOT_CITY)
        ReportedFigureFactory(organization=network)
        StageFactory(initiative=InitiativeFactory())
        StoryFactory()


@pytest.mark.parametrize("number", [1, 3])
def test_asks_the_same_queries_for_one_row_and_for_three(client, number):
    fill(number)
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/").status_code == 200
    assert len(queries) == QUERIES


def test_is_there_before_there_is_any_content(client):
    page = markup(client.get("/"))
    assert "Nothing is announced at the moment" in page


def test_leads_with_the_next_event_and_its_clocks(client):
    edmonton = CityFactory(
        place=PlaceFactory(
            name_en="Edmonton", country="CA", latitude="53.5501", longitude="-113.4687", time_zone="America/Edmonton"
        )
    )
    EventFactory(title_en="Later", with_part__date=datetime.date(2027, 2, 3))
    event = EventFactory(title_en="Three capitals", slug="three-capitals", with_part=True)
    EventOrganizationFactory(event=event, organization=edmonton)
    page = markup(client.get("/"))
    hero = page[page.index("hero--home") : page.index("hero__map")]
    assert "Three capitals" in hero
    assert "Thursday 10 December 2026" in hero
    assert '15:00 to 16:30</b><span class="soft">Seoul' in hero
    assert "23:00 to 00:30" in hero
    assert "Edmonton, Wednesday 9 December 2026" in hero
    assert 'data-zone="Asia/Seoul" hidden' in hero
    assert "/events/three-capitals/register/" in hero


def test_a_cancelled_event_does_not_lead(client):
    EventFactory(title_en="Called off", with_part__status="cancelled")
    EventFactory(title_en="Takes place", with_part__date=datetime.date(2027, 2, 3))
    page = markup(client.get("/"))
    hero = page[page.index("hero--home") : page.index("hero__map")]
    assert "Takes place" in hero
    assert "Called off" not in hero
    assert "Called off" in page


def test_an_event_by_invitation_offers_no_form(client):
    EventFactory(access="invitation", with_part=True)
    page = markup(client.get("/"))
    assert "register/" not in page
    assert "See the programme" in page


def test_counts_distinct_active_members_and_says_which_figures_are_reported(client):
    network = NetworkFactory(name_en="ASEAN Smart Cities Network", short_name="ASCN")
    other = NetworkFactory()
    pilot = {"member_class": Membership.MemberClass.PILOT_CITY}
    city = CityFactory(place__country="VN")
    MembershipFactory(member=city, group=network, **pilot)
    MembershipFactory(member=city, group=other)
    MembershipFactory(member=CityFactory(), group=network, state=Membership.State.ENDED, **pilot)
    MembershipFactory(member=CityFactory(publication=Publication.DRAFT), group=network, **pilot)
    ReportedFigureFactory(organization=network, value="around 130")
    page = markup(client.get("/"))
    assert '<b class="num">1</b>' in page[: page.index("pilot cities of ASCN")][-120:]
    assert page.count("<circle") - page.count('<circle cx="25.5"') == 1
    assert "around 130" in page
    assert page.index("As reported by each organization") < page.index("around 130")


@pytest.mark.parametrize("state", [Publication.DRAFT, Publication.IN_REVIEW, Publication.WITHDRAWN])
def test_drafts_are_nowhere(client, state):
    hidden = {"publication": state}
    EventFactory(title_en="Hidden event", with_part=True, **hidden)
    past = EventFactory(title_en="Hidden past", with_part__date=datetime.date(2026, 7, 6), **hidden)
    RecordingFactory(part=past.parts.get())
    quiet = EventFactory(title_en="Hidden recording", with_part__date=datetime.date(2026, 7, 6))
    RecordingFactory(part=quiet.parts.get(), **hidden)
    MembershipFactory(member=CityFactory(name_en="Hidden city", **hidden))
    MembershipFactory(member=CityFactory(name_en="Hidden member"), group=NetworkFactory(**hidden))
    ReportedFigureFactory(label_en="Hidden figure", organization=OrganizationFactory(**hidden))
    InitiativeFactory(title_en="Hidden initiative", **hidden)
    StoryFactory(title_en="Hidden story", **hidden)
    assert "Hidden" not in markup(client.get("/"))


def test_samples_say_so(client):
    EventFactory(is_sample=True, with_part=True)
    assert "badge--sample" in markup(client.get("/"))


def test_titles_in_another_language_are_marked(client):
    EventFactory(title_en="", title_ja="三都市の対話", original_language="ja", with_part=True)
    assert '<h1 lang="ja">三都市の対話</h1>' in markup(client.get("/"))
    assert "<h1>三都市の対話</h1>" in markup(client.get("/ja/"))
