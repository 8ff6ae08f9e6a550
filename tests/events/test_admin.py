"""The back office of events: every page opens, numbers cost no query a row, what is wrong is said beside its field."""

import datetime
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from events.models import Event, Part, Recording, Story, Transcript
from tests.admin_forms import admin_url, field_errors, form_data, new_parts_data
from tests.factories import events as factories
from tests.factories.organizations import LanguageFactory, PlaceFactory
from tests.markup import markup
from tests.upload_files import picture
from wego_portal.foundation.publication import Publication

pytestmark = pytest.mark.django_db

# Model, its factory, values of the wanted row, and a word by which the search finds it among three.
MODELS = {
    "event": (factories.EventFactory, {"title_en": "Smart City Driver", "with_part": True}, "driver"),
    "part": (factories.PartFactory, {"title_ja": "第一部"}, "第一部"),
    "agendaitem": (factories.AgendaItemFactory, {"title_en": "Sejong today"}, "sejong"),
    "recording": (factories.RecordingFactory, {"part__event__title_en": "On Busan"}, "busan"),
    "transcript": (factories.TranscriptFactory, {"note": "Typed by hand"}, "typed"),
    "handout": (factories.HandoutFactory, {"title_en": "Programme"}, "programme"),
    "series": (factories.SeriesFactory, {"title_en": "Smart City 101"}, "101"),
    "story": (factories.StoryFactory, {"title_ko": "웨비나"}, "웨비나"),
}


@pytest.mark.parametrize("model", MODELS)
def test_list_search_add_and_change_page(admin_client, model):
    factory, values, word = MODELS[model]
    factory()
    factory()
    wanted = factory(**values)
    found = admin_client.get(admin_url(model, "changelist"), {"q": word})
    assert [row.pk for row in found.context["cl"].result_list] == [wanted.pk]
    assert admin_client.get(admin_url(model, "change", wanted.pk)).status_code == 200
    assert admin_client.get(admin_url(model, "add")).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_list_takes_the_same_queries_for_one_row_and_three(
    admin_client, model, django_assert_num_queries, django_assert_max_num_queries
):
    factory, values, _word = MODELS[model]
    factory(**values)
    admin_client.get(admin_url(model, "changelist"))  # content types are read once
    with django_assert_max_num_queries(30) as first:
        admin_client.get(admin_url(model, "changelist"))
    factory(**({"with_part": True} if model == "event" else {}))
    factory()
    with django_assert_num_queries(len(first)):
        admin_client.get(admin_url(model, "changelist"))


def test_an_event_is_entered_with_its_parts_and_leads_to_their_agenda(admin_client):
    host = factories.OrganizationFactory()
    data = form_data(admin_client, admin_url("event", "add"))
    data |= {"title_en": "A webinar", "slug": "a-webinar", "kind": "webinar", "takes_registrations": "on"}
    data |= {"parts-TOTAL_FORMS": 1, "parts-0-number": 1, "parts-0-status": "planned", "parts-0-date": "2026-12-10"}
    data |= {"parts-0-precision": "minute", "parts-0-start_time": "15:00", "parts-0-time_zone": "Asia/Seoul"}
    data |= {"roles-TOTAL_FORMS": 1, "roles-0-role": "host", "roles-0-organization": host.pk, "roles-0-order": 0}
    response = admin_client.post(admin_url("event", "add"), data)
    assert response.status_code == 302, field_errors(response)
    part = Part.objects.get(event__slug="a-webinar")
    assert part.starts_at == datetime.datetime(2026, 12, 10, 6, tzinfo=datetime.UTC)
    change = admin_client.get(admin_url("event", "change", part.event_id)).content.decode()
    assert admin_url("part", "change", part.pk) in change
    assert "Agenda, recordings, transcripts, handouts" in change


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"title_en": ""}, "title_en", "Write the title in at least one language."),
        ({"publication": "scheduled"}, "publish_at", "Say when it is to be published."),
        (
            {"parts-0-precision": "day", "parts-0-start_time": "", "parts-0-end_time": ""},
            "parts-0-start_time",
            "Needed, since the event takes registrations.",
        ),
        ({"parts-0-time_zone": ""}, "parts-0-time_zone", "Needed, since the event takes registrations."),
        ({"parts-0-time_zone": "KST"}, "parts-0-time_zone", "is not the time zone of a place"),
        ({"parts-0-end_time": "14:00"}, "parts-0-end_time", "The end lies before the start."),
        ({"parts-0-start_time": "", "parts-0-end_time": ""}, "parts-0-start_time", "Give the start time"),
        ({"parts-0-DELETE": "on"}, "parts", "needs a part with a start and a time zone"),
    ],
)
def test_what_is_wrong_with_an_event_is_said_beside_its_field(admin_client, changes, field, message):
    event = factories.EventFactory(with_part=True)
    url = admin_url("event", "change", event.pk)
    response = admin_client.post(url, form_data(admin_client, url) | changes)
    assert response.status_code == 200
    errors = field_errors(response)
    assert message in errors.get(field, errors)
    assert errors.get("__all__") is None or field == "__all__"


