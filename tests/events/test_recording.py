"""What plays in the page, what is linked and what is said where it is not known where to watch."""

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from events.models import Recording
from tests.factories.events import RecordingFactory, TranscriptFactory
from tests.markup import markup


@pytest.mark.parametrize(
    ("address", "player"),
    [
        (
            "https://www.youtube.com/watch?v=abcdefghij-",
            "https://www.youtube-nocookie.com/embed/abcdefghij-?autoplay=1&rel=0",
        ),
        (
            "https://www.youtube.com/watch?list=x&v=abcdefghijk&t=4",
            "https://www.youtube-nocookie.com/embed/abcdefghijk?autoplay=1&rel=0",
        ),
        ("https://youtu.be/abcdefghijk?t=4", "https://www.youtube-nocookie.com/embed/abcdefghijk?autoplay=1&rel=0"),
        (
            "https://www.youtube.com/live/abcdefghijk",
            "https://www.youtube-nocookie.com/embed/abcdefghijk?autoplay=1&rel=0",
        ),
        ("https://vimeo.com/123456789", "https://player.vimeo.com/video/123456789?autoplay=1&dnt=1"),
        (
            "https://vimeo.com/123456789/0a1b2c3d4e",
            "https://player.vimeo.com/video/123456789?autoplay=1&dnt=1&h=0a1b2c3d4e",
        ),
        (
            "https://player.vimeo.com/video/123456789?h=0a1b2c3d4e",
            "https://player.vimeo.com/video/123456789?autoplay=1&dnt=1&h=0a1b2c3d4e",
        ),
        ("https://www.youtube.com/@wego/videos", ""),
        ("https://www.youtube.com/watch?v=abcdefghijklmnop", ""),
        ("https://youtube.com.example.org/watch?v=abcdefghijk", ""),
        ("https://example.org/video", ""),
        ("", ""),
    ],
)
def test_only_videos_of_known_hosts_play_in_the_page(address, player):
    assert Recording(url=address).embed_url == player


@pytest.mark.parametrize(
    ("address", "at"),
    [
        ("https://www.youtube.com/watch?v=abcdefghijk", "https://www.youtube.com/watch?v=abcdefghijk&t=95s"),
        ("https://youtu.be/abcdefghijk", "https://youtu.be/abcdefghijk?t=95s"),
        ("https://vimeo.com/123456789", "https://vimeo.com/123456789#t=95s"),
        ("https://example.org/video", "https://example.org/video"),
        ("", ""),
    ],
)
def test_a_time_leads_into_the_video_where_its_host_allows_it(address, at):
    assert Recording(url=address).watch_url(95_400) == at


def player(**recording):
    return render_to_string("components/player.html", {"recording": Recording(pk=1, title_en="Part 1", **recording)})


def test_the_source_is_named_before_anything_is_loaded_from_it():
    html = player(url="https://youtu.be/abcdefghijk")
    assert "Loads from YouTube when you press play" in html
    assert 'href="https://youtu.be/abcdefghijk"' in html
    assert "<iframe" not in html
    assert "src=" not in html


def test_our_own_file_is_not_loaded_before_it_is_played():
    html = markup(player(file="recordings/part-1.mp4"))
    assert 'controls preload="none"' in html
    assert 'src="/media/recordings/part-1.mp4"' in html


def test_other_addresses_are_linked_with_the_name_of_their_place():
    html = player(url="https://videos.example.org/1")
    assert "Watch the recording at videos.example.org" in html
    assert "data-player" not in html


def test_a_recording_whose_place_is_unknown_says_so():
    assert "A recording was made. We do not have a link to it yet." in player()


@pytest.mark.django_db
def test_one_whose_clock_a_transcript_follows_is_not_deleted_but_goes_with_its_part(admin_client):
    recording = RecordingFactory()
    transcript = TranscriptFactory(part=recording.part, recording=recording)
    TranscriptFactory(part=recording.part, language=transcript.language)
    address = reverse("admin:events_recording_delete", args=[recording.pk])
    assert str(transcript) in markup(admin_client.post(address, {"post": "yes"}))
    assert Recording.objects.exists()
    recording.part.delete()
    assert not Recording.objects.exists()
