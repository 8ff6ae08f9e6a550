"""The settings with `events`, and `site` that stands on it, uninstalled: organizations must not need them."""

from wego_portal.settings import *  # noqa: F403
from wego_portal.settings import INSTALLED_APPS

INSTALLED_APPS = [app for app in INSTALLED_APPS if app not in ("events", "wego_portal.site")]
ROOT_URLCONF = "organizations.urls"
