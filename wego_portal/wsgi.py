"""WSGI entry point, which the web server of `manage.py serve` loads."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wego_portal.settings")
application = get_wsgi_application()
