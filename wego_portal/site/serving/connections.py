"""Connections of the web server: how long a client may take, and which is closed when there are too many."""

import contextlib
import copy
import re
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterable

from django.conf import settings
from waitress.adjustments import Adjustments
from waitress.buffers import ReadOnlyFileBasedBuffer
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, Task, WSGITask

from .reports import Reporter

WINDOW_BYTES = 64 * 1024  # what a body or an answer that is not complete must move on by in CLIENT_SECONDS
MAX_CONNECTIONS = 500  # of a process; beyond, the one that has kept the server waiting longest is closed
MAX_HEADER_SIZE = 64 * 1024
STALLED_SECONDS = 0.5  # a process whose threads are all busy accepts nobody when none is done for so long
ABORTING = struct.pack("ii", 1, 0)  # struct linger: on, 0 seconds
FILE_FORM = re.compile(r"/(?:[a-z]{2}/)?admin/(?!login/)")
SERVER_OPTIONS = {
    "clear_untrusted_proxy_headers": False,  # Django reads X-Forwarded-Proto, the portal X-Forwarded-For
    "asyncore_use_poll": True,  # select() takes no more than 1,024 open files
    "connection_limit": 2 * MAX_CONNECTIONS,  # ours closes a connection instead of accepting no more
    "cleanup_interval": 1,  # seconds between two looks for overdue clients
    "outbuf_high_watermark": sys.maxsize,  # never let a thread wait until a client has read
    "max_request_header_size": MAX_HEADER_SIZE,
    "max_request_body_size": settings.ADMIN_UPLOAD_MAX_SIZE + 1,
    "recv_bytes": 64 * 1024,
    "log_socket_errors": False,
    "ident": None,
}


class RequestParser(HTTPRequestParser):
    """Takes a large body only for a form of the admin that may bring a file, from a browser with a session."""

    adj: Adjustments

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        if not self.content_length and not self.chunked:
            self.expect_continue = False  # there is nothing to go on with, and waitress would wait for it
        has_session = f"{settings.SESSION_COOKIE_NAME}=" in self.headers.get("COOKIE", "")
        if not (has_session and FILE_FORM.match(self.path)):
            self.adj = copy.copy(self.adj)
            # Twice what a form may hold: a little too much is answered by the portal's own page, see FormMiddleware.
            self.adj.max_request_body_size = 2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE


class ReportingTask(Task):
    """Says when the thread is done with a request: before the connection's next one is queued."""

    def service(self) -> None:
        try:
            super().service()
        finally:
            self.channel.server.finished_at = time.monotonic()
            self.channel.server.reporter.finished(self.channel.number)


class RequestTask(ReportingTask, WSGITask):
    """Runs the application."""


class RefusalTask(ReportingTask, ErrorTask):
    """Answers what is no proper request, or too large."""


