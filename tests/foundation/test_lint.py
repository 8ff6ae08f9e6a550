"""The checks of `make lint` and those before a commit are the same."""

import importlib.util
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_each_check_runs_before_a_commit():
    spec = importlib.util.spec_from_file_location("lint", ROOT / "scripts/lint.py")
    lint = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lint)
    hooks = re.findall(
        r"entry: \.venv/bin/python scripts/lint\.py (\S+)$", (ROOT / ".pre-commit-config.yaml").read_text(), re.M
    )
    assert sorted(hooks) == sorted(lint.CHECKS)
