from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.contrib.sitemaps.views import sitemap
from django.urls import URLPattern, URLResolver, include, path

from .sitemaps import SITEMAPS
from .views import home, page
from .views.health import health
from .views.media import media
from .views.robots import robots

handler400 = "wego_portal.foundation.error_pages.bad_request"

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/", health, name="health"),
    path("media/<path:path>", media, name="media"),
    path("robots.txt", robots, name="robots"),
    path("sitemap.xml", sitemap, {"sitemaps": SITEMAPS}, name="sitemap"),
]
urlpatterns += i18n_patterns(
    path("admin/", admin.site.urls),
    path("", home.home, name="home"),
    path("about/", page.about, name="about"),
    path("privacy/", page.privacy, name="privacy"),
    path("accessibility/", page.accessibility, name="accessibility"),
    path("", include("organizations.urls")),
    path("", include("events.urls")),
    prefix_default_language=False,
)
