"""What a web process tells its supervisor of its connections and requests, with a copy of each connection.

With the copy the supervisor can answer when the process cannot: it is stuck in code that never lets go, or killed.
"""

import contextlib
import itertools
import socket
import struct

READY, ENDING = b"!", b"e"
CONNECTED, RECEIVED, STARTED, ANSWERING, FINISHED, CLOSED = b"c", b"r", b"s", b"a", b"f", b"x"
RECORD = struct.Struct("!cQQ")  # what happened, the connection's number, for RECEIVED the bytes of the body


class Reporter:
    """The web process's side. Its methods may be called in any thread: a record is sent as a whole or not at all."""

    def __init__(self, to_supervisor: socket.socket) -> None:
        self._socket = to_supervisor
        self._numbers = itertools.count(1)

    def ready(self) -> None:
        """The process accepts connections."""
        self._socket.sendall(RECORD.pack(READY, 0, 0))

    def ending(self) -> None:
        """The process has understood that it is to end."""
        self._send(ENDING, 0)

    def connected(self, client: socket.socket) -> int:
        """A client has connected; returns the number that its connection is spoken of by."""
        number = next(self._numbers)
        with contextlib.suppress(OSError):  # when the supervisor is gone, which ends this process
            socket.send_fds(self._socket, [RECORD.pack(CONNECTED, number, 0)], [client.fileno()])
        return number

    def received(self, number: int, body_size: int) -> None:
        """A request is complete and waits for a thread."""
        self._send(RECEIVED, number, body_size)

    def started(self, number: int) -> None:
        """A thread runs the request."""
        self._send(STARTED, number)

    def answering(self, number: int) -> None:
        """The first bytes of the answer are about to be sent."""
        self._send(ANSWERING, number)

    def finished(self, number: int) -> None:
        """The thread is free again."""
        self._send(FINISHED, number)

    def closed(self, number: int) -> None:
        """The connection is closed."""
        self._send(CLOSED, number)

    def _send(self, what: bytes, number: int, body_size: int = 0) -> None:
        with contextlib.suppress(OSError):
            self._socket.sendall(RECORD.pack(what, number, body_size))