class Connection(HTTPChannel):
    """One client. Its deadlines count from what it was last seen to do, at the server's look once a second."""

    parser_class = RequestParser
    task_class = RequestTask
    error_task_class = RefusalTask

    def __init__(
        self, server: "Server", sock: socket.socket, addr: tuple, adj: Adjustments, map: dict | None = None
    ) -> None:
        self.served = 0  # requests that a thread has taken up
        self.sent = 0  # bytes
        self._has_answered = False
        self._phase: tuple[str, int] | None = None
        self.waiting_since = self._window_since = time.monotonic()
        self._moved_before = 0
        self.number = server.reporter.connected(sock)
        super().__init__(server, sock, addr, adj, map=map)

    def del_channel(self, map: dict | None = None) -> None:
        """The connection is about to be closed."""
        super().del_channel(map)
        self.server.reporter.closed(self.number)

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send what the client takes now, and count it."""
        sent = super().send(data, do_close)
        self.sent += sent
        return sent

    def handle_close(self) -> None:
        # A copy of the socket is still in the supervisor: without this the client would not see the end.
        if self.socket is not None:
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
        super().handle_close()

    def abort(self) -> None:
        """Close the connection without waiting until the client has read what was sent."""
        with contextlib.suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORTING)
        super().handle_close()

    def service(self) -> None:
        """In a thread of the application: run the request, and tell the supervisor."""
        self.served += 1
        self._has_answered = False
        self.server.reporter.started(self.number)
        super().service()

    def write_soon(self, data: bytes | ReadOnlyFileBasedBuffer) -> int:
        """Queue bytes of the answer; from the first on, nobody else may answer."""
        if not self._has_answered:
            self._has_answered = True
            self.server.reporter.answering(self.number)
        return super().write_soon(data)

    def is_client_turn(self) -> bool:
        """Whether the client, not the application, has to do something."""
        return not self.requests

    def is_overdue(self, now: float) -> bool:
        """Whether the client has taken too long. `now` is in seconds, of the monotonic clock."""
        if not self.is_client_turn():
            self._phase = None
            return False
        if self.total_outbufs_len:
            phase, moved = "reads", self.sent
        elif self.request is not None and self.request.headers_finished:
            phase, moved = "sends", self.request.body_bytes_received
        else:
            phase, moved = "waits", 0
        if (phase, self.served) != self._phase:
            self._phase = (phase, self.served)
            self.waiting_since, self._window_since, self._moved_before = now, now, moved
            return False
        if phase == "waits":
            return now - self.waiting_since > settings.CLIENT_SECONDS
        if now - self._window_since <= settings.CLIENT_SECONDS:
            return False
        is_too_slow = moved - self._moved_before < WINDOW_BYTES
        self._window_since, self._moved_before = now, moved
        return is_too_slow


class Server(TcpWSGIServer):
    """waitress on a socket that other processes listen on too."""

    channel_class = Connection

    def __init__(self, application: Callable, sock: socket.socket, reporter: Reporter, threads: int) -> None:
        self.reporter = reporter
        self.is_stopping = False
        self.finished_at = 0.0  # when a thread was done with a request last, by the monotonic clock
        adjustments = Adjustments(sockets=[sock], threads=threads, **SERVER_OPTIONS)
        super().__init__(
            without_bodies_for_head(application),
            _sock=sock,
            adj=adjustments,
            bind_socket=False,
            sockinfo=(sock.family, sock.type, sock.proto, sock.getsockname()),
        )
        self.task_dispatcher.queue_logger.disabled = True  # it warns whenever a request waits for a thread

    def readable(self) -> bool:
        """Whether to accept connections: not while all threads seem stuck; another process may have one free."""
        return super().readable() and not self.is_stopping and not self._is_stalled()

    def _is_stalled(self) -> bool:
        has_free_thread = self.task_dispatcher.active_count < self.adj.threads
        return not has_free_thread and time.monotonic() - self.finished_at > STALLED_SECONDS

    def handle_accept(self) -> None:
        if len(self.active_channels) >= MAX_CONNECTIONS:
            waiting = [channel for channel in self.active_channels.values() if channel.is_client_turn()]
            if waiting:
                min(waiting, key=lambda channel: channel.waiting_since).abort()
        super().handle_accept()

    def add_task(self, task: Connection) -> None:
        """Queue the connection's request for a thread."""
        self.reporter.received(task.number, task.requests[0].body_bytes_received)
        super().add_task(task)

    def maintenance(self, now: float) -> None:
        """Close the connections whose client is overdue."""
        monotonic = time.monotonic()
        for channel in list(self.active_channels.values()):
            if channel.is_overdue(monotonic):
                channel.abort()

    def is_idle(self) -> bool:
        """Whether no request is queued or running and all answers are sent."""
        channels = self.active_channels.values()
        return all(channel.is_client_turn() and not channel.total_outbufs_len for channel in channels)

    def run_until(self, is_over: Callable[[], bool]) -> None:
        """Serve until `is_over` says so; it is asked at least once a second."""
        while not is_over():
            self.asyncore.loop(timeout=1, use_poll=True, map=self._map, count=1)


def without_bodies_for_head(application: Callable) -> Callable:
    """The WSGI application with the body left out of answers to HEAD, which Django leaves to the server."""

    def answer(environ: dict, start_response: Callable) -> Iterable[bytes]:
        body = application(environ, start_response)
        if environ["REQUEST_METHOD"] != "HEAD":
            return body
        if hasattr(body, "close"):
            body.close()
        return []

    return answer
