"""ASGI entry point, for servers that prefer it; the portal itself is served over WSGI."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wego_portal.settings")
application = get_asgi_application()
