"""Starts the web processes, replaces those that end or are stuck, and answers 503 for the requests they leave."""

import logging
import selectors
import socket
import subprocess
import sys
import time
from dataclasses import dataclass

from django.conf import settings
from django.core.management.base import CommandError
from django.template.loader import render_to_string

from .open_files import allow_open_files
from .reports import ANSWERING, CLOSED, CONNECTED, ENDING, FINISHED, READY, RECEIVED, RECORD, STARTED

logger = logging.getLogger(__name__)

PROCESSES = 2
BACKLOG = 1024  # connections that wait to be accepted
RETIREMENT_SECONDS = 6  # until a process that was asked to end is killed
REQUEST_LINE_SECONDS = 3  # until it is killed if it has not even understood
POLL_SECONDS = 0.2  # between two looks for what is overdue
BODY_BYTES_PER_SECOND = 10_000_000  # a request may take a second longer for each of these that it brought
READ_AT_END = 256 * 1024  # bytes of a request that nobody will answer otherwise
MAX_RESTART_DELAY = 30  # seconds between two starts of a process that keeps dying


@dataclass
class Connection:
    """A copy of a client's connection to a web process, and how far its request has come."""

    socket: socket.socket
    has_asked: bool = False  # a whole request was received, now or earlier
    allowed: float | None = None  # seconds for the request that is queued or runs, if there is one
    started: float | None = None  # when it began to run, by the monotonic clock
    is_answered: bool = False  # at least in part

    def is_overdue(self, now: float) -> bool:
        """Whether its request has run for longer than it may."""
        return self.started is not None and self.allowed is not None and now - self.started > self.allowed

    def end(self, answer: bytes) -> None:
        """Send the answer in place of the process, if one is due, and end the connection for both."""
        try:
            if self._is_answer_due():
                self.socket.send(answer, socket.MSG_DONTWAIT)
                # What is left unread would reset the connection, and the answer with it.
                self.socket.shutdown(socket.SHUT_WR)
                self.socket.recv(READ_AT_END, socket.MSG_DONTWAIT)
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass  # the client is gone
        self.socket.close()

    def _is_answer_due(self) -> bool:
        # Of a client's first request the process may have had no time to tell.
        return not self.is_answered and (self.allowed is not None or not self.has_asked)


class WebProcess:
    """A process that serves, and its connections."""

    def __init__(self, listening: socket.socket) -> None:
        self.reports, theirs = socket.socketpair()
        self.reports.setblocking(False)
        command = [sys.executable, "-m", "wego_portal.site.serving.web_process"]
        numbers = (listening.fileno(), theirs.fileno())
        # A session of its own: Ctrl-C in the terminal reaches the parent alone, which then stops all in order.
        self.process = subprocess.Popen(
            [*command, *map(str, numbers)], cwd=settings.BASE_DIR, pass_fds=numbers, start_new_session=True
        )
        theirs.close()
        self.connections: dict[int, Connection] = {}
        self.is_ready = False
        self.began = time.monotonic()
        self.kill_at: float | None = None

    def take_reports(self, now: float) -> bool:
        """Note what the process has said; False when it will say no more."""
        while True:
            try:
                record, files, _flags, _address = socket.recv_fds(self.reports, RECORD.size, 1)
            except BlockingIOError:
                return True
            except OSError:
                return False
            if len(record) < RECORD.size:
                return False
            what, number, body_size = RECORD.unpack(record)
            self._note(what, number, body_size, files, now)

    def _note(self, what: bytes, number: int, body_size: int, files: list[int], now: float) -> None:
        if what == READY:
            self.is_ready = True
        elif what == ENDING:
            self.kill_at = now + RETIREMENT_SECONDS
        elif what == CONNECTED:
            for file in files:
                self.connections[number] = Connection(socket.socket(fileno=file))
        elif connection := self.connections.get(number):
            if what == RECEIVED:
                connection.has_asked, connection.is_answered = True, False
                connection.allowed = settings.REQUEST_SECONDS + body_size / BODY_BYTES_PER_SECOND
            elif what == STARTED:
                connection.started = now
            elif what == ANSWERING:
                connection.is_answered = True
            elif what == FINISHED:
                connection.allowed = connection.started = None
            elif what == CLOSED:
                self.connections.pop(number).socket.close()

    def is_stuck(self, now: float) -> bool:
        """Whether a request has run for longer than it may."""
        return any(connection.is_overdue(now) for connection in self.connections.values())

    def retire(self, now: float) -> None:
        """Ask the process to finish what it does and end."""
        if self.kill_at is None:
            self.kill_at = now + REQUEST_LINE_SECONDS
            self.process.terminate()


