"""The portal as it is served: by `manage.py web` on a given database, and people who use it by HTTP."""

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from django.conf import settings as django_settings

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60  # seconds until the server must answer
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


def free_port():
    """A port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@contextlib.contextmanager
def refused_port():
    """A port that refuses every connection, held so that nothing else can begin to listen there."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def database_url(connection):
    """The address of the database that a Django connection uses, as the setting DATABASE_URL names it."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    if given["HOST"].startswith("/"):  # the folder of a socket
        return f"postgres://{given['USER']}@/{given['HOST']}/{given['NAME']}"
    return f"postgres://{given['USER']}:{given['PASSWORD']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


@contextlib.contextmanager
def served(database, *, settings="tests.settings_served", **environment):
    """Serve the portal on the database (its DATABASE_URL) as long as the block lasts; yields the port."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="portal-served-") as folder, open(f"{folder}/log", "w") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "web"],
            cwd=ROOT,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": settings,
                "DATABASE_URL": database,
                "DATA_DIR": folder,
                "SECRET_KEY": django_settings.SECRET_KEY,  # personal links made here are good there
                "PORT": str(port),
                "SITE_URL": f"http://127.0.0.1:{port}",
                **environment,
            },
            stdout=log,
            stderr=log,
        )
        try:
            deadline = time.monotonic() + PATIENCE
            while not _answers(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the server does not answer: {Path(folder, 'log').read_text()}")
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(port):
    try:
        return Visitor(port).get("/health/")[0] == 200
    except OSError:
        return False


class Visitor:
    """A person with a browser of her own: one connection, and the cookie that the form gave her."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        self.cookie = ""

    def get(self, address):
        """(status, text) of a page."""
        self.connection.request("GET", address, headers={"Cookie": self.cookie})
        answer = self.connection.getresponse()
        if given := answer.getheader("Set-Cookie"):
            self.cookie = given.partition(";")[0]
        return answer.status, answer.read().decode()

    def send_form(self, address, **fields):
        """Fetch the form at the address and send it filled in; returns (status, address it leads to, text)."""
        status, text = self.get(address)
        if status != 200:
            return status, None, text
        body = urlencode({"csrfmiddlewaretoken": TOKEN.search(text)[1], **fields}, doseq=True)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        self.connection.request("POST", address, body, headers)
        answer = self.connection.getresponse()
        location = answer.getheader("Location")
        return answer.status, location and urlsplit(location).path, answer.read().decode()

    def close(self):
        """End the connection."""
        self.connection.close()


def all_at_once(calls):
    """Run the calls in threads that start together; returns what each returned, or raised."""
    start, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number, call):
        start.wait()
        try:
            results[number] = call()
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=each) for each in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results
