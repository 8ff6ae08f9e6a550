"""Feeds. Rule: what a feed tells is what the pages of the same language show, of published rows only."""

import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _

from .models import Story

MOST = 30


class NewsFeed(Feed):
    """The newest news as Atom, in the language of the address."""

    feed_type = Atom1Feed

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
        return str(story.summary)

    def item_pubdate(self, story):
        """Noon of the dateline's day in Seoul: only the day is known, and it stays the same day almost everywhere."""
        return datetime.datetime.combine(story.dateline_date, datetime.time(12), ZoneInfo(settings.TIME_ZONE))

    def item_guid(self, story):
        """The same in every language and after a change of address."""
        return f"{settings.SITE_URL}/#story-{story.pk}"

    item_updateddate = item_pubdate
