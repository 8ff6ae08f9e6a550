"""Settings and fixtures of the whole suite: plain static files, mails in memory, files in a temporary folder."""

import gc
import os
import secrets
import shutil
import tempfile

import pytest
import time_machine
from django.test import Client
from django.utils import translation

from tests.moments import NOW

# Playwright's synchronous interface runs an event loop in the test's thread, where Django refuses its database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


# What tests that explore begin with: another number each run, the same in all its processes, which inherit it.
SEED = int(os.environ.setdefault("TEST_SEED", str(secrets.randbelow(2**32))))


def pytest_sessionstart(session):
    """Say once, however quiet the run is, how to repeat what is explored by chance."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter and not hasattr(session.config, "workerinput"):
        reporter.write_line(f"TEST_SEED={SEED} repeats what this run explores.")


def pytest_configure(config):
    """Keep SQLite's test database in a file, as in production: threads and processes then really compete for it."""
    from django.conf import settings

    config._portal_folder = tempfile.TemporaryDirectory(prefix="portal-test-")
    settings.STATIC_ROOT = config._portal_folder.name  # whitenoise warns of a folder that is not there
    # A real hash takes half a second on purpose; no test is about how hard a password is to guess.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    database = settings.DATABASES["default"]
    database["CONN_MAX_AGE"] = 0  # threads of the live server leave no connection that would hold the test database
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database.setdefault("TEST", {})["NAME"] = f"{config._portal_folder.name}/test.sqlite3"
        # No power cut has to be survived here.
        options = database["OPTIONS"]
        options["init_command"] = options["init_command"].replace("synchronous=NORMAL", "synchronous=OFF")


def pytest_collection_finish():
    """Spare the garbage collector what lasts as long as the suite: going through it again costs a tenth of the time."""
    gc.freeze()


@pytest.fixture(autouse=True)
def _plain_environment(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.MEDIA_ROOT = tmp_path / "media"
    translation.activate(settings.LANGUAGE_CODE)  # a page read in another language leaves it to the next test


@pytest.fixture
def clock():
    """The clock, stopped at NOW; `move_to` and `shift` set it."""
    with time_machine.travel(NOW, tick=False) as stopped:
        yield stopped


@pytest.fixture
def explored_seed():
    """The number from which a test explores, printed at the head of the run and beside a failure."""
    print(f"TEST_SEED={SEED}")  # noqa: T201 - pytest shows it with the failure
    return SEED


@pytest.fixture
def staff_with(django_user_model):
    """A function that makes a client of somebody in the admin with the role that it is given."""

    from django.contrib.auth.models import Group

    def make(role):
        user = django_user_model.objects.create_user(role.lower(), password="x", is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return client

    return make


@pytest.fixture
def registrar(staff_with):
    """The client of a registrar."""
    return staff_with("Registrar")


@pytest.fixture
def editor(staff_with):
    """The client of an editor."""
    return staff_with("Editor")


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, without a window; one for all tests of a process. Skips where there is none."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Its sandbox does not run as root, and a container's shared memory is small.
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser, live_server):
    """A page with its own cookies, on the portal served for this test; `page.complaints` is what the console says."""
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900}, locale="en-GB")
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda message: message.type == "error" and page.complaints.append(message.text))
    yield page
    context.close()
