"""Signing in to the back office: guessing is slowed down and said in the log, and a shared office is not locked out."""

import datetime
import logging
import threading

import pytest
from django.urls import reverse

from wego_portal.site import login
from wego_portal.site.login import MAX_BY_ACCOUNT_AND_NETWORK, MAX_BY_NETWORK, MAX_QUEUED_LOGINS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LOGIN = reverse("admin:login")
HERE, ELSEWHERE = "203.0.113.7", "198.51.100.7"
WRONG = "Please enter the correct username and password"


@pytest.fixture
def ada(django_user_model):
    return django_user_model.objects.create_user("ada", password="a right password", is_staff=True)


def attempt(client, password="wrong", name="ada", network=HERE, **more):
    return client.post(LOGIN, {"username": name, "password": password, **more}, REMOTE_ADDR=network)


def is_signed_in(client):
    return "_auth_user_id" in client.session


def test_after_ten_wrong_passwords_not_even_the_right_one_is_looked_at(client, ada, clock, monkeypatch):
    for _ in range(MAX_BY_ACCOUNT_AND_NETWORK):
        assert WRONG in attempt(client).content.decode()
    checked = []
    monkeypatch.setattr("django.contrib.auth.base_user.check_password", lambda *given, **_: checked.append(given))
    answer = attempt(client, "a right password")
    assert "Too many attempts" in answer.content.decode()
    assert b'value="ada"' in answer.content
    assert checked == []
    monkeypatch.undo()
    assert not is_signed_in(client)
    clock.shift(datetime.timedelta(minutes=10))
    attempt(client, "a right password")
    assert is_signed_in(client)


def test_the_owner_signs_in_from_elsewhere_and_colleagues_from_the_same_office(client, ada, django_user_model):
    django_user_model.objects.create_user("bea", password="another right one", is_staff=True)
    for _ in range(MAX_BY_ACCOUNT_AND_NETWORK + 1):
        attempt(client)
    attempt(client, "another right one", name="bea")
    assert is_signed_in(client)
    client.logout()
    attempt(client, "a right password", network=ELSEWHERE)
    assert is_signed_in(client)


def test_who_signs_in_often_is_not_locked_out(client, ada):
    for _ in range(2 * MAX_BY_ACCOUNT_AND_NETWORK):
        client.logout()
        attempt(client, "a right password")
        assert is_signed_in(client)


@pytest.mark.parametrize("name", ["ADA", "ａｄａ"])
def test_another_spelling_is_the_same_account(client, ada, name):
    for _ in range(MAX_BY_ACCOUNT_AND_NETWORK):
        attempt(client, name=name)
    assert "Too many attempts" in attempt(client, "a right password").content.decode()


def test_one_network_tries_only_so_many_accounts(client, ada, monkeypatch):
    monkeypatch.setattr(login, "MAX_BY_NETWORK", 5)
    for number in range(5):
        attempt(client, name=f"guess{number}")
    assert "Too many attempts" in attempt(client, "a right password").content.decode()
    assert MAX_BY_NETWORK == 100


def test_the_log_says_what_failed_and_nothing_that_was_typed(client, ada, caplog):
    caplog.set_level(logging.WARNING)
    attempt(client, "secret typed")
    attempt(client, "secret typed", name="secret in the wrong field")
    for _ in range(MAX_BY_ACCOUNT_AND_NETWORK):
        attempt(client)
    lines = [record.getMessage() for record in caplog.records if record.name == "wego_portal.site.login"]
    assert lines[0] == f"sign-in failed: account {ada.pk}, from 203.0.113.0/24"
    assert lines[1] == "sign-in failed: an unknown account, from 203.0.113.0/24"
    assert lines[-1] == f"sign-in refused, too many attempts: account {ada.pk}, from 203.0.113.0/24"
    assert "secret" not in caplog.text


def test_few_logins_queue_for_a_hash_and_the_others_are_refused_at_once(client, ada):
    for _ in range(MAX_QUEUED_LOGINS):
        assert login._queue_slots.acquire(blocking=False)
    try:
        assert "Many people are signing in" in attempt(client, "a right password").content.decode()
    finally:
        for _ in range(MAX_QUEUED_LOGINS):
            login._queue_slots.release()
    attempt(client, "a right password")
    assert is_signed_in(client)


def test_hashes_are_computed_one_at_a_time():
    inside, most, start = [], [], threading.Barrier(MAX_QUEUED_LOGINS)

    def sign_in():
        start.wait()
        with login._one_at_a_time():
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=sign_in) for _ in range(MAX_QUEUED_LOGINS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * MAX_QUEUED_LOGINS


@pytest.mark.parametrize("target", ["", "https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil"])
def test_who_signs_in_comes_to_the_first_page_and_never_to_another_site(client, ada, target):
    answer = attempt(client, "a right password", next=target)
    assert (answer.status_code, answer["Location"]) == (302, reverse("admin:index"))


@pytest.mark.parametrize(("name", "password"), [("x" * 100_000, "y"), ("x", "y" * 100_000), ("", ""), ("\0", "\0")])
def test_no_input_breaks_it(client, name, password):
    assert attempt(client, password, name=name).status_code in (200, 400)
