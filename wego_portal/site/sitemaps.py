"""The sitemap: every published page in every language, each with its alternatives."""

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.urls import reverse
from django.utils import timezone

from events.models import Event, Series, Story
from organizations.models import BestPractice, Initiative, Organization

LISTS = (
    "home",
    "events:event_list",
    "events:recording_list",
    "events:series_list",
    "events:story_list",
    "organizations:organization_list",
    "organizations:initiative_list",
    "organizations:best_practice_list",
    "organizations:inquiry_form",
    "about",
    "privacy",
    "accessibility",
)


class _PortalSitemap(Sitemap):
    i18n = True
    alternates = True
    x_default = True

    def get_domain(self, site=None):
        return settings.SITE_URL.partition("://")[2]

    def get_protocol(self, protocol=None):
        return settings.SITE_URL.partition("://")[0]


class Lists(_PortalSitemap):
    """Home, lists and pages about the portal."""

    def items(self):
        return LISTS

    def location(self, item):
        return reverse(item)


class Published(_PortalSitemap):
    """The pages of one model's rows that the public may see now."""

    def __init__(self, model):
        self.model = model

    def items(self):
        return self.model.objects.published(timezone.now()).only("slug").order_by("slug")


SITEMAPS = {
    "lists": Lists(),
    "events": Published(Event),
    "series": Published(Series),
    "news": Published(Story),
    "organizations": Published(Organization),
    "initiatives": Published(Initiative),
    "cases": Published(BestPractice),
}
