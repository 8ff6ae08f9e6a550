"""The bare form, then the portal."""

from django.urls import path

from wego_portal.site.urls import handler400
from wego_portal.site.urls import urlpatterns as portal

from .views import bare_form, short_form

__all__ = ["handler400", "urlpatterns"]

urlpatterns = [path("bare/", bare_form), path("short/", short_form), *portal]
