"""What is sent is bounded before it is looked at, and no answer is more than a small multiple of it."""

from urllib.parse import quote

import pytest
from django import forms
from django.test import Client

from events.models import Registration
from tests.events.form_filling import TYPED, fetched
from wego_portal.foundation.bounds import BoundedMixin

from .public_forms import public_fields, typed_into

pytestmark = pytest.mark.django_db

# A sign such as " is six characters in HTML; the rest is for what the page says of it.
MULTIPLE = 8
KILOBYTE = 1_000
FORM_TYPES = ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "x/y"]


class Unread:
    """A body that must not be read."""

    def read(self, *_args):
        raise AssertionError("the body was read")

    readline = read


def post_unread(client, address, size, content_type="multipart/form-data; boundary=x"):
    """The answer to a form of `size` bytes whose reading fails the test."""
    environment = {"CONTENT_LENGTH": str(size), "CONTENT_TYPE": content_type, "wsgi.input": Unread()}
    return client.generic("POST", address, **environment)


def test_every_text_field_of_every_public_form_has_a_bound():
    fields = public_fields()
    texts = {name: field for name, field in fields.items() if isinstance(field, forms.CharField | forms.ChoiceField)}
    assert [name for name, field in texts.items() if not isinstance(field, BoundedMixin)] == []
    assert [name for name, field in texts.items() if not field.max_length] == []
    others = {type(field) for name, field in fields.items() if name not in texts}
    assert others <= {forms.BooleanField}
    assert len(texts) >= 60, sorted(texts)


@pytest.mark.parametrize("sign", ['"', "&", "'", "京", "\n"])
def test_no_answer_to_a_form_is_much_larger_than_what_was_sent(client, form_addresses, sign):
    for address in form_addresses.values():
        empty = client.get(address)
        form = empty.context["form"]
        fields = len(typed_into(form, ""))
        for size in (1, 10 * KILOBYTE, 250 * KILOBYTE):
            text = sign * (size // fields // len(sign.encode()))
            response = client.post(address, {**typed_into(form, text), "do": "change"})
            assert len(response.content) < len(empty.content) + MULTIPLE * size + 10 * KILOBYTE, (address, size)
            assert len(response.content) < 600 * KILOBYTE, (address, size)


@pytest.mark.parametrize("size", [10 * KILOBYTE, 250 * KILOBYTE, 2_500 * KILOBYTE])
def test_no_answer_to_a_form_without_its_token_is_much_larger(size):
    strict = Client(enforce_csrf_checks=True, headers={"Sec-Fetch-Site": "same-origin"})
    for name, value in (("message", '"' * size), ('"' * size, "x")):
        response = strict.post("/membership/", {name: value})
        assert response.status_code in (400, 403, 413)
        assert len(response.content) < min(MULTIPLE * size, 400 * KILOBYTE) + 20 * KILOBYTE


def test_a_form_of_very_many_fields_is_refused(client):
    assert client.post("/membership/", {f"f{number}": "x" for number in range(501)}).status_code == 413


@pytest.mark.parametrize(
    "address",
    ["/events/", "/watch/", "/news/", "/organizations/", "/cases/", "/ja/events/", "/", "/no-such-page/", "/about/"],
)
def test_no_page_grows_with_its_address(client, address):
    plain = len(client.get(address).content)
    for sign in ("x", '"', "'", "京", "&"):
        text = quote(sign * 400)
        queries = [f"{name}={text}" for name in ("q", "series", "no_such", "page")]
        for query in [*queries, "&".join(["series=" + "x" * 60] * 48)]:
            response = client.get(f"{address}?{query}")
            assert response.status_code in (200, 404), query
            allowed = max(plain, 9 * KILOBYTE) + 5 * len(query) + KILOBYTE
            assert len(response.content) < allowed, (query[:20], len(query))


def test_no_page_grows_with_its_path(client):
    for start in ("/events/", "/registrations/", "/invitations/", "/unsubscribe/", "/ja/"):
        plain = len(client.get(f"{start}x/").content)
        for sign in ("x", "'", "京", '"'):
            path = quote(sign * (2_000 // len(sign.encode())), safe="'")
            response = client.get(f"{start}{path}/")
            assert response.status_code in (400, 404, 414), path
            assert len(response.content) < plain + KILOBYTE, (start, sign)
            # Short enough to be repeated, it is in the links to the other languages.
            response = client.get(f"{start}{path[:400]}/")
            assert len(response.content) < plain + 20 * KILOBYTE, (start, sign)


def test_links_of_a_list_repeat_only_what_it_understood(client):
    page = client.get("/events/?when=past&no_such=1&series=nonsense&recording=yes&q=smart").content.decode()
    assert "no_such" not in page
    assert "series=nonsense" not in page
    assert 'href="/ja/events/?when=past&amp;recording=on&amp;q=smart"' in page


@pytest.mark.parametrize(
    "address", [f"/{'x' * 2_100}/", f"/events/?q={'x' * 5_000}", f"/events/?{'&'.join(['a=1'] * 51)}"]
)
def test_a_long_address_is_refused_in_words(client, address):
    response = client.get(address)
    assert response.status_code == 414
    assert "This address is too long" in response.content.decode()
    assert len(response.content) < 12 * KILOBYTE


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "a=" + "x" * 9_000},
        {"Referer": "http://testserver/" + "x" * 9_000},
        {f"X-{number}": "x" * 4_000 for number in range(9)},
    ],
)
def test_long_headers_are_refused_in_words(client, headers):
    response = client.get("/", headers=headers)
    assert response.status_code == 431
    assert "delete those of this site" in response.content.decode()


