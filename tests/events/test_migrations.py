"""What migrations of data do to rows that exist: called as they are, on the tables of today."""

import datetime
import importlib
import uuid

import pytest
from django.apps import apps

from events.models import Part, Story
from organizations.models import Place
from tests.factories.events import PartFactory, StoryFactory
from tests.factories.organizations import PlaceFactory
from tests.factories.registrations import registered
from tests.moments import NOW

from .calendar_reader import read, value

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def migration(name, app="events"):
    return importlib.import_module(f"{app}.migrations.{name}")


@pytest.mark.parametrize("form", [str, lambda identity: identity.hex])  # as PostgreSQL kept them, and SQLite
def test_entries_that_were_sent_keep_their_identity_when_the_portal_moves(client, settings, form):
    identities = [uuid.uuid4() for _ in range(3)]
    part = PartFactory(uid=form(identities[0]))
    seats = [registered(part, now=NOW, number=number).seats.get() for number in (1, 2)]
    for seat, identity in zip(seats, identities[1:], strict=True):
        type(seat).objects.filter(pk=seat.pk).update(uid=form(identity))
    settings.SITE_URL = "https://old.example.org:8443"
    migration("0014_lasting_identities").keep_what_was_sent(apps, None)
    settings.SITE_URL = "https://new.example.org"
    sent = [f"{identity}@old.example.org" for identity in identities]
    (entry,) = read(client.get("/events/calendar.ics").content)[1]
    assert value(entry, "UID") == sent[0]
    for seat, uid in zip(seats, sent[1:], strict=True):
        data = client.get(f"/registrations/{seat.registration.token}/parts/1/calendar.ics").content
        assert value(read(data)[1][0], "UID") == uid
    assert "@" not in PartFactory().uid
    migration("0014_lasting_identities").go_back(apps, None)
    assert list(Part.objects.order_by("pk").values_list("uid", flat=True))[0] == identities[0].hex


def test_calendars_that_hold_a_block_take_the_hours_of_each_day():
    days = {"date": datetime.date(2026, 12, 10), "end_date": datetime.date(2026, 12, 12)}
    daily, night, one = PartFactory(**days), PartFactory(**days, end_time=datetime.time(2)), PartFactory()
    migration("0014_lasting_identities").announce_daily_hours(apps, None)
    assert [Part.objects.get(pk=part.pk).sequence for part in (daily, night, one)] == [1, 0, 0]


def test_articles_keep_what_the_feed_said_of_them_as_far_as_that_has_come(client, settings):
    settings.SITE_URL = "https://old.example.org"
    old = StoryFactory(dateline_date=datetime.date(2020, 7, 13))
    ahead = StoryFactory(dateline_date=datetime.date(2026, 11, 24))
    draft = StoryFactory(publication="draft", dateline_date=datetime.date(2020, 7, 13))
    Story.objects.update(first_published_at=None)
    migration("0014_lasting_identities").keep_what_the_feed_said(apps, None)
    for story, moment in ((old, datetime.datetime(2020, 7, 13, 3, tzinfo=datetime.UTC)), (ahead, NOW)):
        story.refresh_from_db()
        assert story.feed_id == f"https://old.example.org/#story-{story.pk}"
        assert story.first_published_at == story.updated_at == moment
    draft.refresh_from_db()
    assert draft.first_published_at is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Japan", "Asia/Tokyo"),
        ("ROK", "Asia/Seoul"),
        ("US/Pacific", "America/Los_Angeles"),
        ("Iceland", "Atlantic/Reykjavik"),
        ("GMT", "UTC"),
        ("Zulu", "UTC"),
        ("Asia/Phnom_Penh", "Asia/Phnom_Penh"),
        ("Etc/GMT+9", "Etc/GMT+9"),
        ("EST", "EST"),
        ("", ""),
    ],
)
def test_old_names_of_zones_become_those_of_places_and_the_clock_stays(old, new):
    part, place = PartFactory(time_zone=old), PlaceFactory(time_zone=old)
    migration("0015_zones_of_places").name_places(apps, None)
    migration("0006_zones_of_places", "organizations").name_places(apps, None)
    assert (Part.objects.get().time_zone, Place.objects.get(pk=place.pk).time_zone) == (new, new)
    again = Part.objects.get()
    again.compute_instants()
    assert again.starts_at == part.starts_at
