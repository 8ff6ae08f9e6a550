"""The portal's settings, and the bare form beside it."""

from wego_portal.settings import *  # noqa: F403
from wego_portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.bench"]
MIGRATION_MODULES = {"bench": None}  # its one table is made by `migrate --run-syncdb`
ROOT_URLCONF = "tests.bench.urls"
