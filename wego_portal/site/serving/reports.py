"""What a web process tells its supervisor of each request, with a copy of the client's connection.

With the copy the supervisor can answer when the process cannot: it is stuck in code that never lets go, or killed.
"""

import itertools
import socket
import struct

RECEIVED, STARTED, ANSWERING, FINISHED, READY, ENDING = b"r", b"s", b"a", b"f", b"!", b"e"
RECORD = struct.Struct("!cQQ")  # what happened, the request's ticket, for RECEIVED the bytes of its body


class Reporter:
    """The web process's side. Its methods may be called in any thread: a record is sent as a whole or not at all."""

    def __init__(self, to_supervisor: socket.socket) -> None:
        self._socket = to_supervisor
        self._tickets = itertools.count(1)

    def ready(self) -> None:
        """The process accepts connections."""
        self._socket.sendall(RECORD.pack(READY, 0, 0))

    def ending(self) -> None:
        """The process has understood that it is to end."""
        self._send(ENDING, 0)

    def received(self, client: socket.socket, body_size: int) -> int:
        """A request is complete and waits for a thread; returns its ticket."""
        ticket = next(self._tickets)
        try:
            socket.send_fds(self._socket, [RECORD.pack(RECEIVED, ticket, body_size)], [client.fileno()])
        except OSError:
            pass  # the client is gone, or the supervisor is, which ends this process
        return ticket

    def started(self, ticket: int) -> None:
        """A thread runs the request."""
        self._send(STARTED, ticket)

    def answering(self, ticket: int) -> None:
        """The first bytes of the answer are about to be sent."""
        self._send(ANSWERING, ticket)

    def finished(self, ticket: int) -> None:
        """The thread is free again."""
        self._send(FINISHED, ticket)

    def _send(self, what: bytes, ticket: int) -> None:
        try:
            self._socket.sendall(RECORD.pack(what, ticket, 0))
        except OSError:
            pass  # the supervisor is gone, which ends this process
