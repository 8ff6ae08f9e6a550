import datetime
import subprocess
import sys
import time

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection

from wego_portal.foundation.database import check_database

from ...bootstrap import set_up
from ...serving.command import ServingCommand
from ...serving.supervisor import Supervisor

START_TIMEOUT = datetime.timedelta(seconds=60)
STOP_TIMEOUT = datetime.timedelta(seconds=15)
MAX_RESTART_DELAY = 30  # seconds between two starts of a worker that keeps dying


class Command(ServingCommand):
    help = "Serves the portal together with its mail worker, until Ctrl-C or SIGTERM stops both."

    def add_arguments(self, parser):
        parser.add_argument(
            "--set-up", action="store_true", help="first migrate, load demo content, make a staff login, collect files"
        )

    def handle(self, **options):
        self.began = time.monotonic()
        super().handle(**options)

    def prepare(self, **options):
        self.password = set_up(self.say) if options["set_up"] else check_database()

    def serve(self, listening):
        self.say("Starting the server and the mail worker")
        server = Supervisor(listening)
        worker = Child("mail worker", [sys.executable, "manage.py", "worker"])
        try:
            if self.wait_until_ready(server):
                self.say_hello(self.password, time.monotonic() - self.began)
            self.watch(server, worker)
        finally:
            self.say("Stopping")
            worker.ask_to_end()
            server.stop()
            worker.end()

    def say(self, line):
        self.stdout.write(line)
        self.stdout.flush()

    def wait_until_ready(self, server):
        """Whether the server accepts connections, before it fails, is stopped, or the time for starting is over."""
        deadline = time.monotonic() + START_TIMEOUT.total_seconds()
        while time.monotonic() < deadline and not (server.has_failed() or self.stopping.is_set()):
            server.step(0.1)
            if server.has_started():
                return True
        return False

    def say_hello(self, password, seconds):
        staff = get_user_model().objects.filter(is_superuser=True).order_by("pk").first()
        connection.close()
        name = staff.get_username() if staff else None
        if password:
            login = f"{name}, password {password} (shown this once; change it in the admin)"
        elif name:
            login = f"{name}; a new password: .venv/bin/python manage.py changepassword {name}"
        else:
            login = "none; make one: .venv/bin/python manage.py createsuperuser"
        database = settings.DATABASES["default"]
        place = (
            database["NAME"]
            if "sqlite" in database["ENGINE"]
            else f"{database['NAME']} on {database['HOST'] or 'a socket'}"
        )
        if "filebased" in settings.EMAIL_BACKEND:
            mail = f"written to the folder {settings.EMAIL_FILE_PATH}"
        else:
            mail = f"sent by {settings.EMAIL_HOST}:{settings.EMAIL_PORT}" if settings.EMAIL_HOST else "written here"
        self.say(
            f"\nThe portal is ready after {seconds:.0f} s.\n"
            f"  Portal    {settings.SITE_URL}/\n"
            f"  Admin     {settings.SITE_URL}/admin/\n"
            f"  Login     {login}\n"
            f"  Mail      {mail}\n"
            f"  Database  {connection.vendor}, {place}\n"
            "Ctrl-C stops it.\n"
        )

    def watch(self, server, worker):
        """Start the worker again whenever it ends; return when the server fails or a stop was asked for."""
        while not (server.has_failed() or self.stopping.is_set()):
            server.step(0.5)
            if not worker.is_running() and worker.is_due():
                self.say(f"The mail worker ended (status {worker.process.returncode}); starting it again")
                worker.start()


class Child:
    """A process that is started again, if asked to, at growing intervals."""

    def __init__(self, name, command):
        self.name, self.command, self.pause = name, command, 1
        self.start()

    def start(self):
        # A session of its own: Ctrl-C in the terminal reaches the parent alone, which then stops both in order.
        self.process = subprocess.Popen(self.command, cwd=settings.BASE_DIR, start_new_session=True)
        self.started = time.monotonic()

    def is_running(self):
        return self.process.poll() is None

    def is_due(self):
        """Whether it may start again: at once after a long life, later and later when it dies young."""
        age = time.monotonic() - self.started
        if age < self.pause:
            return False
        self.pause = 1 if age > 2 * MAX_RESTART_DELAY else min(self.pause * 2, MAX_RESTART_DELAY)
        return True

    def ask_to_end(self):
        """Send SIGTERM."""
        if self.is_running():
            self.process.terminate()

    def end(self):
        """Return when it has ended; it is killed if it has not after 15 seconds."""
        try:
            self.process.wait(STOP_TIMEOUT.total_seconds())
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
