"""`manage.py serve`: from an empty folder to a portal that answers; its worker comes back; SIGTERM ends all of it."""

import contextlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.serving import free_port, refused_port

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds until a process must have done what is waited for


def until(condition, what):
    """Poll until `condition` gives something true, and return it; fail after the deadline."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.1)
    pytest.fail(f"{what} did not happen within {PATIENCE} s")


def children_of(pid):
    listed = subprocess.run(["ps", "-ww", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    return {int(child): arguments for child, parent, arguments in rows if int(parent) == pid}


@pytest.fixture
def environment(tmp_path):
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**clean, "DATA_DIR": str(tmp_path), "PORT": str(free_port()), "PYTHONUTF8": "1"}


def serve(environment, log):
    return subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--set-up"], cwd=ROOT, env=environment, stdout=log, stderr=log
    )


def test_serving_from_nothing_and_again(environment, tmp_path):
    log = tmp_path / "log"
    with log.open("w") as out:
        process = serve(environment, out)
    try:
        until(lambda: "The portal is ready" in log.read_text() or process.poll() is not None, "the start")
        said = log.read_text()
        address = f"http://127.0.0.1:{environment['PORT']}"
        assert f"Portal    {address}/" in said
        assert f"Admin     {address}/admin/" in said
        assert re.search(r"Login     staff, password \S{16} ", said)
        assert str(tmp_path / "mail") in said
        assert str(tmp_path / "portal.sqlite3") in said
        assert urlopen(f"{address}/", timeout=10).status == 200
        assert urlopen(f"{address}/ko/organizations/", timeout=10).status == 200

        worker = next(pid for pid, arguments in children_of(process.pid).items() if "worker" in arguments.split())
        os.kill(worker, signal.SIGKILL)
        until(
            lambda: [
                pid
                for pid, arguments in children_of(process.pid).items()
                if "worker" in arguments.split() and pid != worker
            ],
            "the worker's return",
        )
        second = subprocess.run(
            [sys.executable, "manage.py", "serve"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 1
        (line,) = second.stderr.splitlines()
        assert f"Port {environment['PORT']} on 127.0.0.1 cannot be used" in line

        children = children_of(process.pid)
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert not [pid for pid in children if Path(f"/proc/{pid}").exists()]
    finally:
        process.kill()
        process.wait()

    with sqlite3.connect(tmp_path / "portal.sqlite3") as database:
        database.execute("UPDATE auth_user SET first_name = 'Kept'")
        events = database.execute("SELECT count(*) FROM events_event").fetchone()
    log.write_text("")
    with log.open("w") as out:
        process = serve(environment, out)
    try:
        until(lambda: "The portal is ready" in log.read_text() or process.poll() is not None, "the second start")
        assert "Keeping the content that is there" in log.read_text()
        assert "changepassword staff" in log.read_text()
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
    with sqlite3.connect(tmp_path / "portal.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM events_event").fetchone() == events
        assert database.execute("SELECT first_name FROM auth_user").fetchall() == [("Kept",)]


@contextlib.contextmanager
def postgresql_that_refuses():
    """A server that knows nobody's password; yields its port."""
    fields = b'SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user "user"\0\0'
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse():
            with contextlib.suppress(OSError):
                while True:
                    client = server.accept()[0]
                    with client:
                        while int.from_bytes(client.recv(8)[4:]) in (80877103, 80877104):  # asks for encryption
                            client.sendall(b"N")
                        client.sendall(b"E" + (len(fields) + 4).to_bytes(4) + fields)

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.parametrize("command", ["serve", "web", "worker"])
@pytest.mark.parametrize("wrong", ["port", "password"])
def test_a_database_that_cannot_be_reached_stops_the_start_with_one_line(environment, command, wrong):
    with postgresql_that_refuses() if wrong == "password" else refused_port() as port:
        environment["DATABASE_URL"] = f"postgres://user:hidden@127.0.0.1:{port}/portal"
        process = subprocess.run(
            [sys.executable, "manage.py", command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    assert process.returncode == 1
    (line,) = process.stderr.splitlines()
    assert "DATABASE_URL" in line
    assert ("password authentication failed" if wrong == "password" else "refused") in line
    assert "hidden" not in line


def test_what_the_portal_writes_is_for_its_own_user(environment, tmp_path):
    old = tmp_path / "mail"
    old.mkdir(mode=0o755)
    (tmp_path / "portal.sqlite3").touch(mode=0o644)
    for command in ("migrate -v0", "load_demo -v0", "sendtestemail a@city.example", "worker --once"):
        arguments = [sys.executable, "manage.py", *command.split()]
        subprocess.run(arguments, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    written = {path: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert {path.name for path in written} >= {"portal.sqlite3", "secret-key", "mail", "media"}
    assert [path for path in written if path.suffix == ".log"], "no mail was written"
    assert {path: mode for path, mode in written.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}
