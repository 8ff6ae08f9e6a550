"""Clients that send or read slowly, or not at all, keep nobody else from being served; directly and behind nginx."""

import contextlib
import os
import re
import resource
import shutil
import socket
import subprocess
import threading
import time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from tests.factories.events import HandoutFactory
from tests.serving import PATIENCE, ROOT, Visitor, database_url, free_port, served
from wego_portal.foundation.publication import Publication

pytestmark = pytest.mark.django_db(transaction=True)
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
MANY = 25  # clients of each kind
PAUSE = 0.2  # seconds between two bytes of those that trickle
FILE_SIZE = 8_000_000  # more than the buffers of both ends of a connection hold
HEADERS = b"Host: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
POST = b"POST /membership/ HTTP/1.1\r\n" + HEADERS + b"Content-Length: 5000\r\n\r\n"
CHUNKED = b"POST /membership/ HTTP/1.1\r\n" + HEADERS + b"Transfer-Encoding: chunked\r\n\r\n"
UPLOAD = b"POST /admin/ HTTP/1.1\r\nCookie: sessionid=x\r\n" + HEADERS + b"Content-Length: 500000000\r\n\r\n"


@contextlib.contextmanager
def behind_nginx(port, folder):
    """nginx with docs/nginx.conf before the portal on this port; yields its own port."""
    if not NGINX:
        pytest.skip("nginx is not installed")
    own, redirecting = free_port(), free_port()
    site = (ROOT / "docs/nginx.conf").read_text()
    for there, here in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{port};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{own};"),
        ("listen 80;", f"listen 127.0.0.1:{redirecting};"),
    ):
        assert there in site
        site = site.replace(there, here)
    site = re.sub(r"(?m)^ *ssl_certificate.*\n", "", site)
    folder.mkdir()
    folder.chmod(0o755)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in kinds)
    main = f"pid {folder}/pid;\nerror_log {folder}/log;\ndaemon off;\nworker_processes 1;\n"
    if os.geteuid() == 0:
        main += "user root;\n"
    (folder / "nginx.conf").write_text(
        f"{main}events {{ worker_connections 4096; }}\nhttp {{\naccess_log off;\n{paths}{site}}}\n"
    )
    process = subprocess.Popen([NGINX, "-e", f"{folder}/log", "-p", folder, "-c", f"{folder}/nginx.conf"])
    try:
        until(lambda: status_of(own, "/health/") == 200, "nginx's answer")
        yield own
    finally:
        process.terminate()
        process.wait(PATIENCE)


def until(condition, what):
    """Poll until the condition holds; fail after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come within {PATIENCE} s"
        time.sleep(0.05)


def status_of(port, address):
    """The status that the address is answered with; None if there is no answer within PATIENCE."""
    visitor = Visitor(port)
    try:
        return visitor.get(address)[0]
    except OSError:
        return None
    finally:
        visitor.close()


class SlowClients:
    """Connections that have sent what `openings` say, and of which those in `trickling` send on byte by byte."""

    def __init__(self, port):
        self.port, self.sockets, self.trickling = port, [], []
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self._trickle)
        self.thread.start()

    def add(self, count, opening, *, then=None):
        """Open `count` connections more, send each the opening, and then what stands in `then` again and again."""
        for _number in range(count):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.connect(("127.0.0.1", self.port))
            client.sendall(opening)
            self.sockets.append(client)
            if then:
                self.trickling.append((client, then))

    def _trickle(self):
        while not self.stopping.wait(PAUSE):
            for client, piece in list(self.trickling):
                with contextlib.suppress(OSError):
                    client.send(piece, socket.MSG_DONTWAIT)

    def left(self):
        """How many connections the server has not closed."""
        return sum(not is_closed(client) for client in self.sockets)

    def close(self):
        """End all of them."""
        self.stopping.set()
        self.thread.join()
        for client in self.sockets:
            client.close()


def is_closed(client):
    """Whether the server has ended the connection, however much of its answer was never read."""
    state = client.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    return state != 1  # ESTABLISHED


@pytest.fixture
def slow_clients():
    """A function that makes SlowClients on a port; they are closed at the end of the test."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < 4096:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard) if hard > 0 else 4096, hard))
    made = []

    def make(port):
        made.append(SlowClients(port))
        return made[-1]

    yield make
    for clients in made:
        clients.close()


@pytest.fixture
def handout(tmp_path):
    """A published file that is larger than what connections buffer."""
    content = b"%PDF-" + b"x" * FILE_SIZE
    event = {"part__event__publication": Publication.PUBLISHED}
    return HandoutFactory(url="", file=SimpleUploadedFile("slides.pdf", content), **event)


