import logging
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error as DatabaseError
from django.db import close_old_connections, connections
from django.utils import timezone

from wego_portal.foundation import outbox
from wego_portal.foundation.database import check_database, keep_private
from wego_portal.foundation.periodic import Schedule

logger = logging.getLogger(__name__)

IDLE_SECONDS = 2.0  # seconds between two looks into an empty outbox
BATCH_SIZE = 50  # mails after which the jobs have their turn, however many more wait


class Command(BaseCommand):
    """Mails and periodic jobs. Several workers may run at once; each can be stopped or killed at any moment."""

    help = "Sends mails as they become due and does the periodic jobs, until it is stopped (SIGTERM or SIGINT)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="do each job once, send what is due, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        keep_private()
        check_database()
        schedule = Schedule()
        if options["once"]:
            schedule.do_due(now=timezone.now())
            self.stdout.write(f"sent: {outbox.send_due()}")
            return
        stopping = threading.Event()
        # The mail in flight is finished first; a second signal is not needed and a kill does no harm.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        self.stdout.write("worker started")
        self.stdout.flush()
        while not stopping.is_set():
            try:
                count = outbox.send_due(limit=BATCH_SIZE, is_stopping=stopping.is_set)
                schedule.do_due(now=timezone.now())
            except DatabaseError as error:
                # The database may be away for a while (restart, upgrade): wait for it as for a mail server.
                logger.warning("outbox not read: %s", type(error).__name__)
                connections.close_all()
                count = 0
            close_old_connections()
            if not count:
                stopping.wait(IDLE_SECONDS)
        self.stdout.write("worker stopped")
