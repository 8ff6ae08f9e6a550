"""No list and no address answers with an error 500, whatever stands in its query."""

import re
from urllib.parse import quote

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from tests.factories.events import EventFactory

pytestmark = pytest.mark.django_db

LISTS = [
    "home",
    "events:event_list",
    "events:series_list",
    "events:watch",
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
    "too long": "x" * 5000,
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
@pytest.mark.parametrize("slug", ["no-such", "x" * 5000, "京", "%F0%9F%8F%99", "a%20b", "-", "a/b/c"])
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
        f"/registrations/{'x' * 3000}/",
        "/events/one/registered/abc/",
    ],
)
def test_a_number_or_token_out_of_bounds_is_not_found(client, address):
    assert client.get(address).status_code == 404


FORMS = {
    "inquiry": (
        "organizations:inquiry",
        ["name", "email", "organization_name", "sector", "country", "kind", "message"],
    ),
    "registration": ("events:register", ["name", "email", "organization_name", "sector", "country", "parts"]),
    "lost link": ("events:lost_link", ["email"]),
    "login of staff": ("admin:login", ["username", "password"]),
}


@time_machine.travel("2026-11-23T09:00:00Z", tick=False)
@pytest.mark.parametrize("form", FORMS)
def test_a_nul_typed_in_a_form_is_refused_and_not_in_the_page(client, form):
    name, fields = FORMS[form]
    address = reverse(name, args=[EventFactory(with_part=True).slug] if form == "registration" else [])
    response = client.post(address, {field: f"typed\0{field}" for field in fields})
    assert response.status_code in (200, 422)
    assert b"\0" not in response.content
    assert int(response["Content-Length"]) == len(response.content)
    shown = response.content.decode()
    # An address says for itself what it is made of.
    own = "Enter an e-mail address like" if fields == ["email"] else "Null characters are not allowed."
    assert own in shown
    assert f"typed{fields[0]}" in shown


def test_what_is_offered_again_after_a_lost_token_holds_no_nul():
    strict = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "same-origin"})
    response = strict.post(reverse("organizations:inquiry"), {"message": "typed\0here"})
    assert response.status_code == 403
    assert b"typedhere" in response.content
    assert b"\0" not in response.content


def test_a_nul_is_not_in_what_the_desk_says_of_a_field(admin_client):
    event = EventFactory(with_part=True)
    form = {"event": event.pk, "date": "2026-12-10", "precision": "day\0x"}
    inlines = ("agenda", "recordings", "transcripts", "handouts")
    form |= {f"{inline}-{which}_FORMS": 0 for inline in inlines for which in ("TOTAL", "INITIAL")}
    response = admin_client.post(reverse("admin:events_part_add"), form)
    assert "dayx is not one of the available choices." in response.content.decode()
    assert b"\0" not in response.content


@pytest.mark.parametrize("key", ["x", "", "1; DROP", "-1", "1.5"])
@pytest.mark.parametrize("name", ["events_registration", "events_seat", "events_event", "foundation_outboxmail"])
def test_rows_chosen_by_no_number_are_refused_at_the_desk(admin_client, name, key):
    actions = {"events_registration": "cancel_all", "events_seat": "give_up", "foundation_outboxmail": "send_once_more"}
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
