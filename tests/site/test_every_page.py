"""What holds for every public page, found by following links from the front page in each language."""

import datetime
from collections import Counter
from urllib.parse import urlsplit

import html5lib
import pytest
import time_machine
from django.urls import resolve
from django.utils import translation

from organizations.models import Membership
from tests.english import english_left
from tests.factories.events import (
    AgendaItemFactory,
    AppearanceFactory,
    CueFactory,
    EventFactory,
    EventOrganizationFactory,
    HandoutFactory,
    RecordingFactory,
    SeriesFactory,
    StoryFactory,
    TranscriptFactory,
)
from tests.factories.organizations import (
    BestPracticeFactory,
    CityFactory,
    InitiativeFactory,
    MembershipFactory,
    NetworkFactory,
    ProjectFactory,
    ReportedFigureFactory,
    ResourceFactory,
    StageFactory,
)

HTML = "{http://www.w3.org/1999/xhtml}"
LEFT_OUT = {"admin", "media"}
PAGES_OF_A_KIND = 3


@pytest.fixture(name="content")
def _content(db):
    """One of everything, and more than a page of events that are past."""
    with time_machine.travel(datetime.datetime(2026, 11, 23, 3, tzinfo=datetime.UTC), tick=False):
        city, network = CityFactory(native_name="서울"), NetworkFactory()
        pilot = Membership.MemberClass.PILOT_CITY
        MembershipFactory(member=city, group=network, member_class=pilot)
        ReportedFigureFactory(organization=network)
        initiative = InitiativeFactory(lead=network)
        stage = StageFactory(initiative=initiative)
        ProjectFactory(initiative=initiative, stage=stage, city=city)
        ResourceFactory(initiative=initiative)
        case = BestPracticeFactory(city=city, title_en="", title_ko="데이터", original_language="ko")
        series = SeriesFactory()
        ahead = EventFactory(series=series, initiative=initiative, with_part__capacity=10)
        past = EventFactory(series=series, is_sample=True, with_part__date=datetime.date(2020, 7, 6))
        part = past.parts.get()
        item = AgendaItemFactory(part=part)
        item.cases.add(case)
        AppearanceFactory(item=item, organization=city)
        RecordingFactory(part=part)
        CueFactory(transcript=TranscriptFactory(part=part))
        HandoutFactory(part=part)
        for event in (ahead, past):
            EventOrganizationFactory(event=event, organization=city)
        story = StoryFactory()
        story.events.add(past)
        for year in range(1980, 2010):
            EventFactory(with_part__date=datetime.date(year, 7, 6))
        yield


def view_name(address, language):
    """Which page an address of that language leads to."""
    with translation.override(language):
        return resolve(urlsplit(address).path).view_name


def pages(client, start):
    """A few pages (address, response, document) of each kind that links lead to, in the language of `start`."""
    waiting, kinds, seen = [start], Counter(), {start}
    language = start.strip("/") or "en"
    while waiting:
        address = waiting.pop(0)
        kind = view_name(address, language), bool(urlsplit(address).query)
        if kinds[kind] == PAGES_OF_A_KIND or kind[0].split(":")[0] in LEFT_OUT:
            continue
        kinds[kind] += 1
        response = client.get(address)
        assert response.status_code == 200, address
        if not response["Content-Type"].startswith("text/html"):
            continue
        document = html5lib.HTMLParser(strict=True).parse(response.content.decode())
        yield address, response, document
        for link in document.iter(f"{HTML}a"):
            there = link.get("href").partition("#")[0]
            there = f"{urlsplit(address).path}{there}" if there.startswith("?") else there
            in_language = there.startswith(start) and (start != "/" or not there.startswith(("/ja/", "/ko/")))
            if in_language and there not in seen:
                seen.add(there)
                waiting.append(there)


@pytest.mark.parametrize(("start", "language"), [("/", "en"), ("/ja/", "ja"), ("/ko/", "ko")])
def test_every_page_is_sound(client, content, start, language):
    names = set()
    for address, response, document in pages(client, start):
        name = view_name(address, language)
        is_first_of_its_kind = name not in names
        names.add(name)
        elements = list(document.iter())
        tags = [str(element.tag).removeprefix(HTML) for element in elements]
        assert document.get("lang") == language, address
        assert language == "en" or not english_left(document, language), (address, english_left(document, language))
        assert tags.count("h1") == 1, address
        assert tags.count("main") == 1, address
        assert not [element for element in elements if element.get("style")], address
        assert not [name for element in elements for name in element.attrib if str(name).startswith("on")], address
        assert "style" not in tags, address
        for script in document.iter(f"{HTML}script"):
            assert script.get("src") or script.get("type") == "application/ld+json", address
        ids = [element.get("id") for element in elements if element.get("id")]
        assert len(ids) == len(set(ids)), (address, sorted(ids))
        levels = [int(tag[1]) for tag in tags if tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
        assert levels[0] == 1, address
        assert all(after <= before + 1 for before, after in zip(levels, levels[1:], strict=False)), (address, levels)
        description = [meta for meta in document.iter(f"{HTML}meta") if meta.get("name") in ("description", "robots")]
        assert description, address
        form = [one for one in document.iter(f"{HTML}form") if one.get("method") == "post"]
        if form:
            assert "no-store" in response["Cache-Control"], address
        else:
            assert not response.cookies, address
        if not form and is_first_of_its_kind:
            again = client.get(address, headers={"If-None-Match": response["ETag"]})
            assert again.status_code == 304, address
    assert {
        "home",
        "about",
        "privacy",
        "accessibility",
        "events:event_list",
        "events:event_detail",
        "events:series_list",
        "events:series_detail",
        "events:recording_list",
        "events:transcript_detail",
        "events:story_list",
        "events:story_detail",
        "events:registration_form",
        "organizations:organization_list",
        "organizations:organization_detail",
        "organizations:initiative_list",
        "organizations:initiative_detail",
        "organizations:best_practice_list",
        "organizations:best_practice_detail",
        "organizations:inquiry_form",
    } <= names
