"""What was kept before goes on: addresses are respelled and joined, and answers find their choices."""

import json
import os
import subprocess
import sys

from django.conf import settings


def test_rows_of_an_older_portal_are_kept(tmp_path):
    given = {
        "PATH": os.environ["PATH"],
        "PYTHONUTF8": "1",
        "DJANGO_SETTINGS_MODULE": "wego_portal.settings",
        "DATA_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path}/old.sqlite3",
    }
    command = [sys.executable, "-m", "tests.events.migrate_old_rows"]
    process = subprocess.run(
        command, cwd=settings.BASE_DIR, env=given, capture_output=True, text=True, timeout=120, check=False
    )
    assert process.returncode == 0, process.stderr
    assert json.loads(process.stdout) == {
        "contacts": ["other@city.example", "user@xn--bcher-kva.example"],
        "registrations": 2,
        "former": 1,
        "inquiries": ["user@localhost", "user@xn--bcher-kva.example"],
        "answers": [["Yes"], ["Energy", "Watr"], ["Because"]],
        "parts": [["postponed", False], ["held", True]],
        "verified": [False, True],
        "seats": [["confirmed", None], ["waiting", 7], ["waiting", 1]],
        "holds": [True, False, False],
        "counts": [[1, 1], [0, 1]],
        "changes": [[[{"number": 1, "status": "planned"}], {"mode": "online"}, 3]],
        "mails": ["event_postponed"],
        "permission": "view_schedulechange",
        "choices": [
            ["Yes", "はい", 1, True],
            ["No", "いいえ", 2, True],
            ["Water", "", 1, True],
            ["Energy", "", 2, True],
            ["Watr", "", 3, False],
        ],
    }