class Supervisor:
    """The web server as a whole. `step` does what is due, and is to be called again and again."""

    def __init__(self, listening: socket.socket) -> None:
        allow_open_files()
        self.listening = listening
        self.unavailable = unavailable_answer()
        self.selector = selectors.DefaultSelector()
        self.processes: list[WebProcess] = []
        self.failures = 0  # starts in a row that came to nothing
        self.pause = 0
        self.start_at = self.look_at = 0.0
        for _number in range(PROCESSES):
            self._start()

    def has_started(self) -> bool:
        """Whether a process accepts connections."""
        return any(process.is_ready for process in self.processes)

    def has_failed(self) -> bool:
        """Whether no process serves, and those started last ended before they could."""
        return self.failures >= PROCESSES and not self.has_started()

    def step(self, timeout: float) -> None:
        """Hear the processes for at most `timeout` seconds, end what is overdue, and start what is missing."""
        for key, _events in self.selector.select(timeout):
            if not key.data.take_reports(time.monotonic()):
                self.selector.unregister(key.fileobj)
        now = time.monotonic()
        if now < self.look_at:
            return
        self.look_at = now + POLL_SECONDS
        for process in list(self.processes):
            if process.process.poll() is not None:
                self._reap(process, now)
            elif process.is_stuck(now):
                self._answer_overdue(process, now)
                process.retire(now)
            if process.kill_at is not None and now > process.kill_at:
                process.process.kill()
        if now >= self.start_at:
            serving = sum(process.kill_at is None for process in self.processes)
            for _number in range(serving, PROCESSES):
                self._start()

    def stop(self) -> None:
        """Ask all processes to end, and return when they have."""
        self.start_at = float("inf")
        for process in self.processes:
            process.retire(time.monotonic())
        while self.processes:
            self.step(0.1)

    def _start(self) -> None:
        process = WebProcess(self.listening)
        self.processes.append(process)
        self.selector.register(process.reports, selectors.EVENT_READ, process)

    def _answer_overdue(self, process: WebProcess, now: float) -> None:
        for number, connection in list(process.connections.items()):
            if connection.is_overdue(now):
                logger.error("a request ran for more than %.0f s; its process is replaced", connection.allowed)
                connection.end(self.unavailable)
                del process.connections[number]

    def _reap(self, process: WebProcess, now: float) -> None:
        """Answer what an ended process has left, and let another one start, later and later if it died young."""
        process.take_reports(now)
        for connection in process.connections.values():
            connection.end(self.unavailable)
        self.processes.remove(process)
        if process.reports in self.selector.get_map():
            self.selector.unregister(process.reports)
        process.reports.close()
        self.failures = 0 if process.is_ready else self.failures + 1
        if process.kill_at is None:
            self.pause = (
                0 if now - process.began > 2 * MAX_RESTART_DELAY else min(max(2 * self.pause, 1), MAX_RESTART_DELAY)
            )
            self.start_at = now + self.pause
            logger.error("a web process ended (status %s); starting another", process.process.returncode)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises CommandError with one line if that cannot be."""
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        raise CommandError(
            f"Port {port} on {host} cannot be used ({error.strerror}). Stop what uses it, or choose another:"
            f" make run PORT={port + 1 if port < 65535 else 8000}"
        )
    return listening


def unavailable_answer() -> bytes:
    """A whole HTTP answer, 503, with a plain page in all languages."""
    page = render_to_string("503.html").encode()
    lines = [
        "HTTP/1.1 503 Service Unavailable",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(page)}",
        "Retry-After: 10",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
        "Content-Security-Policy: default-src 'none'; style-src 'self'; frame-ancestors 'none'",
        "Connection: close",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + page
