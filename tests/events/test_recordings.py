"""The page of recordings and transcripts: what it lists, how it is filtered, what it says honestly."""

import datetime

import pytest
from django.urls import reverse

from events.models import Event
from tests.factories.events import (
    AppearanceFactory,
    CueFactory,
    EventFactory,
    PartFactory,
    RecordingFactory,
    SeriesFactory,
    TranscriptFactory,
)
from tests.factories.organizations import LanguageFactory, TopicFactory
from wego_portal.foundation.publication import Publication

pytestmark = pytest.mark.django_db


def page(client, **query):
    response = client.get(reverse("events:recording_list"), query)
    assert response.status_code == 200
    return response.content.decode()


def part_of(title, date=datetime.date(2020, 7, 6), **event):
    event = EventFactory(title_en=title, **event)
    return PartFactory(event=event, date=date)


def three_rows():
    for number in range(3):
        event = EventFactory(series=SeriesFactory())
        event.topics.add(TopicFactory())
        for _ in range(2):
            part = PartFactory(event=event)
            RecordingFactory(part=part, language=LanguageFactory(code="en"))
            transcript = TranscriptFactory(part=part, language=LanguageFactory(code=["en", "ja", "ko"][number]))
            CueFactory(transcript=transcript, text="a word said")


# filters: series, topics, two kinds of language in one, years; counts; page count, parts, recordings, transcripts
QUERIES = 9


@pytest.mark.parametrize("prepare", [lambda: RecordingFactory(), three_rows])
def test_the_page_costs_the_same_for_one_row_and_for_many(client, prepare, django_assert_num_queries):
    prepare()
    with django_assert_num_queries(QUERIES):
        page(client)


def test_a_search_costs_one_query_more_for_the_passages(client, django_assert_num_queries):
    three_rows()
    with django_assert_num_queries(QUERIES + 1):
        assert page(client, q="word").count("<mark>word</mark>") == 6


def test_recordings_and_transcripts_are_labelled_honestly(client):
    unknown = part_of("Somewhere")
    RecordingFactory(part=unknown, url="")
    TranscriptFactory(part=unknown, language=LanguageFactory(code="ja"))
    html = page(client)
    assert "A recording was made. We do not have a link to it yet." in html
    assert "A transcript in Japanese was published, but not here." in html
    assert "badge--watch" not in html


def test_what_asks_for_what_can_be_watched_or_read(client):
    RecordingFactory(part=part_of("Watchable"))
    RecordingFactory(part=part_of("Lost"), url="")
    CueFactory(transcript=TranscriptFactory(part=part_of("Readable")))
    TranscriptFactory(part=part_of("Wordless"))
    watch, read, everything = page(client, what="recordings"), page(client, what="transcripts"), page(client)
    assert [title in watch for title in ("Watchable", "Lost", "Readable", "Wordless")] == [True, False, False, False]
    assert [title in read for title in ("Watchable", "Lost", "Readable", "Wordless")] == [False, False, True, False]
    assert all(title in everything for title in ("Watchable", "Lost", "Readable", "Wordless"))


def test_language_and_kind_have_to_fit_the_same_recording_or_transcript(client):
    part = part_of("Mixed")
    RecordingFactory(part=part, language=LanguageFactory(code="en"))
    CueFactory(transcript=TranscriptFactory(part=part, language=LanguageFactory(code="ja")))
    assert "Mixed" in page(client, language="ja", what="transcripts")
    assert "Mixed" not in page(client, language="ja", what="recordings")
    assert "Mixed" in page(client, language="en", what="recordings")


def test_both_years_of_a_meeting_over_new_year_find_it(client):
    first, last = datetime.date(2020, 12, 30), datetime.date(2021, 1, 2)
    part = PartFactory(event__title_en="Over New Year", known_to_day=True, date=first, end_date=last)
    RecordingFactory(part=part)
    for year in (2019, 2021):
        RecordingFactory(part=PartFactory(known_to_day=True, date=datetime.date(year, 6, 1)))
    for year, found in (("2019", False), ("2020", True), ("2021", True)):
        assert ("Over New Year" in page(client, year=year)) == found


