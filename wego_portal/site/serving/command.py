import signal
import socket
import threading
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from wego_portal.foundation.database import check_database, keep_private

from .supervisor import Supervisor, listen


class ServingCommand(BaseCommand):
    """A command that serves the portal until Ctrl-C or SIGTERM; `stopping` is set when one has come."""

    def handle(self, **options: Any) -> None:
        self.stopping = threading.Event()
        listening = listen(settings.BIND, settings.PORT)
        keep_private()
        self.prepare(**options)
        connection.close()  # the web processes have their own
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stopping.set())
        self.serve(listening)
        if not self.stopping.is_set():
            raise CommandError("The web server does not start; the lines above say why.")

    def prepare(self, **options: Any) -> None:
        """Do what comes before the first web process, while nothing is served."""
        check_database()

    def serve(self, listening: socket.socket) -> None:
        """Serve on `listening` until a stop is asked for or the server fails."""
        server = Supervisor(listening)
        try:
            while not (self.stopping.is_set() or server.has_failed()):
                server.step(0.5)
        finally:
            server.stop()