@pytest.mark.parametrize("address", ["/admin/login/", "/admin/events/event/add/", "/membership/", "/", "/no-such/"])
@pytest.mark.parametrize("content_type", FORM_TYPES)
def test_what_is_large_is_refused_unread(client, address, content_type):
    for size in (60_000_000, 300_000):
        response = post_unread(client, address, size, content_type)
        assert response.status_code == 413
        assert "Nothing was saved" in response.content.decode()


def test_only_staff_may_send_much_and_only_to_the_admin(client, editor, django_user_model):
    client.force_login(django_user_model.objects.create_user("visitor"))
    large = {"title_en": "x" * 300_000}
    assert client.post("/admin/events/event/add/", large).status_code == 413
    assert editor.post("/admin/events/event/add/", large).status_code == 200
    assert editor.post("/membership/", large).status_code == 413
    assert post_unread(editor, "/admin/events/event/add/", 600_000_000).status_code == 413


def test_a_search_in_the_admin_is_of_a_few_words(admin_client):
    for query in ("x" * 201, "a " * 21):
        response = admin_client.get("/admin/events/event/", {"q": query})
        assert response.status_code == 400
        assert "This search is too long" in response.content.decode()
    assert admin_client.get("/admin/events/event/", {"q": "a " * 20}).status_code == 200


def test_a_line_break_counts_once(client, form_addresses):
    message = "a\r\n" * 1_999 + "ab"  # 4,000 characters
    address = form_addresses["InquiryForm"]
    assert "at most 4000" not in client.post(address, {"message": message}).content.decode()
    assert "at most 4000 characters (it has 4001)" in client.post(address, {"message": message + "c"}).content.decode()


def test_what_is_a_little_too_long_is_shown_again_in_full(client, form_addresses):
    text = "word " * 1_200
    page = client.post(form_addresses["InquiryForm"], {"message": text}).content.decode()
    assert text.strip() in page
    assert "at most 4000 characters" in page


def test_repeated_choices_are_refused(client, form_addresses):
    address = form_addresses["RegistrationForm"]
    sent = {**TYPED, **fetched(), "email": "new@city.example", "parts": ["1"] * 100}
    response = client.post(address, sent)
    assert response.status_code == 422
    assert Registration.objects.count() == 1


@pytest.mark.parametrize(
    "value", ["Sr.Manager/Planning", "Asst.Dir./Transport", "Dept.Head/IT", "cars.com", "St. Gallen", "and/or", "A/B.C"]
)
def test_a_title_with_a_dot_and_a_slash_is_no_web_address(value):
    assert public_fields()["RegistrationForm.position"].clean(value) == value


@pytest.mark.parametrize(
    "value",
    [
        *("evil.example/login", "bit.ly/x", "Evil.Com/Login", "city.go.jp/a", "a bb.click/x", "x http://a", "www.a"),
        *("evil.com:8080/x", "東京.jp/x", "пример.рф/x", "evil.xn--p1ai/x", "Sr.Manager/Planning evil.shop/x"),
    ],
)
def test_what_a_mail_program_makes_a_link_is_a_web_address(value):
    with pytest.raises(forms.ValidationError, match="without a web address"):
        public_fields()["RegistrationForm.position"].clean(value)
