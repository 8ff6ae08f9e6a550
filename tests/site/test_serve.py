"""`manage.py serve`: from an empty folder to a portal that answers; its worker comes back; SIGTERM ends all of it."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

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


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def children_of(pid):
    listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
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


def test_a_database_that_does_not_answer_is_said_in_one_line(environment):
    environment["DATABASE_URL"] = f"postgres://user:hidden@127.0.0.1:{free_port()}/portal"
    process = subprocess.run(
        [sys.executable, "manage.py", "serve"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert process.returncode == 1
    (line,) = process.stderr.splitlines()
    assert "The database does not answer" in line
    assert "hidden" not in line
