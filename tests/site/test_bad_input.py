"""No list and no address answers with an error 500, whatever stands in its query."""

import contextlib
import re
from urllib.parse import quote, urlencode

import pytest
from django.db import connection
from django.urls import reverse

from tests.factories.events import EventFactory

pytestmark = pytest.mark.django_db

LISTS = [
    "home",
    "events:event_list",
    "events:series_list",
    "events:recording_list",
    "events:story_list",
    "events:calendar_feed",
    "organizations:organization_list",
    "organizations:organization_suggest",
    "organizations:initiative_list",
    "organizations:best_practice_list",
]
VALUES = {
    "emoji": "🏙️🌏",
    "right to left": "\u202eمدينة\u202c",
    "too long": "x" * 1000,
    "number of thirty digits": "9" * 30,
    "negative": "-1",
    "markup": "<script>alert(1)</script>",
    "quotes": "' OR 1=1; --\"",
    "surrogate-free nonsense": "\ufffe\u0085\u2028",
}


@pytest.mark.parametrize("name", LISTS)
def test_every_field_of_every_list_bears_any_value(client, name):
    address = reverse(name)
    first = client.get(address)
    drawn = re.findall(r'<(?:input|select)[^>]* name="(\w+)"', first.content.decode())
    fields = sorted({*drawn, "q", "no_such_field"} - {"page"})
    values = [quote(value) for value in VALUES.values()]
    # A wrong value is left out by itself, so all fields are tried at once, each with another value, until each had
    # every one; only a wrong page ends the answer, and stands alone.
    queries = [
        "&".join(f"{field}={values[(turn + place) % len(values)]}" for place, field in enumerate(fields))
        for turn in range(len(values))
    ]
    queries += [f"page={value}" for value in values]
    for query in queries:
        response = client.get(f"{address}?{query}")
        assert response.status_code in (200, 302, 400, 404), (query, response.status_code)
        assert b"<script>alert" not in response.content, query


@pytest.mark.parametrize("name", LISTS)
def test_nul_is_refused_in_every_list(client, name):
    response = client.get(f"{reverse(name)}?q=%00")
    assert response.status_code == 400
    assert "cannot be read" in response.content.decode()


@pytest.mark.parametrize("prefix", ["events", "series", "organizations", "initiatives", "cases", "news"])
@pytest.mark.parametrize("slug", ["no-such", "x" * 1000, "京", "%F0%9F%8F%99", "a%20b", "-", "a/b/c"])
def test_an_address_of_nothing_is_not_found(client, prefix, slug):
    response = client.get(f"/{prefix}/{slug}/")
    assert response.status_code == 404
    assert "<h1" in response.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        f"/events/one/parts/{'9' * 30}/calendar.ics",
        f"/events/one/transcripts/{'9' * 30}/",
        "/registrations/abc/",
        f"/registrations/{'x' * 2000}/",
        "/events/one/registered/abc/",
    ],
)
def test_a_number_or_token_out_of_bounds_is_not_found(client, address):
    assert client.get(address).status_code == 404


FORMS = {
    "inquiry": (
        "organizations:inquiry_form",
        ["name", "email", "organization_name", "sector", "country", "kind", "message"],
    ),
    "registration": ("events:registration_form", ["name", "email", "organization_name", "sector", "country", "parts"]),
    "lost link": ("events:lost_link", ["email"]),
    "login of staff": ("admin:login", ["username", "password"]),
}


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("multipart", [True, False])
def test_a_form_with_a_nul_is_refused(client, form, multipart):
    name, fields = FORMS[form]
    address = reverse(name, args=[EventFactory(with_part=True).slug] if form == "registration" else [])
    typed = {field: f"typed\0{field}" for field in fields}
    if multipart:
        response = client.post(address, typed)
    else:
        response = client.post(address, urlencode(typed), content_type="application/x-www-form-urlencoded")
    assert response.status_code == 400
    shown = response.content.decode()
    assert "go back, remove unusual characters and send it again" in shown
    assert "\0" not in shown


def test_a_form_of_the_admin_with_a_nul_is_refused(admin_client):
    event = EventFactory(with_part=True)
    for field, value in (("precision", "day\0x"), ("pre\0cision", "day")):
        response = admin_client.post(reverse("admin:events_part_add"), {"event": event.pk, field: value})
        assert response.status_code == 400
        assert "cannot be read" in response.content.decode()


@pytest.mark.parametrize("key", ["x", "", "1; DROP", "-1", "1.5"])
@pytest.mark.parametrize("name", ["events_registration", "events_seat", "events_event", "foundation_outboxmail"])
def test_rows_chosen_by_no_number_are_refused_in_the_admin(admin_client, name, key):
    actions = {
        "events_registration": "cancel_all",
        "events_seat": "cancel_seats",
        "foundation_outboxmail": "send_once_more",
    }
    form = {"action": actions.get(name, "delete_selected"), "_selected_action": [key, "1"]}
    response = admin_client.post(reverse(f"admin:{name}_changelist"), form)
    is_number = key == "-1"  # of no row
    assert response.status_code in ((200, 302) if is_number else (400,)), response.status_code
    assert is_number or "<h1" in response.content.decode()


def test_an_error_of_our_own_stays_one(admin_client, monkeypatch):
    def fail(*args, **kwargs):
        raise ValueError("ours")

    monkeypatch.setattr("events.admin.registration.RegistrationAdmin.cancel_all", fail)
    admin_client.raise_request_exception = False
    form = {"action": "cancel_all", "_selected_action": ["1"]}
    assert admin_client.post(reverse("admin:events_registration_changelist"), form).status_code == 500


@pytest.mark.django_db(transaction=True)
def test_a_database_that_stays_locked_is_answered_503(client, django_user_model):
    django_user_model.objects.create_user("kim", password="a long secret", is_staff=True)
    # SQLite locks the whole database; on PostgreSQL it is the table in which attempts to sign in are counted.
    wait, lock = {
        "sqlite": ("PRAGMA busy_timeout = 0", "BEGIN IMMEDIATE"),
        "postgresql": ("SET statement_timeout = '100ms'", "BEGIN; LOCK TABLE foundation_attempt"),
    }[connection.vendor]
    with contextlib.closing(connection.copy()) as other, other.cursor() as locking, connection.cursor() as cursor:
        cursor.execute(wait)
        locking.execute(lock)
        response = client.post("/ja/admin/login/", {"username": "kim", "password": "a long secret"})
        locking.execute("ROLLBACK")
    assert response.status_code == 503
    assert "保存されていません" in response.content.decode()
