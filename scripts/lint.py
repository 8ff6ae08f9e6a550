"""What `make lint` runs: every check that needs no database, or those that are named.

    scripts/lint.py [NAME …]

The same checks run before each commit (.pre-commit-config.yaml) and before the suite (run_tests.py).
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
PROGRAMS = Path(sys.executable).parent
CHECKS: dict[str, list[str]] = {
    "style": [PYTHON, "-m", "ruff", "check", "--quiet", "."],
    "format": [PYTHON, "-m", "ruff", "format", "--check", "--quiet", "."],
    "templates": [PYTHON, "-m", "djlint", "templates", "--lint", "--quiet"],
    "template-format": [PYTHON, "-m", "djlint", "templates", "--check"],
    # Without its cache: with the plugin of django-stubs, a cache of yesterday reports errors that are not there.
    "types": [PYTHON, "-m", "mypy", "--no-error-summary", "--cache-dir", "/dev/null"],
    "imports": [str(PROGRAMS / "lint-imports"), "--no-logo"],
    "requirements": [PYTHON, "scripts/requirements.py", "--check"],
    "migrations": [PYTHON, "manage.py", "makemigrations", "--check", "--dry-run", "-v0"],
}


def main(names: list[str]) -> None:
    """Run the named checks, or all; the first that fails ends it, with its status."""
    for name in names or CHECKS:
        print(f"Checking {name}", flush=True)
        status = subprocess.run(CHECKS[name], cwd=ROOT, check=False).returncode
        if status:
            sys.exit(status)


if __name__ == "__main__":
    main(sys.argv[1:])
