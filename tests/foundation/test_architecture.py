"""What keeps the parts apart: directions of imports, sizes of files, organizations without events."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = [
    path
    for folder in ("wego_portal", "organizations", "events", "tests", "scripts", "templates")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in (".py", ".html", ".txt") and "migrations" not in path.parts and "demo" not in path.parts
]


def run(*command, **environment):
    process = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120, check=False
    )
    assert process.returncode == 0, process.stdout + process.stderr


def test_imports_go_one_way():
    run(Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache")


def test_organizations_stand_without_events():
    run(sys.executable, "manage.py", "check", DJANGO_SETTINGS_MODULE="tests.settings_without_events")


def test_no_test_module_imports_from_another():
    test_import = re.compile(r"^\s*(?:from|import) (?:\S*\.)?test_\w+", re.MULTILINE)
    tests = [path for path in CODE if path.suffix == ".py" and "tests" in path.relative_to(ROOT).parts]
    assert [str(path.relative_to(ROOT)) for path in tests if test_import.search(path.read_text())] == []


def test_no_file_is_longer_than_400_lines():
    longest = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in CODE}
    assert {name: lines for name, lines in longest.items() if lines > 400} == {}


def test_no_line_is_longer_than_120_characters():
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in CODE
        if path.name != "top_level_domains.txt"
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > 120
    ]
    assert long == []


@pytest.mark.parametrize("name", ["utils", "helpers", "common", "core"])
def test_no_file_is_named_after_nothing(name):
    assert [str(path) for path in CODE if path.stem == name or name in path.relative_to(ROOT).parent.parts] == []
