"""PostgreSQL where it is installed, as a server of one's own that leaves nothing behind."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path


def postgresql_programs():
    """The folder of initdb and pg_ctl, the newest version first, or None."""
    folders = [Path(found).parent for found in (shutil.which("initdb"),) if found]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


@contextlib.contextmanager
def private_postgresql(programs):
    """A server of our own on a socket in a temporary folder; yields its DATABASE_URL. It refuses to run as root."""
    is_root = os.geteuid() == 0
    as_owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if is_root else {}
    with tempfile.TemporaryDirectory(prefix="portal-pg-") as folder:
        if is_root:
            shutil.chown(folder, "postgres")
        Path(folder).chmod(0o755)
        data = f"{folder}/data"
        # Nothing here has to survive a power cut, so nothing waits for the disk.
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        quiet = {"check": True, "cwd": folder, "stdout": subprocess.DEVNULL, **as_owner}
        initdb = [
            programs / "initdb",
            "-D",
            data,
            "-U",
            "portal",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        subprocess.run(initdb, **quiet)
        control = [programs / "pg_ctl", "-D", data, "-w", "-l", f"{folder}/log"]
        subprocess.run([*control, "-o", options, "start"], **quiet)
        try:
            yield f"postgres://portal@/{folder}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **quiet)
