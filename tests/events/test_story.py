"""News: the list with its filters, the article with what it is about, the feed, and the news of an object."""

import datetime
import html
import io
import json
import re
import xml.etree.ElementTree as ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.template import Context, Template
from django.urls import reverse
from PIL import Image

from events.models import StoryPicture
from tests.factories.events import EventFactory, StoryFactory
from tests.factories.organizations import InitiativeFactory, OrganizationFactory, TopicFactory
from tests.markup import markup
from tests.moments import HOUR
from wego_portal.foundation.publication import Publication

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


def news(client, **query):
    response = client.get(reverse("events:story_list"), query)
    assert response.status_code == 200
    return markup(response)


def page(client, story, prefix=""):
    response = client.get(f"{prefix}/news/{story.slug}/")
    assert response.status_code == 200
    return markup(response)


def picture_of(story, **fields):
    data = io.BytesIO()
    Image.new("RGB", (20, 10), "green").save(data, "PNG")
    upload = SimpleUploadedFile("photo.png", data.getvalue())
    return StoryPicture.objects.create(story=story, picture=upload, alt_en="A hall", **fields)


def full_story():
    story = StoryFactory()
    picture_of(story)
    story.topics.add(TopicFactory())
    story.organizations.add(OrganizationFactory())
    story.initiatives.add(InitiativeFactory())
    story.events.add(EventFactory(with_part=True))
    return story


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_one_row_and_for_three(client, rows, django_assert_num_queries):
    for _ in range(rows):
        full_story()
    with django_assert_num_queries(6):  # topics, organizations, years, count, stories, pictures
        news(client)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_article_costs_the_same_for_one_row_and_for_three(client, rows, django_assert_num_queries):
    story = full_story()
    for _ in range(rows - 1):
        other = full_story()
        for relation in ("topics", "organizations", "initiatives", "events"):
            getattr(story, relation).add(*getattr(other, relation).all())
        picture_of(story)
    with django_assert_num_queries(7):  # story, pictures, topics, events, their parts, organizations, initiatives
        page(client, story)


def test_the_newest_come_first_and_pages_hold_24(client):
    for day in range(1, 26):
        StoryFactory(title_en=f"Day {day}.", dateline_date=datetime.date(2026, 10, day))
    html = news(client)
    assert html.index("Day 25.") < html.index("Day 24.")
    assert html.count('<li class="card">') == 24
    assert "Day 1." in news(client, page="2")
    assert client.get("/news/", {"page": "99"}).status_code == 404


def test_filters_combine(client):
    body, topic = OrganizationFactory(slug="sci-j"), TopicFactory(slug="health")
    wanted = StoryFactory(title_en="Wanted", dateline_place_en="Tokyo", dateline_date=datetime.date(2020, 7, 13))
    wanted.organizations.add(body)
    wanted.topics.add(topic)
    StoryFactory(title_en="Other")
    for query in ({"q": "wanted tokyo"}, {"organization": "sci-j"}, {"topic": "health"}, {"year": "2020"}):
        html = news(client, **query)
        assert "Wanted" in html
        assert "Other" not in html
    assert "No article fits all of these filters." in news(client, organization="sci-j", year="2026")


@pytest.mark.parametrize("name", ["topic", "organization", "year"])
def test_an_unknown_value_is_said_and_left_out(client, name):
    StoryFactory(title_en="Shown")
    html = news(client, **{name: "none-such"})
    assert "There is no news with “none-such” here, so this filter was left out." in html
    assert "Shown" in html


def test_an_empty_list_says_why(client):
    assert "No news is published yet." in news(client)


def test_the_article_names_its_dateline_and_what_it_is_about(client):
    story = StoryFactory(
        title_en="Two webinars", body_en="<p>Observers <strong>came</strong>.</p>", dateline_place_en="Seoul",
        dateline_date=datetime.date(2020, 7, 13), source_url="https://example.org/a", is_sample=True,
    )  # fmt: skip
    story.events.add(
        EventFactory(title_en="The event", with_part=True), EventFactory(title_en="Draft", publication="draft")
    )
    story.organizations.add(
        OrganizationFactory(name_en="A body"), OrganizationFactory(name_en="Draft", publication="draft")
    )
    story.initiatives.add(InitiativeFactory(title_en="An initiative"))
    picture_of(story, caption_en="The hall", credit="A. Photographer")
    html = page(client, story)
    for text in ("Seoul,", 'datetime="2020-07-13"', "The event", "A body", "An initiative", "<strong>came</strong>"):
        assert text in html
    for text in ('alt="A hall"', "The hall", "Picture: A. Photographer", "https://example.org/a", "badge--sample"):
        assert text in html
    assert "Draft" not in html


