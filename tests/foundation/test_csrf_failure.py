"""A form that came without its token: said in words, and what was typed is offered once more where that is safe."""

import re

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
TYPED = {"name": "Kim <b>", "message": "two\nlines"}


def post(address, headers, client=None):
    return (client or Client(enforce_csrf_checks=True)).post(address, TYPED, headers=headers)


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://testserver"}, {"Referer": "http://testserver/x/"}]
)
def test_what_was_typed_here_can_be_sent_again_with_a_new_token(headers):
    client = Client(enforce_csrf_checks=True)
    address = reverse("organizations:inquiry_form")
    response = post(address, headers, client)
    page = response.content.decode()
    assert response.status_code == 403
    assert 'name="name" value="Kim &lt;b&gt;"' in page
    assert 'name="message" value="two\nlines"' in page
    assert f'action="{address}"' in page
    assert "no-store" in response["Cache-Control"]
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page).group(1)
    again = client.post(address, {**TYPED, "csrfmiddlewaretoken": token}, headers=headers)
    assert again.status_code == 422  # the form itself, with its own words on what is missing
    assert "Kim &lt;b&gt;" in again.content.decode()


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://other.example"}])
def test_what_another_site_sent_is_not_offered_again(headers):
    response = post(reverse("organizations:inquiry_form"), headers)
    page = response.content.decode()
    assert response.status_code == 403
    assert "Kim" not in page
    assert "Go back with your browser" in page


def test_in_the_admin_nothing_typed_is_shown():
    response = post("/admin/login/", {"Sec-Fetch-Site": "same-origin"})
    assert response.status_code == 403
    assert "Kim" not in response.content.decode()
