"""What a visitor may send that nobody should: refused with a page that says so, never an error 500."""

import pytest
from django.test import RequestFactory
from django.urls import reverse

from tests.factories.events import CueFactory, StoryFactory
from wego_portal.wsgi import application

FORM = "application/x-www-form-urlencoded"


def page_of(response):
    return response.content.decode()


@pytest.mark.parametrize(
    "charset", ["utf-16", "UTF-7", "latin-1", "hex", "rot13", "no-such", "idna", "%00", "a" * 5000]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_charset_than_utf_8_is_refused_before_the_form_is_read(client, method, charset):
    response = client.generic(method, "/health/", b"a=1", content_type=f"{FORM}; charset={charset}")
    assert response.status_code == 415
    assert "UTF-8 only" in page_of(response)


@pytest.mark.django_db
@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", "utf8", '"utf-8"'])
def test_utf_8_by_any_name_is_accepted(client, charset):
    response = client.post("/admin/login/", data=b"username=%E4%BA%AC", content_type=f"{FORM}; charset={charset}")
    assert response.status_code == 200
    assert 'value="京"' in page_of(response)


@pytest.mark.parametrize(
    "address", ["/%FF/", "/%00/", "/a%00b/", "/about/%80/", "/?q=%FF", "/?q=%00", "/?%00=1", "/health/?a=1&b=%ED%A0%80"]
)
def test_an_address_that_is_no_text_is_refused(client, address):
    response = client.get(address)
    assert response.status_code == 400
    assert "cannot be read" in page_of(response)


def test_the_refusal_speaks_the_language_of_the_address(client):
    response = client.get("/ko/%FF/")
    assert response.status_code == 400
    assert '<html lang="ko">' in page_of(response)


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"username=%FF", b"username=\xff", b"\xff=1"])
def test_a_form_that_is_not_utf_8_is_refused(client, body):
    response = client.post("/admin/login/", data=body, content_type=FORM)
    assert response.status_code == 400
    assert "send it again" in page_of(response)


@pytest.mark.django_db
def test_nul_in_a_cookie_is_refused(client):
    client.cookies["sessionid"] = "\0abcdefghijk"
    assert client.get("/admin/").status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"username=" + b"a" * 3_000_000, FORM),
        (b"&".join(b"a=1" for _ in range(5_001)), FORM),
    ],
)
def test_too_much_is_refused(client, body, content_type):
    response = client.post("/admin/login/", data=body, content_type=content_type)
    assert response.status_code == 413
    assert "Nothing was saved" in page_of(response)


def test_too_many_values_in_an_address_are_refused(client):
    response = client.get("/?" + "&".join(["a=1"] * 51))
    assert response.status_code == 414
    assert "too long" in page_of(response)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff"]
)
def test_a_form_that_cannot_be_taken_apart_is_refused(client, content_type):
    assert client.post("/admin/login/", data=b"x", content_type=content_type).status_code == 400


def test_an_unknown_host_is_answered_with_the_right_address(client, settings):
    settings.SITE_URL = "https://portal.example.org"
    response = client.get("/", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "https://portal.example.org" in page_of(response)
    assert "evil.example" not in page_of(response)


def test_every_answer_carries_the_security_headers(client):
    for response in (client.get("/%FF/"), client.get("/no-such-page/")):
        policy = response["Content-Security-Policy"]
        assert "script-src 'self';" in policy + ";"
        assert "unsafe" not in policy
        assert "nonce" not in policy
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert "geolocation=()" in response["Permissions-Policy"]


@pytest.mark.parametrize("host", ["testserver:0", "testserver:99999", "testserver:123456789"])
def test_a_host_with_a_port_that_cannot_be_is_refused(client, host):
    response = client.get("/", headers={"Host": host})
    assert response.status_code == 400
    assert b"99999" not in response.content


@pytest.mark.django_db
def test_absolute_addresses_are_the_sites_own_whatever_it_was_asked_as(client, settings):
    settings.ALLOWED_HOSTS = ["other.example"]
    story, cue = StoryFactory(), CueFactory()
    shown = cue.transcript
    transcript = reverse("events:transcript_file", args=[shown.part.event.slug, shown.pk, "txt"])
    for address in ("/", story.get_absolute_url(), reverse("events:news_feed"), "/sitemap.xml", transcript):
        response = client.get(address, headers={"Host": "other.example:8443"})
        assert response.status_code == 200, address
        assert b"other.example" not in b"".join(response), address


@pytest.mark.django_db
class TestNothingPrivateIsKept:
    ADDRESS = "/registrations/abc.1.def/"

    def test_what_middleware_answers_outside_of_any_view(self, client, settings):
        settings.SECURE_SSL_REDIRECT, settings.SECURE_SSL_HOST = True, "portal.example.org"
        redirect = client.get(self.ADDRESS)
        assert redirect.status_code == 301
        assert redirect["Location"] == f"https://portal.example.org{self.ADDRESS}"
        assert redirect["Cache-Control"] == "no-store"

    def test_a_redirect_to_the_address_with_its_slash(self, client):
        redirect = client.get(self.ADDRESS.rstrip("/"))
        assert (redirect.status_code, redirect["Cache-Control"]) == (301, "no-store")

    @pytest.mark.parametrize("method", ["get", "put", "post"])
    def test_every_error(self, client, method):
        response = getattr(client, method)(self.ADDRESS)
        assert response.status_code in (404, 405)
        assert "no-store" in response["Cache-Control"]

    def test_while_a_public_page_is_kept_for_revalidation(self, client):
        assert client.get("/about/")["Cache-Control"] == "no-cache"


@pytest.mark.django_db
@pytest.mark.parametrize("declared", ["text/plain; charset*=nosuch''x", "text/plain; charset*=utf-8''%FF", "; ;=;*="])
def test_a_type_that_cannot_be_read_is_no_error_of_the_portal(declared):
    answered = []
    environ = RequestFactory().get("/robots.txt").environ
    environ["CONTENT_TYPE"] = declared
    body = application(environ, lambda status, headers: answered.append(status))
    body.close()
    assert int(answered[0].split()[0]) in (200, 415)
