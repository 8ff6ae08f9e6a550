"""Hours that clocks of a place skip or show twice, and zones that are no place's: refused wherever staff types them."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import translation

from events.models import Part, ScheduleChange
from tests.admin_forms import admin_url, field_errors, form_data
from tests.factories.events import EventFactory, PartFactory
from tests.factories.organizations import PlaceFactory
from tests.moments import NOW

from .form_filling import text
from .reschedule_forms import reschedule_data, reschedule_url, rescheduled_to

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

FORWARD, BACK = "2027-03-28", "2027-10-31"  # in Paris from 02:00 to 03:00, and from 03:00 to 02:00
SKIPPED = "Clocks are put forward on 28 March 2027, and never show 02:30. Write 01:30 or 03:30."
TWICE = "Clocks are put back on 31 October 2027, and show 02:30 twice. Write another hour, or the times in UTC."
NO_PLACES = ["Etc/GMT+9", "EST", "localtime", "Japan"]


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({"date": FORWARD, "start_time": "02:30", "end_time": "04:00"}, "start_time", SKIPPED),
        ({"date": FORWARD, "start_time": "01:00", "end_time": "02:30"}, "end_time", SKIPPED),
        ({"date": "2027-03-27", "end_date": FORWARD, "start_time": "20:00", "end_time": "02:30"}, "end_time", SKIPPED),
        ({"date": "2027-03-27", "end_date": "2027-03-29", "start_time": "02:30"}, "start_time", SKIPPED),
        ({"date": BACK, "start_time": "02:30", "end_time": "04:00"}, "start_time", TWICE),
        ({"date": BACK, "start_time": "01:00", "end_time": "02:30"}, "end_time", TWICE),
        ({"date": "2027-01-01", "end_date": "2029-01-01", "start_time": "09:00"}, "end_date", "for at most a year"),
    ],
)
@pytest.mark.parametrize("page", ["event", "part", "plans"])
def test_an_hour_that_is_not_there_once_is_refused_beside_its_field(admin_client, page, given, field, message):
    part = PartFactory()
    given = {"time_zone": "Europe/Paris", "end_time": "17:00", **given}
    if page == "plans":
        changes = rescheduled_to(part) | {f"{name}_{part.pk}": value for name, value in given.items()}
        response = admin_client.post(reschedule_url(part.event), reschedule_data(admin_client, part.event, **changes))
        errors = {name: " ".join(said) for name, said in response.context["errors"].items()}
        field = f"{field}_{part.pk}"
    else:
        prefix = "parts-0-" if page == "event" else ""
        url = admin_url(page, "change", part.event_id if page == "event" else part.pk)
        data = form_data(admin_client, url) | {f"{prefix}{name}": value for name, value in given.items()}
        response = admin_client.post(url, data)
        assert response.status_code == 200
        errors, field = field_errors(response), f"{prefix}{field}"
    assert message in errors.get(field, ""), errors
    part.refresh_from_db()
    assert part.date == datetime.date(2026, 12, 10)


def test_the_two_hours_that_can_be_meant_are_taken_and_so_is_utc(admin_client):
    part = PartFactory(end_time=None)
    url = admin_url("part", "change", part.pk)
    for zone, hour, utc in (("Europe/Paris", "01:30", 0), ("Europe/Paris", "03:30", 1), ("UTC", "02:30", 2)):
        data = form_data(admin_client, url) | {"date": FORWARD, "start_time": hour, "time_zone": zone}
        assert admin_client.post(url, data).status_code == 302
        part.refresh_from_db()
        assert part.starts_at == datetime.datetime(2027, 3, 28, utc, 30, tzinfo=datetime.UTC)
    assert "02:30, UTC time" in text(admin_client.get(part.event.get_absolute_url()))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("ja", "2027年3月28日は時計が進められるため、02:30は存在しません。01:30または03:30と入力してください。"),
        (
            "ko",
            "2027년 3월 28일에는 시계를 앞으로 돌리므로 02:30 시각이 없습니다."
            " 01:30 또는 03:30 중 하나를 입력하십시오.",
        ),
    ],
)
def test_the_hour_is_refused_in_the_language_of_the_staff(language, said):
    part = PartFactory(start_time=datetime.time(2, 30), date=datetime.date(2027, 3, 28), time_zone="Europe/Paris")
    with translation.override(language), pytest.raises(ValidationError) as refusal:
        part.full_clean()
    assert refusal.value.message_dict["start_time"] == [said]


@pytest.mark.parametrize("zone", NO_PLACES)
def test_a_zone_that_is_no_places_is_refused_for_parts_and_places(admin_client, zone):
    part, place = PartFactory(), PlaceFactory(time_zone="Asia/Seoul")
    for url in (admin_url("part", "change", part.pk), reverse("admin:organizations_place_change", args=[place.pk])):
        response = admin_client.post(url, form_data(admin_client, url) | {"time_zone": zone})
        assert response.status_code == 200
        assert "is not the time zone of a place" in field_errors(response)["time_zone"]
    changes = rescheduled_to(part, zone=zone)
    response = admin_client.post(reschedule_url(part.event), reschedule_data(admin_client, part.event, **changes))
    assert "is not the time zone of a place" in str(response.context["errors"])


def test_a_row_with_such_a_zone_is_shown_asked_for_and_not_offered(admin_client):
    part, _place = PartFactory(), PlaceFactory(time_zone="Etc/GMT+9")
    Part.objects.update(time_zone="Etc/GMT+9")
    assert admin_client.get(part.event.get_absolute_url()).status_code == 200
    url = admin_url("part", "change", part.pk)
    assert '<option value="Etc/GMT+9">' not in admin_client.get(url).content.decode()
    response = admin_client.post(url, form_data(admin_client, url))
    assert "is not the time zone of a place" in field_errors(response)["time_zone"]


@pytest.mark.parametrize(
    ("zone", "said"), [("Japan", "15:00, Japan time"), ("Mars/Base", "15:00, time zone not known")]
)
def test_a_schedule_change_is_read_whatever_zone_it_had(admin_client, zone, said):
    event = EventFactory()
    part = PartFactory(event=event)
    row = {"number": 1, "status": "planned", "date": "2026-12-10", "precision": "minute", "start_time": "15:00:00"}
    row |= {"end_date": None, "end_time": None, "time_zone": zone}
    kept = {"parts": {str(part.pk): row}}
    change = ScheduleChange.objects.create(event=event, kind="cancelled", before=kept, notified_count=0, changed_at=NOW)
    page = text(admin_client.get(reverse("admin:events_schedulechange_change", args=[change.pk])))
    assert said in page


def test_every_zone_that_is_offered_can_be_chosen_and_read(admin_client):
    page = admin_client.get(admin_url("part", "add")).content.decode()
    names = [piece.partition('"')[0] for piece in page.split('<datalist id="time-zones">')[1].split('value="')[1:]]
    names = [name for name in names if name and "<" not in name and (name == "UTC" or "/" in name)]
    assert len(names) > 400
    assert all(ZoneInfo(name) for name in names)
    assert "UTC" in names
    assert not set(names) & set(NO_PLACES)
