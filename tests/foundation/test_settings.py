"""A wrong setting stops the start with one line that says which and why; a right one is honoured."""

import hmac
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils.crypto import salted_hmac

ROOT = Path(__file__).resolve().parents[2]


def start(tmp_path, **environment):
    """Import the settings in a process of their own, with nothing but `environment`, and print a few of them."""
    code = (
        "import json; from wego_portal import settings as s;"
        "print(json.dumps({k: getattr(s, k) for k in dir(s) if k.isupper()}, default=lambda value: None))"
    )
    given = {
        "PATH": os.environ["PATH"],
        "DATA_DIR": str(tmp_path / "data"),
        "PYTHONUTF8": "1",
        "DJANGO_SETTINGS_MODULE": "wego_portal.settings",
        **environment,
    }
    return subprocess.run(
        [sys.executable, "-c", code], env=given, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def settings_of(tmp_path, **environment):
    process = start(tmp_path, **environment)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("DATABASE_URL", "foo://x", "Begin with sqlite:/// or postgres://"),
        ("DATABASE_URL", "postgres://user:hidden@host:port/name", "cannot be read"),
        ("DATABASE_URL", "sqlite:////no/such/folder/x.db", "there is no folder"),
        ("PORT", "abc", "a number from 1 to 65535"),
        ("PORT", "70000", "a number from 1 to 65535"),
        ("DEBUG", "maybe", "Write 1 or 0"),
        ("EMAIL_URL", "pigeon://coop", "Begin with one of: smtp"),
        ("EMAIL_URL", "smtp://", "names no server"),
        ("SITE_URL", "portal.example.org", "https://portal.example.org"),
        ("SITE_URL", "https://portal.example.org/path", "not an address of a site"),
        ("SECRET_KEY", "short", "it has 5 characters"),
        ("HASH_KEY", "hidden", "64 hexadecimal digits"),
        ("DATA_DIR", "/dev/null/data", "cannot be made"),
        ("ALLOWED_HOSTS", "https://x", "not a host name"),
        ("DEFAULT_FROM_EMAIL", "WeGO", "not a mail address"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_one_line(tmp_path, name, value, why):
    process = start(tmp_path, **{name: value})
    assert process.returncode == 1
    assert process.stdout == ""
    (line,) = process.stderr.splitlines()
    assert line.startswith(f"Setting {name} is wrong: ")
    assert why in line
    assert "hidden" not in line


def test_without_settings_everything_is_in_the_data_folder(tmp_path):
    found = settings_of(tmp_path, PORT="8765")
    assert found["SITE_URL"] == "http://127.0.0.1:8765"
    assert found["DATABASES"]["default"]["NAME"] == str(tmp_path / "data" / "portal.sqlite3")
    assert found["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert found["EMAIL_FILE_PATH"] == str(tmp_path / "data" / "mail")
    assert found["DEBUG"] is False
    assert found["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]


def test_a_secret_key_is_made_once_and_for_its_owner_only(tmp_path):
    first, second = settings_of(tmp_path), settings_of(tmp_path)
    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    assert len(first["SECRET_KEY"]) >= 50
    assert stat.S_IMODE((tmp_path / "data" / "secret-key").stat().st_mode) == 0o600


def test_a_secret_key_may_begin_with_a_dollar_sign(tmp_path):
    key = "$" + "k" * 49
    assert settings_of(tmp_path, SECRET_KEY=key)["SECRET_KEY"] == key


def test_the_keys_of_lasting_hashes_are_made_once_and_outlast_the_secret_key(tmp_path):
    old, new = "o" * 50, "n" * 50
    first = settings_of(tmp_path, SECRET_KEY=old)["HASH_KEYS"]
    assert settings_of(tmp_path, SECRET_KEY=new, SECRET_KEY_FALLBACKS=old)["HASH_KEYS"] == first
    assert settings_of(tmp_path, SECRET_KEY=new)["HASH_KEYS"] == first
    file = tmp_path / "data" / "hash-key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert old not in file.read_text()


def test_hashes_made_with_each_secret_key_before_there_was_a_key_of_their_own_are_known(tmp_path):
    keys = ["n" * 50, "o" * 50]
    found = settings_of(tmp_path, SECRET_KEY=keys[0], SECRET_KEY_FALLBACKS=keys[1])["HASH_KEYS"]
    before = [salted_hmac("events.suppression", "a@b.example", secret=key, algorithm="sha256") for key in keys]
    made = [hmac.new(bytes.fromhex(key), b"a@b.example", "sha256") for key in found]
    assert [each.hexdigest() for each in made] == [each.hexdigest() for each in before]


def test_the_keys_of_lasting_hashes_may_be_given(tmp_path):
    given = ["a" * 64, "0" * 64]
    assert settings_of(tmp_path, HASH_KEY=", ".join(given))["HASH_KEYS"] == given
    assert not (tmp_path / "data" / "hash-key").exists()


def test_a_site_on_https_is_secured(tmp_path):
    found = settings_of(tmp_path, SITE_URL="https://portal.example.org/", ALLOWED_HOSTS="www.example.org")
    assert found["SITE_URL"] == "https://portal.example.org"
    assert found["ALLOWED_HOSTS"] == ["portal.example.org", "www.example.org"]  # and no name of this machine
    assert found["SECURE_SSL_HOST"] == "portal.example.org"
    assert (found["SESSION_COOKIE_NAME"], found["CSRF_COOKIE_NAME"]) == ("__Host-sessionid", "__Host-csrftoken")
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SECURE_HSTS_SECONDS"] >= 31_536_000
    assert found["SESSION_COOKIE_SECURE"] is True
    assert found["CSRF_COOKIE_SECURE"] is True


def test_postgresql_and_a_mail_server_take_one_setting_each(tmp_path):
    found = settings_of(
        tmp_path,
        DATABASE_URL="postgres://wego:p%40ss@db.example.org/portal",
        EMAIL_URL="smtp+tls://user:p%40ss@mail.example.org",
    )
    database = found["DATABASES"]["default"]
    assert (database["HOST"], database["NAME"], database["PASSWORD"]) == ("db.example.org", "portal", "p@ss")
    assert database["CONN_HEALTH_CHECKS"] is True
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.example.org", 587, True)
    assert found["EMAIL_HOST_PASSWORD"] == "p@ss"
