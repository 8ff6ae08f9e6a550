from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from .views import home, page

urlpatterns = i18n_patterns(
    path("admin/", admin.site.urls),
    path("", home.home, name="home"),
    path("about/", page.about, name="about"),
    path("privacy/", page.privacy, name="privacy"),
    path("accessibility/", page.accessibility, name="accessibility"),
    path("", include("organizations.urls")),
    path("", include("events.urls")),
    prefix_default_language=False,
)