def attack(clients, handout):
    """Have MANY clients of each kind; returns how many they are."""
    file = f"GET {handout.file.url} HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()
    clients.add(MANY, b"")
    clients.add(MANY, b"\r\n", then=b"\r\n")
    clients.add(MANY, b"GET / HTTP/1.1\r\nHost: ")
    clients.add(MANY, b"GET / HTTP/1.1\r\nX-Header: ", then=b"x")
    clients.add(MANY, POST + b"name=")
    clients.add(MANY, POST, then=b"x")
    clients.add(MANY, CHUNKED, then=b"1\r\nx\r\n")
    clients.add(MANY, UPLOAD, then=b"x")
    clients.add(MANY, file + b"\r\n")
    clients.add(MANY, (file + b"\r\n") * 3)
    clients.add(MANY, file + b"Range: bytes=100-\r\n\r\n")
    return len(clients.sockets)


def assert_served(port, handout):
    """Health, a page and a file are answered, some times over."""
    for _number in range(5):
        assert status_of(port, "/health/") == 200
        assert status_of(port, f"/events/{handout.part.event.slug}/") == 200
    visitor = Visitor(port)
    visitor.connection.request("GET", handout.file.url)
    assert len(visitor.connection.getresponse().read()) == FILE_SIZE + 5
    visitor.close()


@pytest.mark.parametrize("front", ["directly", "behind nginx"])
def test_slow_clients_keep_nobody_from_being_served(front, slow_clients, handout, tmp_path):
    with contextlib.ExitStack() as stack:
        port = stack.enter_context(served(database_url(connection), DATA_DIR=str(tmp_path)))
        if front == "behind nginx":
            port = stack.enter_context(behind_nginx(port, tmp_path / "nginx"))
        clients = slow_clients(port)
        assert attack(clients, handout) == 11 * MANY
        assert_served(port, handout)
        assert clients.left() > 9 * MANY  # none had been sent away to make room


def test_slow_clients_are_sent_away_when_their_time_is_over_and_others_are_not(slow_clients, handout, tmp_path):
    with served(database_url(connection), DATA_DIR=str(tmp_path), CLIENT_SECONDS="2") as port:
        clients, steady = slow_clients(port), slow_clients(port)
        attack(clients, handout)
        steady.add(1, UPLOAD, then=b"x" * 100_000)
        until(lambda: clients.left() == 0, "the end of the slow clients")
        assert steady.left() == 1
        assert_served(port, handout)


def test_more_slow_clients_than_the_server_holds_make_room_for_others(slow_clients, handout, tmp_path):
    with served(database_url(connection), DATA_DIR=str(tmp_path)) as port:
        clients = slow_clients(port)
        clients.add(1_500, POST)
        assert_served(port, handout)


def answer_to(port, request):
    """All bytes that the server answers with until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as client:
        client.sendall(request)
        with contextlib.suppress(ConnectionResetError):
            return b"".join(iter(lambda: client.recv(65536), b""))


def test_what_the_web_server_itself_decides(handout, tmp_path):
    """Large bodies are taken from staff alone, HEAD has no body, and requests may follow each other."""
    with served(database_url(connection), DATA_DIR=str(tmp_path)) as port:
        announced = b" HTTP/1.1\r\n" + HEADERS + b"Content-Length: 60000000\r\n"
        for address in (b"/membership/", b"/admin/login/", b"/ja/admin/login/"):
            refused = answer_to(port, b"POST " + address + announced + b"Cookie: sessionid=x\r\n\r\n")
            assert refused.startswith(b"HTTP/1.1 413 ")
        assert answer_to(port, b"POST /admin/" + announced + b"\r\n").startswith(b"HTTP/1.1 413 ")
        head = answer_to(port, b"HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        assert re.search(rb"\r\nContent-Length: [1-9]\d{3,}\r\n", head)
        assert head.endswith(b"\r\n\r\n")
        assert head.count(b"\r\n\r\n") == 1
        health = b"GET /health/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        assert answer_to(port, health + b"\r\n" + health + b"Connection: close\r\n\r\n").count(b"\r\n\r\nok\n") == 2


def test_a_header_with_an_underscore_is_not_the_one_with_a_hyphen(handout, tmp_path):
    secured = {"SITE_URL": "https://portal.example.org", "ALLOWED_HOSTS": "127.0.0.1"}
    with served(database_url(connection), DATA_DIR=str(tmp_path), **secured) as port:
        plain = b"GET /about/ HTTP/1.1\r\n" + HEADERS + b"Connection: close\r\n"
        assert answer_to(port, plain + b"X_Forwarded_Proto: https\r\n\r\n").startswith(b"HTTP/1.1 301 ")
        both = b"X-Forwarded-Proto: https\r\nX_Forwarded_Proto: http\r\n\r\n"
        assert answer_to(port, plain + both).startswith(b"HTTP/1.1 200 ")