def test_the_article_can_be_read_by_machines(client):
    story = full_story()
    story.title_en = "</script><b>"
    story.save()
    html = page(client, story)
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)[1])
    assert data["@type"] == "NewsArticle"
    assert data["headline"] == "</script><b>"
    assert data["datePublished"] == "2026-11-20"
    assert {thing["@type"] for thing in data["about"]} == {"Event", "Organization"}


def test_a_text_in_another_language_is_marked(client):
    story = StoryFactory(title_en="", title_ja="ウェビナー", original_language="ja")
    assert 'lang="ja">ウェビナー</h1>' in page(client, story)
    assert ">ウェビナー</h1>" in page(client, story, prefix="/ja")


@pytest.mark.parametrize("publication", [Publication.DRAFT, Publication.IN_REVIEW, Publication.WITHDRAWN])
def test_drafts_are_in_no_list_page_feed_or_search(client, publication):
    story = StoryFactory(title_en="Hidden", publication=publication)
    body = OrganizationFactory()
    story.organizations.add(body)
    assert client.get(story.get_absolute_url()).status_code == 404
    assert "Hidden" not in news(client)
    assert story.get_absolute_url() not in news(client, q="hidden")
    assert "Hidden" not in markup(client.get(reverse("events:news_feed")))
    assert "Hidden" not in stories_of(body)


def test_a_scheduled_article_appears_at_its_time(client, time_machine):
    moment = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
    story = StoryFactory(publication=Publication.SCHEDULED, publish_at=moment)
    time_machine.move_to(moment - datetime.timedelta(seconds=1), tick=False)
    assert client.get(story.get_absolute_url()).status_code == 404
    time_machine.move_to(moment, tick=False)
    assert client.get(story.get_absolute_url()).status_code == 200


def feed(client, prefix=""):
    response = client.get(f"{prefix}/news/feed/")
    assert response["Content-Type"].startswith("application/atom+xml")
    return ElementTree.fromstring(response.content)


def test_the_feed_is_in_the_language_of_its_address(client, django_assert_num_queries):
    StoryFactory(title_en="English", title_ja="日本語", dateline_date=datetime.date(2020, 7, 13))
    StoryFactory(is_sample=True, title_en="Try")
    with django_assert_num_queries(1):
        english = feed(client)
    assert [entry.findtext(f"{ATOM}title") for entry in english.iter(f"{ATOM}entry")] == ["Try (Sample)", "English"]
    japanese = feed(client, "/ja")
    entry = list(japanese.iter(f"{ATOM}entry"))[1]
    assert entry.findtext(f"{ATOM}title") == "日本語"
    assert "/ja/news/" in entry.find(f"{ATOM}link").get("href")
    assert entry.findtext(f"{ATOM}published").startswith("2020-07-13")
    assert [e.findtext(f"{ATOM}id") for e in english.iter(f"{ATOM}entry")] == [
        e.findtext(f"{ATOM}id") for e in japanese.iter(f"{ATOM}entry")
    ]


NOON = datetime.datetime(2026, 11, 23, 3, tzinfo=datetime.UTC)  # in Seoul, on a day of the articles


def entry_of(client, story):
    """(published, updated) of the only entry that has the article's identity."""
    (entry,) = [e for e in feed(client).iter(f"{ATOM}entry") if e.findtext(f"{ATOM}id") == story.feed_id]
    return tuple(datetime.datetime.fromisoformat(entry.findtext(f"{ATOM}{name}")) for name in ("published", "updated"))


def polled(client, before):
    """The feed as a reader asks for it who has the answer `before`."""
    headers = {"If-None-Match": before["ETag"]}
    if "Last-Modified" in before:
        headers["If-Modified-Since"] = before["Last-Modified"]
    return client.get("/news/feed/", headers=headers)


