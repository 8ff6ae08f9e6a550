"""The membership and partnership inquiry, through its form."""

import datetime
import re

import pytest
import time_machine
from django.test import Client

from organizations.models import Inquiry
from tests.events.form_filling import fetched
from tests.markup import markup

pytestmark = pytest.mark.django_db
FORM = "/membership/"
GOOD = {
    "kind": "membership",
    "name": "Kim Min-ji",
    "email": "minji@city.go.kr",
    "organization_name": "City of Example",
    "sector": "municipal",
    "country": "KR",
    "message": "We would like to join.",
    "consent": "on",
}


@time_machine.travel("2026-11-23T03:04:05Z", tick=False)
def test_an_inquiry_is_kept_with_its_consent_and_answered_by_a_page_of_its_own(client):
    response = client.post(f"/ja{FORM}", {**GOOD, **fetched()})
    assert (response.status_code, response["Location"]) == (302, "/ja/membership/sent/")
    assert client.get(response["Location"]).status_code == 200
    inquiry = Inquiry.objects.get()
    for field in GOOD.keys() - {"consent"}:
        assert getattr(inquiry, field) == GOOD[field]
    assert inquiry.state == "new"
    assert inquiry.language == "ja"
    assert inquiry.consent_text
    assert inquiry.sent_at == datetime.datetime(2026, 11, 23, 3, 4, 5, tzinfo=datetime.UTC)


def test_the_form_is_never_kept_by_a_cache_and_says_what_each_field_takes(client):
    response = client.get(FORM)
    page = markup(response)
    assert "no-store" in response["Cache-Control"]
    for autocomplete in ("name", "email", "organization", "country"):
        assert f'autocomplete="{autocomplete}"' in page
    assert "data-error-summary" not in page


@pytest.mark.parametrize("field", GOOD)
def test_each_field_left_out_is_named_above_and_beside_and_the_rest_is_kept(client, field):
    response = client.post(FORM, {name: value for name, value in GOOD.items() if name != field})
    page = markup(response)
    assert response.status_code == 422
    assert page.count("One thing needs your attention") == 1
    target = {"kind": "id_kind_0"}.get(field, f"id_{field}")
    assert f'<a href="#{target}">' in page
    assert f'id="{target}"' in page
    assert f'id="id_{field}_error"' in page
    assert re.search(rf'aria-describedby="[^"]*\bid_{field}_error"', page)
    for name in {"name", "email", "organization_name"} - {field}:
        assert f'value="{GOOD[name]}"' in page
    assert "<title>Error: " in page
    assert not Inquiry.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an address"),
        ("email", "a@b.org\r\nBcc: c@d.org"),
        ("email", "x" * 250 + "@example.org"),
        ("name", "x" * 151),
        ("organization_name", "x" * 201),
        ("message", "x" * 4001),
        ("message", "   "),
        ("sector", "pirates"),
        ("country", "QQ"),
        ("kind", "nonsense"),
    ],
)
def test_what_is_wrong_is_refused_beside_its_field(client, field, value):
    response = client.post(FORM, GOOD | fetched() | {field: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert not Inquiry.objects.exists()


@pytest.mark.parametrize("value", ["with\x00NUL", "\x00"])
def test_a_nul_is_refused(client, value):
    assert client.post(FORM, GOOD | fetched() | {"message": value}).status_code == 400
    assert not Inquiry.objects.exists()


@pytest.mark.parametrize("text", ["مرحبا بكم في المدينة", "🏙️ smart", "<script>alert(1)</script>", "東京都より"])
def test_any_writing_is_kept_as_it_is_and_shown_without_harm(client, text):
    response = client.post(FORM, GOOD | fetched() | {"message": text, "name": text, "email": "wrong"})
    assert response.status_code == 422
    assert "<script>alert" not in markup(response)
    client.post(FORM, GOOD | fetched() | {"message": text, "name": text})
    assert Inquiry.objects.get().message == text


def test_without_its_token_the_form_is_refused_and_nothing_kept():
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(FORM, {**GOOD, **fetched()}).status_code == 403
    assert not Inquiry.objects.exists()


def test_the_page_after_it_takes_no_session_and_no_queries(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get(FORM)
        response = client.get("/membership/sent/")
    assert not response.cookies


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(client, method):
    assert getattr(client, method)(FORM).status_code == 405
