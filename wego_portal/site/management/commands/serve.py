import datetime
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.request import Request, urlopen

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from ...setting_up import check_database, set_up

READY_WITHIN = datetime.timedelta(seconds=60)
STOP_WITHIN = datetime.timedelta(seconds=15)
LONGEST_PAUSE = 30  # seconds between two starts of a worker that keeps dying


class Command(BaseCommand):
    help = "Serves the portal together with its mail worker, until Ctrl-C or SIGTERM stops both."

    def add_arguments(self, parser):
        parser.add_argument(
            "--set-up", action="store_true", help="first migrate, load demo content, make a staff login, collect files"
        )

    def handle(self, **options):
        began = time.monotonic()
        self.stopping = threading.Event()
        check_port_is_free(settings.BIND, settings.PORT)
        password = set_up(self.say) if options["set_up"] else check_database()
        connection.close()  # the children have their own
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.stopping.set())
        self.say("Starting the server and the mail worker")
        server = Child("server", server_command())
        worker = Child("mail worker", [sys.executable, "manage.py", "worker"])
        try:
            if self.wait_until_ready(server):
                self.say_hello(password, time.monotonic() - began)
            self.watch(server, worker)
        finally:
            self.say("Stopping")
            stop([server, worker])
        if not self.stopping.is_set():
            raise CommandError(f"The server ended by itself (status {server.process.returncode}).")

    def say(self, line):
        self.stdout.write(line)
        self.stdout.flush()

    def wait_until_ready(self, server):
        """Whether the server answers, before it ends, is stopped, or the time for starting is over."""
        deadline = time.monotonic() + READY_WITHIN.total_seconds()
        address = f"http://{settings.BIND if settings.BIND != '0.0.0.0' else '127.0.0.1'}:{settings.PORT}/health/"
        while time.monotonic() < deadline and server.is_running() and not self.stopping.wait(0.1):
            try:
                with urlopen(Request(address, headers={"Host": settings.ALLOWED_HOSTS[0]}), timeout=5) as answer:
                    return answer.status == 200
            except OSError:
                continue
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
        """Start the worker again whenever it ends; return when the server ends or a stop was asked for."""
        while server.is_running() and not self.stopping.wait(0.5):
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
        self.pause = 1 if age > 2 * LONGEST_PAUSE else min(self.pause * 2, LONGEST_PAUSE)
        return True


def stop(children):
    """Ask all to end, and end those that have not after 15 seconds."""
    for child in children:
        if child.is_running():
            child.process.terminate()
    deadline = time.monotonic() + STOP_WITHIN.total_seconds()
    for child in children:
        try:
            child.process.wait(max(deadline - time.monotonic(), 0.1))
        except subprocess.TimeoutExpired:
            child.process.kill()
            child.process.wait()


def server_command():
    """granian with two processes, each answering one request at a time; slow readers are its event loop's business."""
    return [
        *(
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            settings.BIND,
            "--port",
            str(settings.PORT),
        ),
        *("--workers", "2", "--blocking-threads", "1", "--no-ws", "--respawn-failed-workers"),
        *("--workers-kill-timeout", "10", "--log-level", "warning", "wego_portal.wsgi:application"),
    ]


def check_port_is_free(host, port):
    """Raise CommandError with one line if nothing can listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} on {host} cannot be used ({error.strerror}). Stop what uses it, or choose another:"
                f" make run PORT={port + 1 if port < 65535 else 8000}"
            )
