"""The portal's settings with static files under their plain names, so that none have to be collected first."""

from wego_portal.settings import *  # noqa: F403
from wego_portal.settings import STORAGES

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
