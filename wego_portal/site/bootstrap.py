"""What `manage.py serve --set-up` does before it serves: each step safe to repeat, and said as it is done."""

import hashlib
import secrets

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import transaction

from organizations.models import Organization
from wego_portal.foundation.database import check_database

STAFF_USERNAME = "staff"
COLLECTED_STAMP = "collected-from"  # beside the static files: what they were collected from


def set_up(say):
    """Bring database, demo content, staff login and static files up; `say` is called with a line for each step.

    Returns the password of the staff login if it was made now, else None. Raises CommandError if the database cannot be
    reached.
    """
    say("Compiling translations")
    call_command("compile_translations", verbosity=0)
    say("Bringing the database up to date")
    check_database()
    call_command("migrate", interactive=False, verbosity=0)
    if Organization.objects.exists():
        say("Keeping the content that is there")
    else:
        say("Loading the demo content")
        call_command("load_demo", verbosity=0)
    password = make_staff_login()
    if password:
        say("Made a staff login")
    collect_static_files(say)
    return password


def collect_static_files(say):
    """Collect, name by content and compress static files, unless nothing changed since that was done last."""
    state = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            state.update(f"{path} {storage.size(path)} {storage.get_modified_time(path)}\n".encode())
    stamp = settings.STATIC_ROOT / COLLECTED_STAMP
    if stamp.exists() and stamp.read_text() == state.hexdigest():
        return
    say("Collecting and compressing static files")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(state.hexdigest())


def make_staff_login():
    """A superuser with a random password, which is returned, unless there is a superuser already: then None."""
    users = get_user_model().objects
    with transaction.atomic():
        if users.filter(is_superuser=True).exists():
            return None
        password = secrets.token_urlsafe(12)
        users.create_superuser(STAFF_USERNAME, email="", password=password)
    return password
