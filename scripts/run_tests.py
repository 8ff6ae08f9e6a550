"""What `make test` runs: the lint, then the whole suite on SQLite, and on PostgreSQL where its programs are installed.

With CI=true a missing PostgreSQL, Chromium or nginx is a failure; elsewhere it is said.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from postgresql import postgresql_programs, private_postgresql

ROOT = Path(__file__).resolve().parent.parent
PROCESSES = "2"
ON_CI = os.environ.get("CI", "").lower() in ("1", "true")

# The suite has settings of its own; what the developer's shell holds of these must not reach it.
SETTINGS = (
    *("DATABASE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "SITE_URL", "ALLOWED_HOSTS", "TRUSTED_PROXIES", "DEBUG"),
    *("SECRET_KEY", "SECRET_KEY_FALLBACKS", "HASH_KEY", "PORT", "BIND", "REQUEST_SECONDS"),
)


def run(*command: str, **environment: str) -> None:
    """Run a command, with `environment` added to what there is; end with its status if it fails."""
    status = subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=False).returncode
    if status:
        sys.exit(status)


def run_suite(database: str, **environment: str) -> None:
    """Run the whole suite on the named database, with `environment` added to what there is."""
    print(f"\nThe suite on {database}", flush=True)
    for name in SETTINGS:
        os.environ.pop(name, None)
    # Work is shared out in the order of the files, so that what a file loads or starts is mostly needed once.
    run(sys.executable, "-m", "pytest", "-n", PROCESSES, "--dist", "worksteal", "-rsfE", **environment)


def main() -> None:
    run(sys.executable, "manage.py", "compile_translations", "-v0")
    run(sys.executable, "scripts/lint.py")
    programs = postgresql_programs()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    for name, found in (("PostgreSQL", programs), ("Chromium", chromium), ("nginx", nginx)):
        if not found:
            if ON_CI:
                sys.exit(f"{name} is not installed, and on CI nothing is skipped.")
            print(f"{name} is not installed: its tests are skipped. CI runs them.", flush=True)
    run_suite("SQLite")
    if programs:
        with private_postgresql(programs) as url:
            run_suite("PostgreSQL", DATABASE_URL=url)


if __name__ == "__main__":
    main()
