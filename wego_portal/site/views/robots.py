from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

CLOSED = (
    "/admin/",
    "/registrations/",
    "/invitations/",
    "/unsubscribe/",
    "/personal-data/",
    "/events/*/register/",
    "/events/*/registered/",
)


def robots(request):
    """What search engines should leave alone, in every language, and where the sitemap is."""
    prefixes = [""] + [f"/{code}" for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
    lines = ["User-agent: *"]
    lines += [f"Disallow: {prefix}{path}" for prefix in prefixes for path in CLOSED]
    lines += ["", f"Sitemap: {settings.SITE_URL}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")
