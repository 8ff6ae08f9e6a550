"""The database as a process meets it when it starts.

Here because the worker, which is the foundation's, and the web server both start so.
"""

import contextlib
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


def check_database() -> None:
    """Raise CommandError with one line that names the setting if the database does not answer."""
    try:
        connection.ensure_connection()
    except (DatabaseError, InterfaceError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise CommandError(f"Setting DATABASE_URL is wrong, or the database does not answer: {reason}")


def keep_private() -> None:
    """Take from other users what earlier versions of the portal left readable: SQLite's files, uploads and mails."""
    if connection.vendor == "sqlite":
        for ending in ("", "-wal", "-shm"):
            _restrict(f"{connection.settings_dict['NAME']}{ending}", 0o600)
    for folder in (settings.MEDIA_ROOT, getattr(settings, "EMAIL_FILE_PATH", None)):
        if folder:
            _restrict(folder, 0o700)


def _restrict(path: str | Path, mode: int) -> None:
    with contextlib.suppress(OSError):  # it is not there, or another user's, who then decides
        Path(path).chmod(mode)


def limit_statements() -> None:
    """Let PostgreSQL end a query of this process after DATABASE_SECONDS.

    Otherwise it would go on, and hold its locks, after the process that asked was replaced.
    """
    connection_created.connect(_set_statement_timeout, dispatch_uid="statement_timeout")


def _set_statement_timeout(connection: BaseDatabaseWrapper, **_kwargs: object) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{settings.DATABASE_SECONDS}s"])
