"""PostgreSQL where it is installed, as a server of one's own that leaves nothing behind."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path


def postgresql_programs() -> Path | None:
    """The folder of initdb and pg_ctl, the newest version first, or None."""
    folders = [Path(found).parent for found in (shutil.which("initdb"),) if found]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "pg_ctl").exists()), None)


@contextlib.contextmanager
def private_postgresql(programs: Path) -> Iterator[str]:
    """A server of our own on a socket in a temporary folder; yields its DATABASE_URL. It refuses to run as root."""
    is_root = os.geteuid() == 0
    with tempfile.TemporaryDirectory(prefix="portal-pg-") as folder:
        if is_root:
            shutil.chown(folder, "postgres")
        Path(folder).chmod(0o755)
        data = f"{folder}/data"
        # Nothing here has to survive a power cut, so nothing waits for the disk.
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        run = partial(
            subprocess.run,
            cwd=folder,
            stdout=subprocess.DEVNULL,
            check=True,
            user="postgres" if is_root else None,
            group="postgres" if is_root else None,
            extra_groups=[] if is_root else None,
        )
        initdb = [
            *(str(programs / "initdb"), "-D", data, "-U", "portal", "-A", "trust"),
            *("-E", "UTF8", "--locale=C", "--no-sync"),
        ]
        run(initdb)
        control = [str(programs / "pg_ctl"), "-D", data, "-w", "-l", f"{folder}/log"]
        run([*control, "-o", options, "start"])
        try:
            yield f"postgres://portal@/{folder}/postgres"
        finally:
            run([*control, "-m", "immediate", "stop"])
