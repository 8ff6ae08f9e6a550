"""Feeds. Rule: what a feed tells is what the pages of the same language show, of published rows only."""

import datetime
import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from .models import Story

MOST = 30

# From this the feed's identity in each language is made (RFC 4287, 4.2.6): for ever, wherever the portal is.
FEED = uuid.UUID("6d4f2c1e-8a57-4f0b-9c3d-2b7e64d0a1f8")


class NewsFeed(Feed):
    """The newest news as Atom, in the language of the address.

    There is no Last-Modified, as of the calendars: news that is withdrawn changes the feed without any newer row to
    take a time from. The ETag, set by the middleware from the content, makes a repeated request cheap.
    """

    feed_type = Atom1Feed

    def __call__(self, request, *args, **kwargs):
        """The feed without the header that Django adds."""
        response = super().__call__(request, *args, **kwargs)
        del response["Last-Modified"]
        return response

    def title(self):
        return _("WeGO news")

    def subtitle(self):
        return _("News of the World Smart Sustainable Cities Organization")

    def link(self):
        return settings.SITE_URL + reverse("events:story_list")

    def feed_url(self):
        return settings.SITE_URL + reverse("events:news_feed")

    def items(self):
        """Published articles, the newest first."""
        return Story.objects.published(timezone.now())[:MOST]

    def item_link(self, story):
        """The article at the site's own address, whatever name the feed was asked for by."""
        return settings.SITE_URL + story.get_absolute_url()

    def item_title(self, story):
        return f"{story.title} ({_('Sample')})" if story.is_sample else str(story.title)

    def item_description(self, story):
        return escape(story.summary)  # which readers take as HTML

    def feed_guid(self):
        """The same after a change of address, and another in each language."""
        return uuid.uuid5(FEED, get_language()).urn

    def item_pubdate(self, story):
        """When the public could see it first. What is entered later than its dateline says keeps that day, at noon in
        Seoul, when it is the same day almost everywhere."""
        zone = ZoneInfo(settings.TIME_ZONE)
        if story.dateline_date < story.public_since.astimezone(zone).date():
            return datetime.datetime.combine(story.dateline_date, datetime.time(12), zone)
        return story.public_since

    def item_updateddate(self, story):
        """When it was changed last, or became public."""
        return max(story.updated_at, story.public_since)

    def item_guid(self, story):
        """The same in every language and after a change of address."""
        return story.feed_id
