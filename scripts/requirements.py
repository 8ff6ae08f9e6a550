"""Pins what pyproject.toml declares: `make requirements` writes requirements.txt and requirements-dev.txt.

    scripts/requirements.py [--upgrade | --upgrade-package NAME]   pin; what is pinned keeps its version
    scripts/requirements.py --check                                say what is not current, without the network

The check follows the metadata of the installed packages from what is declared to all that it needs, and compares
that with the pins. It needs the environment that the pinned lists make.
"""

import importlib.metadata
import subprocess
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
COMMAND = "make requirements"
COMPILE = [
    *(str(Path(sys.executable).parent / "uv"), "pip", "compile", "--quiet"),
    *("--universal", "--python-version", "3.11"),  # one list for each system, and for Python 3.11 and newer
    *("--generate-hashes", "--no-annotate", "--custom-compile-command", COMMAND),
]


def pin(options: list[str]) -> None:
    """Write both lists. Pins that still fit are kept, unless the options ask for newer ones."""
    for arguments in (
        ["pyproject.toml", "--output-file", "requirements.txt"],
        ["--group", "dev", "--constraints", "requirements.txt", "--output-file", "requirements-dev.txt"],
    ):
        subprocess.run([*COMPILE, *options, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)


def declared() -> dict[str, list[Requirement]]:
    """What pyproject.toml declares for each list."""
    with open(ROOT / "pyproject.toml", "rb") as file:
        pyproject = tomllib.load(file)
    return {
        "requirements.txt": [Requirement(line) for line in pyproject["project"]["dependencies"]],
        "requirements-dev.txt": [Requirement(line) for line in pyproject["dependency-groups"]["dev"]],
    }


def pinned(name: str) -> dict[str, str]:
    """Package → version of the lines of a list that apply to this system and Python."""
    lines = [line.removesuffix("\\") for line in (ROOT / name).read_text().splitlines() if line[:1] not in ("#", " ")]
    requirements = [Requirement(line) for line in lines if line]
    return {
        canonicalize_name(requirement.name): str(requirement.specifier).removeprefix("==")
        for requirement in requirements
        if requirement.marker is None or requirement.marker.evaluate()
    }


def problems_of(name: str, requirements: list[Requirement]) -> list[str]:
    """What is wrong with a list, one line each."""
    pins, problems = pinned(name), []
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()  # packages and their extras whose needs were followed
    open_requirements = [(requirement, "pyproject.toml") for requirement in requirements]
    while open_requirements:
        requirement, needed_by = open_requirements.pop()
        package = canonicalize_name(requirement.name)
        version = pins.get(package)
        if version is None:
            problems.append(f"{name}: {package} is not pinned, and {needed_by} needs it")
            continue
        found.add(package)
        if not requirement.specifier.contains(version, prereleases=True):
            problems.append(f"{name}: {package} is pinned to {version}, and {needed_by} needs {requirement.specifier}")
        try:
            distribution = importlib.metadata.distribution(package)
        except importlib.metadata.PackageNotFoundError:
            problems.append(f"{name}: {package} is not installed")
            continue
        if distribution.version != version:
            problems.append(f"{name}: {package} is pinned to {version}, and {distribution.version} is installed")
        for extra in {"", *requirement.extras} - {extra for done, extra in seen if done == package}:
            seen.add((package, extra))
            for line in distribution.requires or ():
                further = Requirement(line)
                if further.marker is None or further.marker.evaluate({"extra": extra}):
                    open_requirements.append((further, package))
    return problems + [f"{name}: {package} is pinned, and nothing needs it" for package in sorted(pins.keys() - found)]


def check() -> None:
    """End with status 1 and one line for each problem, if there are any."""
    problems = [line for name, requirements in declared().items() for line in problems_of(name, requirements)]
    if problems:
        sys.exit("\n".join([*dict.fromkeys(problems), f"`{COMMAND}` pins what pyproject.toml declares."]))


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        check()
    else:
        pin(sys.argv[1:])
