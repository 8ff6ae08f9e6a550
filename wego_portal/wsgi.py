"""WSGI entry point, served by granian (see the Makefile)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wego_portal.settings")
application = get_wsgi_application()