def test_an_event_without_registration_needs_no_hour(admin_client):
    event = factories.EventFactory(takes_registrations=False, with_part=True, with_part__known_to_year=True)
    url = admin_url("event", "change", event.pk)
    assert admin_client.post(url, form_data(admin_client, url)).status_code == 302


def test_the_first_part_that_a_new_event_offers_can_be_left_empty(admin_client):
    data = form_data(admin_client, admin_url("event", "add"))
    assert data["parts-TOTAL_FORMS"] == 1
    data |= {"title_en": "A report", "slug": "a-report", "kind": "announcement"}
    response = admin_client.post(admin_url("event", "add"), data)
    assert response.status_code == 302, field_errors(response)
    assert not Event.objects.get().parts.exists()


def test_who_gives_an_hour_knows_the_date_to_the_minute():
    part = factories.PartFactory.build(event=factories.EventFactory(), precision="day", time_zone="Asia/Seoul")
    part.full_clean(exclude=["earliest", "latest"])
    part.save()
    assert (part.precision, part.starts_at is None) == ("minute", False)


def test_events_are_published_and_withdrawn_in_bulk(admin_client):
    drafts = [factories.EventFactory(publication=Publication.DRAFT) for _ in range(2)]
    for action, state in (("publish", "published"), ("withdraw", "withdrawn")):
        data = {"action": action, "_selected_action": [event.pk for event in drafts]}
        admin_client.post(admin_url("event", "changelist"), data)
        assert set(Event.objects.values_list("publication", flat=True)) == {state}


def upload(text, name="talk.vtt"):
    return SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)


VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Lee>Good morning.\n\n00:05.000 --> 00:09.000\n<v Lee>Welcome to Seul.\n"


def transcript_form(admin_client, transcript, **changes):
    url = admin_url("transcript", "change", transcript.pk)
    return admin_client.post(url, form_data(admin_client, url) | changes)


