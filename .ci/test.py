"""What `make test` runs: checks, then the whole suite on SQLite, and on PostgreSQL where its programs are installed.

With CI=true a missing PostgreSQL or Chromium is a failure; elsewhere it is said.
"""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = "2"
ON_CI = os.environ.get("CI", "").lower() in ("1", "true")


def run(*command, **environment):
    """Run a command, with `environment` added to what there is; end with its status if it fails."""
    status = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode
    if status:
        sys.exit(status)


def check():
    print("Checking style, directions of imports, and migrations", flush=True)
    python, programs = sys.executable, Path(sys.executable).parent
    run(python, "-m", "ruff", "check", "--quiet", ".")
    run(python, "-m", "ruff", "format", "--check", "--quiet", ".")
    run(programs / "lint-imports", "--no-logo")
    run(python, "manage.py", "makemigrations", "--check", "--dry-run", "-v0")


def test(database, **environment):
    print(f"\nThe suite on {database}", flush=True)
    # The suite has settings of its own; whatever the developer's shell holds must not reach it.
    for name in ("DATABASE_URL", "EMAIL_URL", "SITE_URL", "ALLOWED_HOSTS", "DEBUG", "SECRET_KEY", "PORT", "BIND"):
        os.environ.pop(name, None)
    # Work is shared out in the order of the files, so that what a file loads or starts is mostly needed once.
    run(sys.executable, "-m", "pytest", "-n", PROCESSES, "--dist", "worksteal", "-rsfE", **environment)


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


def main():
    run(sys.executable, "manage.py", "compile_translations", "-v0")
    check()
    if "--lint-only" in sys.argv:
        return
    programs = postgresql_programs()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    for name, found in (("PostgreSQL", programs), ("Chromium", chromium)):
        if not found:
            if ON_CI:
                sys.exit(f"{name} is not installed, and on CI nothing is skipped.")
            print(f"{name} is not installed: its tests are skipped. CI runs them.", flush=True)
    test("SQLite")
    if programs:
        with private_postgresql(programs) as url:
            test("PostgreSQL", DATABASE_URL=url)


if __name__ == "__main__":
    main()
