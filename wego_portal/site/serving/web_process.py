"""One process of the web server: python -m wego_portal.site.serving.web_process LISTENING REPORTS (open files)."""

import os
import select
import signal
import socket
import sys
import time

from wego_portal.foundation.database import limit_statements
from wego_portal.wsgi import application

from .connections import Server
from .open_files import allow_open_files
from .reports import Reporter

THREADS = 4  # requests that a process runs at the same time
FINISH_SECONDS = 5  # after SIGTERM, for requests that run and answers that are being read


def main(listening: int, reports: int) -> None:
    """Serve on the socket of this number until SIGTERM, or until the supervisor is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    allow_open_files()

    limit_statements()
    to_supervisor = socket.socket(fileno=reports)
    reporter = Reporter(to_supervisor)
    server = Server(application, socket.socket(fileno=listening), reporter, THREADS)
    stop_at = None

    def stop(*_args) -> None:
        nonlocal stop_at
        server.is_stopping = True
        stop_at = stop_at or time.monotonic() + FINISH_SECONDS
        reporter.ending()
        server.pull_trigger()

    def is_over() -> bool:
        if select.select([to_supervisor], [], [], 0)[0]:  # it never writes: this is its end
            return True
        return stop_at is not None and (server.is_idle() or time.monotonic() > stop_at)

    signal.signal(signal.SIGTERM, stop)
    reporter.ready()
    server.run_until(is_over)
    os._exit(0)  # a thread that is stuck would keep the process


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