def test_series_topic_and_year_combine(client):
    topic, series = TopicFactory(slug="health"), SeriesFactory(slug="sc101")
    part = part_of("Wanted", series=series)
    part.event.topics.add(topic)
    RecordingFactory(part=part)
    RecordingFactory(part=part_of("Other", date=datetime.date(2021, 1, 1)))
    assert "Wanted" in page(client, series="sc101", topic="health", year="2020")
    for query in ({"series": "sc101"}, {"topic": "health"}, {"year": "2020"}):
        assert "Other" not in page(client, **query)
    assert "Wanted" not in page(client, series="sc101", year="2021")


def test_text_finds_words_that_were_said_and_leads_to_the_passage(client):
    transcript = TranscriptFactory(part=part_of("Quiet title"))
    cue = CueFactory(transcript=transcript, text="Sejong builds a <digital> twin.", start_ms=95_000, speaker="Lee")
    RecordingFactory(part=part_of("Another"))
    html = page(client, q="DIGITAL")
    assert "Another" not in html
    assert "builds a &lt;<mark>digital</mark>&gt; twin" in html
    assert f'href="/events/{transcript.part.event.slug}/transcripts/{transcript.pk}/?q=DIGITAL#{cue.key}"' in html


def test_text_finds_titles_and_people(client):
    part = part_of("Smart City Driver")
    AppearanceFactory(item__part=part, person__name="Kyong-yul Lee")
    RecordingFactory(part=part)
    assert "Smart City Driver" in page(client, q="driver kyong-yul")
    assert "Smart City Driver" not in page(client, q="driver nobody")


@pytest.mark.parametrize("hidden", [Publication.DRAFT, Publication.WITHDRAWN, Publication.IN_REVIEW])
def test_drafts_are_neither_listed_nor_found(client, hidden):
    RecordingFactory(part=part_of("Draft event", publication=hidden))
    part = part_of("Public event")
    RecordingFactory(part=part, publication=hidden)
    transcript = TranscriptFactory(part=part, publication=hidden)
    CueFactory(transcript=transcript, text="secret")
    for html in (page(client), page(client, q="secret"), page(client, what="recordings")):
        assert "Draft event" not in html
        assert "Public event" not in html
        assert "No recordings" in html or "Nothing recorded" in html
    RecordingFactory(part=part)
    assert "secret" not in page(client, q="public")


def test_samples_are_marked(client):
    RecordingFactory(part=part_of("An event", is_sample=True))
    assert "badge--sample" in page(client)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"topic": "nothing"}, "There is nothing with “nothing” here, so this filter was left out."),
        ({"what": "films"}, "There is nothing with “films” here"),
        ({"year": "MMXX"}, "There is nothing with “MMXX” here"),
        ({"q": "x" * 101}, "at most 100 characters"),
    ],
)
def test_an_unknown_value_is_said_and_left_out(client, query, message):
    RecordingFactory(part=part_of("Shown"))
    html = page(client, **query)
    assert message in html
    assert "Shown" in html


@pytest.mark.parametrize("number", ["0", "-1", "99", "many", "9" * 40])
def test_a_page_that_is_not_there_is_said_so(client, number):
    RecordingFactory(part=part_of("Shown"))
    assert client.get("/watch/", {"page": number}).status_code == 404


def test_pages_hold_24_meetings_and_keep_the_filters(client):
    event = EventFactory(kind=Event.Kind.WEBINAR)
    for _ in range(25):
        RecordingFactory(part=PartFactory(event=event))
    html = page(client, what="recordings")
    assert html.count('<li class="card">') == 24
    assert "what=recordings&amp;page=2" in html
    assert page(client, page=2).count('<li class="card">') == 1


def test_an_empty_page_says_why_and_leads_on(client):
    html = page(client)
    assert "No recordings or transcripts are published yet." in html
    assert reverse("events:event_list") in html
