"""Settings and fixtures of the whole suite: plain static files, mails in memory, files in a temporary folder."""

import pytest


@pytest.fixture(autouse=True)
def _plain_environment(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.MEDIA_ROOT = tmp_path / "media"
