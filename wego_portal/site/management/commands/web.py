import signal
import threading

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from wego_portal.foundation.database import check_database, keep_private

from ...serving.supervisor import Supervisor, listen


class Command(BaseCommand):
    help = "Serves the portal without the mail worker, until Ctrl-C or SIGTERM."

    def handle(self, **options) -> None:
        stopping = threading.Event()
        listening = listen(settings.BIND, settings.PORT)
        keep_private()
        check_database()
        connection.close()  # the web processes have their own
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stopping.set())
        supervisor = Supervisor(listening)
        try:
            while not (stopping.is_set() or supervisor.has_failed()):
                supervisor.step(0.5)
        finally:
            supervisor.stop()
        if not stopping.is_set():
            raise CommandError("The web server does not start; the lines above say why.")