def test_an_uploaded_file_becomes_words_and_a_new_one_keeps_their_keys(admin_client):
    transcript = factories.TranscriptFactory()
    assert transcript_form(admin_client, transcript, file=upload(VTT)).status_code == 302
    first = list(transcript.cues.values_list("speaker", "text", "key"))
    assert [(speaker, text) for speaker, text, _key in first] == [("Lee", "Good morning."), ("Lee", "Welcome to Seul.")]
    shown = admin_client.get(admin_url("transcript", "change", transcript.pk)).content.decode()
    assert "Welcome to Seul." in shown
    transcript_form(admin_client, transcript, file=upload(VTT.replace("Seul", "Seoul")))
    second = list(transcript.cues.values_list("text", "key"))
    assert second == [("Good morning.", first[0][2]), ("Welcome to Seoul.", first[1][2])]
    transcript_form(admin_client, transcript, note="Only the note")
    assert list(transcript.cues.values_list("text", "key")) == second


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (upload("x", "talk.exe"), "A file of type “.exe” is not accepted here. Allowed: .vtt, .srt, .txt."),
        (upload(b"a" * (5 * 1024 * 1024 + 1), "talk.txt"), "The file is larger than 5 MB."),
        (upload("no header"), "This is not a VTT file"),
        (upload("WEBVTT\n\n00:00 --> soon\nhi"), "Line 3 cannot be read"),
        (upload(b"\xff\x00\xfe", "talk.txt"), "Save it as UTF-8"),
        (upload("a\0b", "talk.txt"), "This is not a text file."),
        (upload("", "talk.txt"), "The submitted file is empty."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_the_field_and_changes_nothing(admin_client, file, message):
    transcript = factories.TranscriptFactory()
    transcript_form(admin_client, transcript, file=upload(VTT))
    file.seek(0)
    response = transcript_form(admin_client, transcript, file=file)
    assert response.status_code == 200
    assert message in field_errors(response)["file"]
    assert transcript.cues.count() == 2


def test_a_transcript_follows_the_clock_of_its_own_parts_recording(admin_client):
    transcript, foreign = factories.TranscriptFactory(), factories.RecordingFactory()
    response = transcript_form(admin_client, transcript, recording=foreign.pk)
    assert field_errors(response) == {"recording": "This recording is of another part."}


def test_all_that_is_left_of_a_part_is_entered_on_its_page(admin_client):
    part, language = factories.PartFactory(), LanguageFactory()
    url = admin_url("part", "change", part.pk)
    data = form_data(admin_client, url)
    data |= {"agenda-TOTAL_FORMS": 1, "agenda-0-order": 1, "agenda-0-kind": "talk", "agenda-0-title_en": "Seoul"}
    data |= {"recordings-TOTAL_FORMS": 1, "recordings-0-publication": "published"}
    data |= {"transcripts-TOTAL_FORMS": 1, "transcripts-0-publication": "published", "transcripts-0-kind": "original"}
    data |= {"transcripts-0-language": language.pk, "transcripts-0-file": upload(VTT)}
    response = admin_client.post(url, data)
    assert response.status_code == 302, field_errors(response)
    assert Recording.objects.get().part == part
    assert Transcript.objects.get().cues.count() == 2
    broken = form_data(admin_client, url) | {"transcripts-0-file": upload("no header")}
    assert "not a VTT file" in field_errors(admin_client.post(url, broken))["transcripts-0-file"]


def test_a_part_names_which_of_its_files_is_refused(admin_client):
    part = factories.PartFactory()
    url = admin_url("part", "change", part.pk)
    data = form_data(admin_client, url)
    data |= {"recordings-TOTAL_FORMS": 1, "recordings-0-publication": "draft"}
    data |= {"recordings-0-file": upload("text", "film.avi")}
    data |= {"handouts-TOTAL_FORMS": 1, "handouts-0-publication": "draft", "handouts-0-title_en": "Slides"}
    data |= {"handouts-0-file": upload("not a pdf", "slides.pdf")}
    errors = field_errors(admin_client.post(url, data))
    assert "“.avi” is not accepted" in errors["recordings-0-file"]
    assert "content of this file is not what its name says" in errors["handouts-0-file"]


NOT_A_PICTURE = "This is not a picture that can be read. Allowed: JPEG, PNG and WebP."


@pytest.mark.parametrize(
    "file", [upload("text", "photo.png"), upload("text", "notes.txt"), upload(picture(kind="GIF"), "moving.gif")]
)
def test_a_picture_without_a_description_or_of_a_wrong_type_is_refused(admin_client, file):
    story = factories.StoryFactory()
    url = admin_url("story", "change", story.pk)
    data = form_data(admin_client, url)
    file.seek(0)
    data |= {"pictures-TOTAL_FORMS": 1, "pictures-0-order": 0, "pictures-0-picture": file}
    errors = field_errors(admin_client.post(url, data))
    assert errors["pictures-0-alt_en"] == "Describe the picture for people who do not see it."
    assert errors["pictures-0-picture"] == NOT_A_PICTURE


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_a_picture_of_an_allowed_type_is_kept(admin_client, format):
    url = admin_url("event", "add")
    data = form_data(admin_client, url) | {"title_en": "Walk", "slug": "walk", "kind": "meeting"}
    data |= {"picture": upload(picture(kind=format), f"walk.{format.lower()}"), "picture_alt_en": "A street"}
    response = admin_client.post(url, data)
    assert response.status_code == 302, field_errors(response)
    assert Event.objects.get().picture.name.endswith(".webp")


def test_a_draft_has_no_link_to_a_page_that_nobody_sees(admin_client):
    story = factories.StoryFactory(publication=Publication.DRAFT)
    assert "View on site" not in admin_client.get(admin_url("story", "change", story.pk)).content.decode()
    Story.objects.update(publication=Publication.PUBLISHED)
    assert "View on site" in admin_client.get(admin_url("story", "change", story.pk)).content.decode()


def test_the_admin_begins_with_events(admin_client):
    apps = admin_client.get(reverse("admin:index")).context["app_list"]
    assert [app["app_label"] for app in apps][:2] == ["events", "organizations"]
    assert apps[0]["models"][0]["object_name"] == "Event"


def test_parts_left_without_a_number_get_the_next_ones(admin_client):
    empty = admin_client.get(admin_url("event", "add")).context["inline_admin_formsets"][0].formset.empty_form
    assert empty["number"].value() is None
    data = form_data(admin_client, admin_url("event", "add"))
    data |= {"title_en": "A webinar", "slug": "a-webinar", "kind": "webinar"}
    response = admin_client.post(admin_url("event", "add"), data | new_parts_data("", ""))
    assert response.status_code == 302, field_errors(response)
    event = Event.objects.get()
    assert [(part.number, part.date.day) for part in event.parts.all()] == [(1, 10), (2, 11)]
    url = admin_url("event", "change", event.pk)
    admin_client.post(url, form_data(admin_client, url) | new_parts_data("", "7", "", first=2))
    assert [(part.number, part.date.day) for part in event.parts.all()] == [(1, 10), (2, 11), (3, 12), (7, 13), (8, 14)]
    admin_client.post(url, form_data(admin_client, url) | {"parts-4-number": "", "parts-3-DELETE": "on"})
    assert list(event.parts.values_list("number", flat=True)) == [1, 2, 3, 4]


def test_two_parts_with_the_same_number_are_refused(admin_client):
    event = factories.EventFactory(with_part=True)
    url = admin_url("event", "change", event.pk)
    response = admin_client.post(url, form_data(admin_client, url) | new_parts_data("2", "2", first=1))
    assert response.status_code == 200
    assert event.parts.count() == 1


def test_a_part_on_its_own_page_gets_the_next_number_too(admin_client):
    event = factories.EventFactory(with_part=True)
    data = form_data(admin_client, admin_url("part", "add"))
    data |= {"event": event.pk, "number": "", "date": "2026-12-17", "precision": "day"}
    response = admin_client.post(admin_url("part", "add"), data)
    assert response.status_code == 302, field_errors(response)
    assert list(event.parts.values_list("number", flat=True)) == [1, 2]


def test_agenda_items_without_an_order_come_last_in_the_order_they_were_entered(admin_client):
    part = factories.PartFactory()
    factories.AgendaItemFactory(part=part, order=4, title_en="Opening")
    url = admin_url("part", "change", part.pk)
    data = form_data(admin_client, url) | {"agenda-TOTAL_FORMS": 3}
    for index, title in ((1, "Talk"), (2, "Questions")):
        data |= {f"agenda-{index}-order": "", f"agenda-{index}-kind": "talk", f"agenda-{index}-title_en": title}
    assert admin_client.post(url, data).status_code == 302
    assert list(part.agenda.values_list("title_en", "order")) == [("Opening", 4), ("Talk", 5), ("Questions", 6)]
    data = form_data(admin_client, admin_url("agendaitem", "add"))
    data |= {"part": part.pk, "order": "", "kind": "break", "title_en": "Break"}
    admin_client.post(admin_url("agendaitem", "add"), data)
    assert part.agenda.last().order == 7


def test_time_zones_are_offered_those_of_most_places_first(admin_client):
    PlaceFactory(time_zone="Asia/Tokyo")
    for name in ("Busan", "Seoul"):
        PlaceFactory(name_en=name, time_zone="Asia/Seoul")
    event = factories.EventFactory(with_part=True)
    for url in (
        admin_url("event", "add"),
        admin_url("event", "change", event.pk),
        admin_url("part", "change", event.parts.get().pk),
        reverse("admin:events_event_reschedule", args=[event.pk]),
    ):
        page = admin_client.get(url).content.decode()
        zones = page.split('<datalist id="time-zones">')[1].split("</datalist>")[0]
        assert markup(zones).startswith(
            '<option value="Asia/Seoul">Seoul</option><option value="Asia/Tokyo">Tokyo</option><option value="Africa/'
        )
        assert zones.count('"Asia/Seoul"') == 1
        assert '<option value="America/Argentina/Buenos_Aires">Buenos Aires</option>' in zones
        fields = re.findall(r'<input[^>]* name="[^"]*time_zone[^>]*>', page)
        assert fields
        assert all('list="time-zones"' in field for field in fields)
