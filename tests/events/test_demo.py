"""The demo content: loaded by its command, safe to repeat, and honest about what is not known."""

import datetime
import json
import re
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.apps import apps
from django.core.management import call_command
from django.db.models import Q

import events.demo.rows
from events.domain.availability import State, availability_of_events
from events.models import Event, Part, Recording, Registration, Seat, Story, Transcript
from organizations.models import BestPractice, Initiative, Membership, Organization, Person, Project, Topic
from tests.moments import NOW
from wego_portal.foundation.models import OutboxMail
from wego_portal.foundation.publication import PublishedModel

JULY = "wego-and-japan-july-2020"

pytestmark = pytest.mark.django_db


def load(*arguments):
    """Run the command at the frozen moment; returns what it prints."""
    out = StringIO()
    with time_machine.travel(NOW, tick=False):
        call_command("load_demo", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def demo(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo content, loaded once for the module and rolled back at its end."""
    from django.conf import settings
    from django.db import transaction

    media_root, settings.MEDIA_ROOT = settings.MEDIA_ROOT, tmp_path_factory.mktemp("media")
    with django_db_blocker.unblock(), transaction.atomic():
        yield load()
        transaction.set_rollback(True)
    settings.MEDIA_ROOT = media_root


@pytest.fixture
def loaded(demo, db):
    """The demo content, with whatever a test does to it undone after the test."""
    return demo


def counts():
    """How many rows each model of the two apps has."""
    return {
        model._meta.label: model._default_manager.count()
        for app in ("organizations", "events")
        for model in apps.get_app_config(app).get_models()
    }


def test_says_in_one_line_what_it_did(loaded):
    assert re.fullmatch(r"Demo content: \d+ rows created, 0 refreshed \(.*\)\.\n", loaded)


def test_second_run_changes_nothing_and_moves_no_sample(loaded):
    before, dates = counts(), list(Part.objects.order_by("pk").values_list("pk", "date", "changed_at"))
    out = StringIO()
    with time_machine.travel(NOW + datetime.timedelta(days=40), tick=False):
        call_command("load_demo", stdout=out)
    assert out.getvalue() == "Demo content: nothing to do, all of it is there.\n"
    assert counts() == before
    assert list(Part.objects.order_by("pk").values_list("pk", "date", "changed_at")) == dates


def test_run_leaves_alone_what_staff_changed_and_finds_it_under_a_new_address(loaded):
    event = Event.objects.get(slug="general-assembly-5")
    event.slug, event.title_en = "fifth-assembly", "Changed by staff"
    event.save()
    before = counts()
    load()
    event.refresh_from_db()
    assert (event.slug, event.title_en) == ("fifth-assembly", "Changed by staff")
    assert counts() == before


def test_refresh_sets_the_rows_back_to_the_files_but_no_sample(loaded):
    Event.objects.filter(slug="general-assembly-5").update(title_en="Changed")
    Event.objects.filter(slug="sample-streets-for-everyone").update(title_en="Sample: changed")
    assert "0 rows created, 1 refreshed (1 event)" in load("--refresh")
    assert Event.objects.get(slug="general-assembly-5").title_en == "5th WeGO General Assembly"
    assert Event.objects.get(slug="sample-streets-for-everyone").title_en == "Sample: changed"


def test_everything_is_published_and_valid(loaded):
    for app in ("organizations", "events"):
        for model in apps.get_app_config(app).get_models():
            if issubclass(model, PublishedModel):
                assert model.objects.count() == model.objects.published(NOW).count(), model
    for event in Event.objects.all():
        event.full_clean()


def test_holds_the_whole_directory(loaded):
    assert Organization.objects.count() == 158 + 4 + 5 + 3  # the facts, networks, later ASCN cities, cities of cases
    assert Initiative.objects.count() == 21
    assert BestPractice.objects.count() == 28
    assert Person.objects.count() == 24
    driver = Initiative.objects.get(slug="smart-city-driver")
    assert [stage.title_en for stage in driver.stages.all()] == ["Plan", "Finance", "Deploy"]


def test_asean_network_has_26_pilot_cities_in_ten_countries(loaded):
    members = Membership.objects.active().filter(group__slug="ascn")
    pilots = members.filter(member_class=Membership.MemberClass.PILOT_CITY)
    assert pilots.count() == 26
    assert len(set(pilots.values_list("member__country", flat=True))) == 10
    assert pilots.filter(member__place__latitude__isnull=True).count() == 0
    later = members.exclude(pk__in=pilots)
    assert sorted(later.values_list("member__name_en", "since__year")) == [
        ("Chiang Mai", 2023),
        ("Khon Kaen", 2023),
        ("Rayong", 2023),
        ("Sihanoukville", 2024),
        ("Sumedang", 2024),
    ]


def test_planned_networks_say_so_and_have_no_active_members(loaded):
    for slug in ("neascn", "cjk"):
        network = Organization.objects.get(slug=slug)
        assert network.is_planned
        assert network.group_memberships.exists()
        assert not network.group_memberships.active().exists()


def test_founding_members_nobody_checked_are_not_counted(loaded):
    berlin = Membership.objects.get(member__slug="berlin", group__slug="wego")
    assert berlin.state == Membership.State.UNCONFIRMED
    assert berlin.since.year == 2010
    assert berlin.since_precision == "year"
    seoul = Membership.objects.get(member__slug="seoul", group__slug="wego")
    assert (seoul.state, seoul.office) == ("active", "president")


def test_reported_figures_carry_date_and_source(loaded):
    figure = Organization.objects.get(slug="sci-j").reported_figures.get(number=130)
    assert (figure.value, figure.as_of, figure.as_of_precision) == (
        "around 130",
        datetime.date(2020, 7, 1),
        "month",
    )
    assert figure.source_url


def test_july_2020_is_one_event_of_two_parts(loaded):
    event = Event.objects.get(slug=JULY)
    first, second = event.parts.order_by("number")
    assert (first.date, second.date) == (datetime.date(2020, 7, 6), datetime.date(2020, 7, 13))
    assert {part.status for part in (first, second)} == {Part.Status.HELD}
    assert {part.time_zone for part in (first, second)} == {""}
    roles = list(event.roles.values_list("role", "organization__slug"))
    assert ("host", "sci-j") in roles
    assert ("co_host", "wego") in roles
    assert len([role for role, slug in roles if role == "observer"]) == 9
    assert event.series.slug == "smart-city-101"
    assert [country.code for country in event.audience_countries] == ["JP"]
    assert event.audience_network.slug == "sci-j"
    message = first.agenda.get(kind="recorded_message")
    assert message.appearances.get().person.name == "Kyong-yul Lee"
    assert not event.parts.filter(agenda__cases__isnull=False).exists()  # which cases were shown is not known
    assert set(event.followed_by.values_list("slug", flat=True)) == {
        "cjk-smart-cities-webinar-2020",
        "neascn-online-workshop-2020",
    }


def test_recordings_and_transcripts_of_july_2020_are_named_without_inventing_them(loaded):
    recordings = Recording.objects.filter(part__event__slug=JULY)
    assert [recording.source for recording in recordings] == ["YouTube", "YouTube"]
    assert not recordings.available().exists()
    transcripts = Transcript.objects.filter(part__event__slug=JULY)
    assert transcripts.count() == 2
    assert not transcripts.filter(cues__isnull=False).exists()
    assert all("not held here" in transcript.note for transcript in transcripts)


def test_only_the_two_pairs_of_the_facts_have_two_parts(loaded):
    several = {event.slug for event in Event.objects.filter(is_sample=False) if event.parts.count() > 1}
    assert several == {JULY, "wego-awards-4-meet-the-winners"}


def test_no_hour_is_invented(loaded):
    with_hours = Part.objects.filter(event__is_sample=False, start_time__isnull=False)
    assert sorted(with_hours.values_list("event__slug", "number", "start_time", "time_zone")) == [
        ("cjk-smart-cities-webinar-2020", 1, datetime.time(15), "Asia/Seoul"),
        ("general-assembly-5", 1, datetime.time(15), "Asia/Seoul"),
        ("neascn-pre-workshop-2020", 1, datetime.time(15), "Asia/Seoul"),
        ("seoul-smart-city-prize-2024", 1, datetime.time(15), "Asia/Seoul"),
        ("wego-awards-4-meet-the-winners", 1, datetime.time(9), ""),
        ("wego-awards-4-meet-the-winners", 2, datetime.time(16), ""),
    ]
    assert not Part.objects.filter(event__is_sample=False, agenda__start_time__isnull=False).exists()


@pytest.mark.parametrize(
    ("slug", "date", "precision"),
    [
        ("smart-health-responder-3", datetime.date(2020, 1, 1), "year"),
        ("executive-committee-2019", datetime.date(2019, 10, 1), "month"),
        ("kick-off-2023", datetime.date(2023, 2, 1), "month"),
        ("near-forum-2023", datetime.date(2023, 12, 6), "day"),
    ],
)
def test_dates_are_as_precise_as_known(loaded, slug, date, precision):
    part = Part.objects.get(event__slug=slug)
    assert (part.date, part.precision) == (date, precision)


def test_workshop_of_october_2020_has_an_unknown_outcome(loaded):
    event = Event.objects.get(slug="neascn-online-workshop-2020")
    assert event.parts.get().status == Part.Status.UNKNOWN
    assert event.replaced_by is None
    assert event.followed_by.get().slug == "neascn-pre-workshop-2020"


def test_samples_say_so_in_every_language(loaded):
    samples = Event.objects.filter(is_sample=True)
    assert samples.count() == 8
    for event in samples:
        assert event.title_en.startswith("Sample: ")
        assert event.title_ja.startswith("サンプル：")
        assert event.title_ko.startswith("예시: ")
    assert set(Project.objects.filter(title_en__startswith="Sample").values_list("is_sample", flat=True)) == {True}
    assert not Part.objects.exclude(event__in=samples).filter(latest__gt=NOW).exists()


def test_samples_show_every_state_of_registration(loaded):
    samples = list(Event.objects.filter(is_sample=True).prefetch_related("parts__event"))
    answers = availability_of_events(samples, now=NOW)
    states = {event.slug.removeprefix("sample-"): answers[event.pk] for event in samples}
    assert {slug: answer.state for slug, answer in states.items()} == {
        "streets-for-everyone": State.OPEN,
        "workshop-few-places-left": State.OPEN,
        "briefing-with-waiting-list": State.WAITING_LIST,
        "round-table-by-invitation": State.INVITATION,
        "exchange-of-local-governments": State.AUDIENCE,
        "training-for-asean-cities": State.NOT_YET_OPEN,
        "study-visit-postponed": State.POSTPONED,
        "one-crossing-one-year": State.PAST,
    }
    assert states["workshop-few-places-left"].places_left == 2
    assert states["briefing-with-waiting-list"].waiting == 2


def test_sample_registrations_use_addresses_of_nobody_and_mail_nobody(loaded):
    addresses = Registration.objects.values_list("contact__email", flat=True)
    assert len(addresses) == 20
    assert all(address.endswith(("@example.org", "@example.com")) for address in addresses)
    assert Seat.objects.waiting().count() == 2
    assert not OutboxMail.objects.exists()


def test_sample_transcripts_can_be_read_in_three_languages(loaded, client):
    transcripts = Transcript.objects.filter(is_sample=True)
    assert sorted(transcripts.values_list("language__code", "kind")) == [
        ("en", "original"),
        ("ja", "translation"),
        ("ko", "translation"),
    ]
    for transcript in transcripts:
        cues = transcript.cues.all()
        assert len(cues) == 34
        assert all(cue.speaker and cue.end_ms > cue.start_ms for cue in cues)
        with time_machine.travel(NOW, tick=False):
            page = client.get(transcript.get_absolute_url())
        assert cues[3].text in page.content.decode()


def test_pages_of_the_content_answer(loaded, client):
    some = [*Organization.objects.all()[::20], *BestPractice.objects.all()[::9], *Story.objects.all()]
    objects = [*Event.objects.all()[::3], Event.objects.get(slug=JULY), *some]
    with time_machine.travel(NOW, tick=False):
        missing = [each for each in objects if client.get(each.get_absolute_url()).status_code != 200]
    assert missing == []


def test_texts_readers_see_are_in_three_languages(loaded):
    for model in (Event, Story, Initiative, BestPractice, Topic):
        field = "name" if model is Topic else "title"
        empty = Q(**{f"{field}_en": ""}) | Q(**{f"{field}_ja": ""}) | Q(**{f"{field}_ko": ""})
        assert not model.objects.filter(empty).exists(), model


def test_every_statement_has_its_source(loaded):
    for model in (Organization, Event, Story, Initiative, BestPractice):
        rows = model.objects.filter(source_url="")
        if model is Event:
            rows = rows.filter(is_sample=False)
        assert not rows.exists(), model


def test_data_files_are_written_alike():
    for path in sorted(Path(events.demo.rows.DATA).glob("*.json")):
        text = path.read_text(encoding="utf-8")
        assert text == json.dumps(json.loads(text), ensure_ascii=False, indent=2) + "\n", path.name
