"""The lists of pinned packages are what pyproject.toml declares, and the lint says where they are not."""

import importlib.util
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(name="requirements")
def _requirements(tmp_path):
    """The script, working on a folder of its own."""
    spec = importlib.util.spec_from_file_location("requirements", ROOT / "scripts/requirements.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for name in ("requirements.txt", "requirements-dev.txt", "pyproject.toml"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    script.ROOT = tmp_path
    return script


def test_the_lists_are_current(requirements):
    requirements.check()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pin_has_an_exact_version_and_hashes(name):
    lines = (ROOT / name).read_text().splitlines()
    packages = [number for number, line in enumerate(lines) if line[:1] not in ("#", " ", "")]
    assert packages
    assert [lines[number] for number in packages if "==" not in lines[number]] == []
    assert [lines[number] for number in packages if "--hash=sha256:" not in lines[number + 1]] == []
    assert [line for line in lines if "://" in line or line.startswith("-")] == []


def test_a_package_that_is_declared_and_not_pinned_is_named(requirements):
    problems = requirements.problems_of("requirements.txt", [Requirement("mypy")])
    assert "requirements.txt: mypy is not pinned, and pyproject.toml needs it" in problems


def test_a_pin_that_is_too_low_is_named(requirements):
    (problem,) = requirements.problems_of("requirements-dev.txt", [Requirement("ruff>=99")])[:1]
    assert problem.startswith("requirements-dev.txt: ruff is pinned to 0")
    assert problem.endswith("and pyproject.toml needs >=99")


def test_a_pin_that_nothing_needs_is_named(requirements):
    declared = [each for each in requirements.declared()["requirements.txt"] if each.name != "waitress"]
    problems = requirements.problems_of("requirements.txt", declared)
    assert problems == ["requirements.txt: waitress is pinned, and nothing needs it"]
