"""Feeds of published content, in the language of their address."""

import datetime
import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .models import Story

MAX_ITEMS = 30

# The ID of the feed in each language is derived from this (RFC 4287, 4.2.6). It must never change.
FEED_NAMESPACE = uuid.UUID("6d4f2c1e-8a57-4f0b-9c3d-2b7e64d0a1f8")


class NewsFeed(Feed):
    """The latest news as Atom, in the language of the address.

    It has no Last-Modified header: withdrawing news changes the feed without leaving a row with a newer time. The ETag,
    which a middleware computes from the content, makes repeated requests cheap.
    """

    feed_type = Atom1Feed

    def __call__(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Return the feed without the Last-Modified header that Django adds."""
        response = super().__call__(request, *args, **kwargs)
        del response["Last-Modified"]
        return response

    def title(self) -> str:
        return _("WeGO news")

    def subtitle(self) -> str:
        return _("News of the World Smart Sustainable Cities Organization")

    def link(self) -> str:
        return settings.SITE_URL + reverse("events:story_list")

    def feed_url(self) -> str:
        return settings.SITE_URL + reverse("events:news_feed")

    def items(self) -> QuerySet[Story]:
        """Published articles, the latest first."""
        return Story.objects.published(timezone.now())[:MAX_ITEMS]

    def item_link(self, story: Story) -> str:
        """The address of the article at the canonical host, whichever host name the request used."""
        return settings.SITE_URL + story.get_absolute_url()

    def item_title(self, story: Story) -> str:
        return f"{story.title} ({_('Sample')})" if story.is_sample else str(story.title)

    def item_description(self, story: Story) -> str:
        return escape(story.summary)  # feed readers take it as HTML

    def feed_guid(self) -> str:
        """The ID of the feed in the active language; independent of the portal's address."""
        return uuid.uuid5(FEED_NAMESPACE, get_language() or settings.LANGUAGE_CODE).urn

    def item_pubdate(self, story: Story) -> datetime.datetime:
        """When the public could first see the article.

        For an article entered after the day of its dateline: noon of that day in Seoul, when it is the same day almost
        everywhere.
        """
        zone = ZoneInfo(settings.TIME_ZONE)
        if story.dateline_date < story.public_since.astimezone(zone).date():
            return datetime.datetime.combine(story.dateline_date, datetime.time(12), zone)
        return story.public_since

    def item_updateddate(self, story: Story) -> datetime.datetime:
        """When the article last changed or became public."""
        return max(story.updated_at, story.public_since)

    def item_guid(self, story: Story) -> str:
        """The ID of the article in every language; independent of the portal's address."""
        return story.feed_id
