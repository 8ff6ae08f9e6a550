"""Makes the Python environment in .venv and installs what a list of requirements names. Standard library only.

    python3 scripts/prepare_environment.py requirements.txt [requirements-dev.txt]

Safe to repeat: what was installed from the same lists by the same Python is left as it is.
"""

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def is_usable() -> bool:
    """Whether the environment's Python runs and is the one that this script runs on."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    code = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    try:
        found = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return found.stdout.strip() == version


def make_environment() -> None:
    """Make .venv anew, or end with a line that says what is missing."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        sys.exit(f"Python's venv is missing. Install the package {package} (Debian: apt-get install {package}).")
    say("Making the Python environment in .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        sys.exit(f"The Python environment could not be made:\n{made.stdout}{made.stderr}")


def main(lists: list[str]) -> None:
    """Install the lists, unless the same ones are installed already."""
    if not is_usable():
        make_environment()
    state = hashlib.sha256(f"{sys.version_info.major}.{sys.version_info.minor}".encode())
    for name in lists:
        state.update((ROOT / name).read_bytes())
    stamp = VENV / f"installed-{'-'.join(Path(name).stem for name in lists)}"
    if stamp.exists() and stamp.read_text() == state.hexdigest():
        return
    say(f"Installing what {' and '.join(lists)} list, which takes a minute the first time")
    command = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]
    for name in lists:
        command += ["--requirement", str(ROOT / name)]
    if subprocess.run(command, check=False).returncode:
        sys.exit("The requirements could not be installed; the lines above say why.")
    stamp.write_text(state.hexdigest())


if __name__ == "__main__":
    main(sys.argv[1:])
