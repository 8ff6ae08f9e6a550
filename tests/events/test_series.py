import datetime
import re

import pytest

from tests.factories.events import EventFactory, EventOrganizationFactory, PartFactory, RecordingFactory, SeriesFactory
from tests.factories.organizations import InitiativeFactory, OrganizationFactory
from tests.markup import markup
from wego_portal.foundation.publication import Publication

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

JULY = datetime.date(2020, 7, 6)


def text(client, path):
    response = client.get(path)
    assert response.status_code == 200
    return markup(response)


def test_series_says_what_it_is_who_runs_it_and_its_events(client):
    series = SeriesFactory(title_en="Smart City 101", cadence_en="weekly", summary_en="Cities explain themselves.")
    series.run_by.add(OrganizationFactory(name_en="Smart City Institute Japan"))
    PartFactory(event__title_en="Ahead", event__series=series)
    PartFactory(event__title_en="Ago", event__series=series, date=JULY)
    PartFactory(event__title_en="Elsewhere")
    PartFactory(event__title_en="Draft", event__series=series, event__publication=Publication.DRAFT)
    page = text(client, f"/series/{series.slug}/")
    for words in ("Smart City 101", "weekly", "Cities explain themselves.", "Smart City Institute Japan", "2 events"):
        assert words in page
    assert re.findall(r"<h3><a [^>]*>([^<]*)</a></h3>", page) == ["Ahead"]
    assert re.findall(r"<h4><a [^>]*>([^<]*)</a></h4>", page) == ["Ago"]
    assert f'href="webcal://127.0.0.1:8000/series/{series.slug}/calendar.ics"' in page


def test_nothing_unpublished_is_shown(client):
    assert client.get(f"/series/{SeriesFactory(publication=Publication.DRAFT).slug}/").status_code == 404
    series = SeriesFactory(initiative=InitiativeFactory(title_en="Hidden", publication=Publication.DRAFT))
    series.run_by.add(OrganizationFactory(name_en="Hidden", publication=Publication.DRAFT))
    SeriesFactory(title_en="Hidden", publication=Publication.WITHDRAWN)
    assert "Hidden" not in text(client, f"/series/{series.slug}/")
    assert "Hidden" not in text(client, "/series/")


def test_old_address_leads_to_the_series(client):
    SeriesFactory(slug="old")
    series = SeriesFactory._meta.model.objects.get()
    series.slug = "new"
    series.save()
    response = client.get("/series/old/")
    assert (response.status_code, response["Location"]) == (301, "/series/new/")


def test_list_counts_what_is_listed(client):
    quiet = SeriesFactory(title_en="Quiet")
    busy = SeriesFactory(title_en="Busy")
    event = EventFactory(series=busy)
    PartFactory.create_batch(2, event=event)
    PartFactory(event__series=busy, date=JULY)
    PartFactory(event__series=quiet, event__publication=Publication.DRAFT)
    page = text(client, "/series/")
    assert re.findall(r"<h2><a [^>]*>([^<]*)</a></h2>", page) == ["Busy", "Quiet"]
    assert "2 events listed here,<b>1 ahead</b></span>" in page
    assert "0 events listed here" in page


def test_many_past_events_are_paginated(client):
    series = SeriesFactory()
    for number in range(30):
        PartFactory(event__series=series, known_to_day=True, date=JULY + datetime.timedelta(days=number))
    assert text(client, f"/series/{series.slug}/").count("<h4>") == 24
    assert text(client, f"/series/{series.slug}/?page=2").count("<h4>") == 6
    assert client.get(f"/series/{series.slug}/?page=x").status_code == 404


def test_empty_list_says_so(client):
    assert "No series is listed yet." in text(client, "/series/")


@pytest.mark.parametrize("rows", [1, 3])
def test_queries(client, django_assert_num_queries, rows):
    for _row in range(rows):
        series = SeriesFactory(initiative=InitiativeFactory())
        series.run_by.add(OrganizationFactory())
        for date in [JULY, datetime.date(2026, 12, 10)] * rows:
            part = PartFactory(event__series=series, date=date, capacity=4)
            RecordingFactory(part=part)
            EventOrganizationFactory(event=part.event)
    with django_assert_num_queries(3):
        text(client, "/ja/series/")
    with django_assert_num_queries(12):
        text(client, f"/series/{series.slug}/")