def test_a_second_article_of_the_day_a_correction_and_a_withdrawal_reach_readers(client, time_machine):
    time_machine.move_to(NOON + 3 * HOUR, tick=False)
    day = NOON.date()
    first = StoryFactory(title_en="First", dateline_date=day)
    seen = client.get("/news/feed/")
    for only in ({"If-Modified-Since": "Mon, 23 Nov 2026 08:00:00 GMT"}, {"If-None-Match": '"x"'}):
        assert client.get("/news/feed/", headers=only).status_code == 200
    assert polled(client, seen).status_code == 304
    second = StoryFactory(title_en="Second", dateline_date=day)
    seen = polled(client, seen)
    assert b"Second" in seen.content
    time_machine.move_to(NOON + 4 * HOUR, tick=False)
    first.title_en = "First, corrected"
    first.save()
    seen = polled(client, seen)
    assert b"First, corrected" in seen.content
    assert entry_of(client, first) == (NOON + 3 * HOUR, NOON + 4 * HOUR)
    assert entry_of(client, second) == (NOON + 3 * HOUR, NOON + 3 * HOUR)
    second.publication = Publication.WITHDRAWN
    second.save(update_fields=["publication"])
    seen = polled(client, seen)
    assert (seen.status_code, b"Second" in seen.content) == (200, False)
    assert polled(client, seen).status_code == 304


@pytest.mark.parametrize("day", [datetime.date(2020, 7, 13), NOON.date(), datetime.date(2026, 12, 24)])
@pytest.mark.parametrize("hours", [-2, 2])
def test_no_entry_lies_in_the_future(client, time_machine, day, hours):
    now = NOON + hours * HOUR
    time_machine.move_to(now, tick=False)
    published, updated = entry_of(client, StoryFactory(dateline_date=day))
    assert published <= updated == now
    assert published == (datetime.datetime(2020, 7, 13, 3, tzinfo=datetime.UTC) if day.year == 2020 else now)


def test_a_scheduled_article_is_as_old_as_its_time_and_stays_so(client, time_machine):
    time_machine.move_to(NOON, tick=False)
    story = StoryFactory(publication=Publication.SCHEDULED, publish_at=NOON + HOUR, dateline_date=NOON.date())
    time_machine.move_to(NOON + 2 * HOUR, tick=False)
    assert entry_of(client, story) == (NOON + HOUR, NOON + HOUR)
    for publication in (Publication.WITHDRAWN, Publication.PUBLISHED):
        story.publication = publication
        story.save(update_fields=["publication"])
    assert entry_of(client, story) == (NOON + HOUR, NOON + HOUR)


def test_saving_without_a_change_makes_nothing_newer(client, time_machine):
    time_machine.move_to(NOON, tick=False)
    story = StoryFactory(dateline_date=NOON.date())
    time_machine.move_to(NOON + HOUR, tick=False)
    type(story).objects.get().save()
    assert entry_of(client, story) == (NOON, NOON)
    story.body_en = "<p>More</p>"
    story.save()
    assert entry_of(client, story) == (NOON, NOON + HOUR)


def test_entries_and_feeds_keep_their_identity_when_the_portal_moves(client, settings):
    StoryFactory()

    def identities(prefix=""):
        return [element.text for element in feed(client, prefix).iter(f"{ATOM}id")]

    before, japanese = identities(), identities("/ja")
    settings.SITE_URL = "https://portal.example.org"
    settings.ALLOWED_HOSTS = ["portal.example.org"]
    client.defaults["HTTP_HOST"] = "portal.example.org"
    assert identities() == before
    assert before[1:] == japanese[1:]
    assert before[0] != japanese[0]
    assert all(each.startswith("urn:uuid:") for each in before)


def stories_of(thing):
    return Template("{% load stories_of %}{% stories_of thing %}").render(Context({"thing": thing}))


@pytest.mark.parametrize(
    ("factory", "relation"),
    [(OrganizationFactory, "organizations"), (InitiativeFactory, "initiatives"), (EventFactory, "events")],
)
def test_an_object_shows_its_six_newest_articles(factory, relation, django_assert_num_queries):
    thing = factory()
    for day in range(1, 8):
        getattr(StoryFactory(title_en=f"Day {day}.", dateline_date=datetime.date(2026, 10, day)), relation).add(thing)
    StoryFactory(title_en="Elsewhere")
    with django_assert_num_queries(2):
        html = stories_of(thing)
    assert html.count('<li class="card">') == 6
    assert "Day 7." in html
    assert "Day 1." not in html
    assert "Elsewhere" not in html
    assert stories_of(factory()).strip() == ""


def test_a_summary_is_text_also_for_readers_of_the_feed(client):
    StoryFactory(summary_en="Cost < 5 <img src=x onerror=alert(1)>")
    (entry,) = feed(client).iter(f"{ATOM}entry")
    assert html.unescape(entry.findtext(f"{ATOM}summary")) == "Cost < 5 <img src=x onerror=alert(1)>"
    assert "<img" not in entry.findtext(f"{ATOM}summary")
