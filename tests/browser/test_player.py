"""A recording is asked for from its source only when the reader presses play, and a passage leads to its time."""

import pytest

from tests.factories.events import CueFactory, RecordingFactory, TranscriptFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def asked(page):
    """Addresses asked for outside the portal, each answered with an empty page."""
    addresses = []

    def answer(route):
        addresses.append(route.request.url)
        route.fulfill(body="<!doctype html><title>Player</title>", content_type="text/html")

    page.route(lambda address: "://127.0.0.1" not in address and "://localhost" not in address, answer)
    return addresses


def test_nothing_is_loaded_before_play_is_pressed(page, asked):
    recording = RecordingFactory(url="https://youtu.be/abcdefghijk")
    transcript = TranscriptFactory(part=recording.part, recording=recording)
    CueFactory(transcript=transcript, start_ms=95_400)
    page.goto(transcript.get_absolute_url())
    assert asked == []
    page.get_by_role("link", name="Loads from YouTube when you press play").click()
    page.wait_for_selector(".player iframe")
    with page.expect_response(lambda response: "start=95" in response.url):
        page.get_by_role("link", name="Watch from 1:35").click()
    start = "https://www.youtube-nocookie.com/embed/abcdefghijk?autoplay=1&rel=0"
    assert [address for address in asked if "/embed/" in address] == [start, f"{start}&start=95"]
    assert page.complaints == []


def test_a_time_starts_the_player_where_it_has_not_been_loaded(page, asked):
    recording = RecordingFactory(url="https://vimeo.com/123456789")
    transcript = TranscriptFactory(part=recording.part, recording=recording)
    CueFactory(transcript=transcript, start_ms=60_000)
    page.goto(transcript.get_absolute_url())
    page.get_by_role("link", name="Watch from 1:00").click()
    frame = page.wait_for_selector(".player iframe")
    assert frame.get_attribute("src") == "https://player.vimeo.com/video/123456789?autoplay=1&dnt=1#t=60s"
    assert page.complaints == []
