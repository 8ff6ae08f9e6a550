"""The ordinary forms of events and parts hold what people were told; what they were not told changes silently."""

import datetime
import re

import pytest
from django.urls import reverse

from events.models import ScheduleChange
from tests.admin_forms import field_errors, form_data
from tests.factories.events import PartFactory
from tests.factories.registrations import registered
from tests.moments import HOUR, NOW
from wego_portal.foundation.models import OutboxMail

from .reschedule_forms import reschedule_url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def test_a_typo_notifies_nobody_and_raises_nothing(admin_client, send_mails):
    part = PartFactory(title_en="Hau three cities work")
    registered(part, now=NOW)
    send_mails()
    for model, key, field in (("part", part.pk, "title_en"), ("event", part.event_id, "title_en")):
        url = reverse(f"admin:events_{model}_change", args=[key])
        data = form_data(admin_client, url) | {field: "How three cities work"}
        response = admin_client.post(url, data)
        assert response.status_code == 302, field_errors(response)
    part.refresh_from_db()
    assert (part.title_en, part.sequence, part.seats.get().sequence) == ("How three cities work", 0, 0)
    assert send_mails() == {}
    assert not ScheduleChange.objects.exists()


@pytest.mark.parametrize(("model", "prefix"), [("part", ""), ("event", "parts-0-")])
def test_fields_people_were_notified_of_are_not_changed_silently(admin_client, model, prefix):
    part = PartFactory()
    url = reverse(f"admin:events_{model}_change", args=[part.pk if model == "part" else part.event_id])
    data = form_data(admin_client, url)
    new = {f"{prefix}date": "2026-12-11"}
    assert f'name="{prefix}date"' in admin_client.get(url).content.decode()
    assert admin_client.post(url, data | new).status_code == 302
    part.refresh_from_db()
    assert part.date == datetime.date(2026, 12, 11)
    typed_before_somebody_registered = form_data(admin_client, url) | {f"{prefix}date": "2026-12-12"}
    registered(part, now=NOW)
    page = admin_client.get(url).content.decode()
    for name in ("date", "start_time", "time_zone", "status"):
        assert re.search(rf'<(input|select)[^>]*name="{prefix}{name}"[^>]*disabled', page), name
    assert f"{reschedule_url(part.event)}?part={part.pk}" in page
    refused = admin_client.post(url, typed_before_somebody_registered)
    assert "Somebody has registered meanwhile" in field_errors(refused)[f"{prefix}date"]
    without = {name: given for name, given in data.items() if not name.startswith((f"{prefix}date", f"{prefix}status"))}
    assert admin_client.post(url, without).status_code == 302
    part.refresh_from_db()
    assert (part.date, part.status) == (datetime.date(2026, 12, 11), "planned")


def test_what_is_over_is_set_right_without_a_word(admin_client, admin_user, clock):
    part = PartFactory()
    registered(part, now=NOW)
    clock.move_to(part.latest + HOUR)
    admin_client.force_login(admin_user)  # the session of a fortnight ago has ended
    url = reverse("admin:events_part_change", args=[part.pk])
    admin_client.post(url, form_data(admin_client, url) | {"status": "held"})
    part.refresh_from_db()
    assert part.status == "held"
    assert not OutboxMail.objects.filter(kind="event_rescheduled").exists()
