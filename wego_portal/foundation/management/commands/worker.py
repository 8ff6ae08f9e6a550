import datetime
import logging
import signal
import threading

from django.core.management.base import BaseCommand
from django.db import Error as DatabaseError
from django.db import close_old_connections, connections
from django.utils import timezone

from wego_portal.foundation import outbox

logger = logging.getLogger(__name__)

PAUSE = 2.0  # seconds between two looks into an empty outbox
EMPTYING_EVERY = datetime.timedelta(hours=1)


class Command(BaseCommand):
    """The mail worker. Several may run beside each other; each can be stopped or killed at any moment."""

    help = "Sends mails from the outbox as they become due, until it is stopped (SIGTERM or SIGINT)."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="send what is due now, then end")

    def handle(self, *args, **options):
        if options["once"]:
            self.stdout.write(f"sent: {outbox.send_due()}")
            return
        stopping = threading.Event()
        # The mail in flight is finished first; a second signal is not needed and a kill does no harm.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        self.stdout.write("worker started")
        self.stdout.flush()
        next_emptying = timezone.now()
        while not stopping.is_set():
            try:
                count = outbox.send_due(is_stopping=stopping.is_set)
                if timezone.now() >= next_emptying:
                    outbox.empty_out(now=timezone.now())
                    next_emptying = timezone.now() + EMPTYING_EVERY
            except DatabaseError as error:
                # The database may be away for a while (restart, upgrade): wait for it as for a mail server.
                logger.warning("outbox not read: %s", type(error).__name__)
                connections.close_all()
                count = 0
            close_old_connections()
            if not count:
                stopping.wait(PAUSE)
        self.stdout.write("worker stopped")
