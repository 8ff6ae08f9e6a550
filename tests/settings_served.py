"""The portal's settings for `served`: static files under their plain names, so that none have to be collected first.

Added are addresses that never end, and deadlines that a test can wait for.
"""

import os

from wego_portal.settings import *  # noqa: F403
from wego_portal.settings import STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
ROOT_URLCONF = "tests.stuck"
CLIENT_SECONDS = int(os.environ.get("CLIENT_SECONDS", 30))
