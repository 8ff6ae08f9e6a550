"""What `make bench` runs: tests/bench on SQLite, and on PostgreSQL where its programs are installed."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from postgresql import postgresql_programs, private_postgresql

ROOT = Path(__file__).resolve().parent.parent


def bench(database: str, folder: str) -> None:
    """Measure on the database, with the portal's files in the folder."""
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    environment = {**kept, "DATABASE_URL": database, "DATA_DIR": folder}
    status = subprocess.run([sys.executable, "-m", "tests.bench"], cwd=ROOT, env=environment, check=False).returncode
    if status:
        sys.exit(status)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        bench(f"sqlite:///{folder}/portal.sqlite3", folder)
        programs = postgresql_programs()
        if not programs:
            print("PostgreSQL is not installed: it is not measured.")
            return
        with private_postgresql(programs) as url:
            bench(url, folder)


if __name__ == "__main__":
    main()
