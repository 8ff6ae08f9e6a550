import datetime
import uuid
from typing import Any, Self

from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from organizations.models import Initiative, Organization, Topic
from wego_portal.foundation.fold import FoldedField
from wego_portal.foundation.pictures import PictureField
from wego_portal.foundation.publication import Publication, PublishedModel, published_q
from wego_portal.foundation.rich_text import rich_text_field
from wego_portal.foundation.slugs import SluggedModel
from wego_portal.foundation.translated import has_text, in_languages, original_language_field, translated

from .event import Event


def new_feed_id() -> str:
    """Return a new ID for an entry of the news feed (RFC 4287, 4.2.6), independent of the portal's address."""
    return uuid.uuid4().urn


class Story(SluggedModel, PublishedModel):
    """A news article about events, organizations and initiatives, with a dateline: place and day.

    `save` sets `updated_at` if a field of the content changed, and `first_published_at` when the public can see the
    article for the first time (None before, and while it is scheduled). `feed_id` never changes; older rows keep the ID
    with the portal's address that was sent out for them.
    """

    slug_sources = tuple(in_languages("title"))

    title = translated(models.CharField(_("title"), max_length=250, blank=True))
    summary = translated(models.TextField(_("summary"), max_length=500, blank=True))
    body = translated(rich_text_field(_("text")))
    original_language = original_language_field()
    dateline_place = translated(models.CharField(_("dateline: place"), max_length=60, blank=True))
    dateline_date = models.DateField(_("dateline: day"))
    events = models.ManyToManyField(Event, verbose_name=_("events"), blank=True, related_name="stories")
    organizations = models.ManyToManyField(
        Organization, verbose_name=_("organizations"), blank=True, related_name="stories"
    )
    initiatives = models.ManyToManyField(Initiative, verbose_name=_("initiatives"), blank=True, related_name="stories")
    topics = models.ManyToManyField(Topic, verbose_name=_("topics"), blank=True, related_name="stories")
    source_url = models.URLField(_("source"), max_length=500, blank=True)
    is_sample = models.BooleanField(_("sample"), default=False, help_text=_("Marked as a sample wherever it is shown."))
    feed_id = models.CharField(max_length=300, default=new_feed_id, unique=True, editable=False)
    first_published_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    folded = FoldedField(in_languages("title", "summary", "dateline_place"), rich_text=in_languages("body"))

    class Meta:
        verbose_name = _("news article")
        verbose_name_plural = _("news")
        ordering = ["-dateline_date", "-pk"]
        indexes = [models.Index(fields=["-dateline_date", "-id"], name="events_story_dateline")]
        constraints = [
            *PublishedModel.Meta.constraints,
            models.CheckConstraint(
                condition=has_text("title"),
                name="events_story_has_title",
                violation_error_message=_("Write the title in at least one language."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("events:story_detail", args=[self.slug])

    def save(self, *args: Any, **kwargs: Any) -> None:
        now = timezone.now()
        before = Story.objects.filter(pk=self.pk).first()
        if before is None or self._content() != before._content():
            self.updated_at = now
        if self.first_published_at is None:
            if before and before.publication == Publication.SCHEDULED and before.is_published(now):
                self.first_published_at = before.publish_at
            elif self.publication == Publication.PUBLISHED:
                self.first_published_at = now
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "updated_at", "first_published_at"}
        super().save(*args, **kwargs)

    def _content(self) -> dict[str, object]:
        """The values of its editable fields except publication and publish_at."""
        names = [field.name for field in self._meta.concrete_fields if field.editable]
        return {name: getattr(self, name) for name in names if name not in ("publication", "publish_at")}

    @property
    def public_since(self) -> datetime.datetime:
        """When the public could first see it; in the past only if the article is published now."""
        return self.first_published_at or self.publish_at or self.updated_at

    def slug_kind(self) -> str:
        """The first part of its address."""
        return "news"

    def slug_date(self) -> datetime.date:
        """The day of the dateline."""
        if self.dateline_date is None:
            return super().slug_date()  # type: ignore[unreachable]  # a form leaves it None if the date is invalid
        return self.dateline_date


class StoryPictureQuerySet(models.QuerySet):
    def published(self, now: datetime.datetime) -> Self:
        """Pictures of articles that the public may see at the aware datetime `now`."""
        return self.filter(published_q(now, "story__"))


class StoryPicture(models.Model):
    """A picture of a news article; the first one is shown in lists."""

    story = models.ForeignKey(Story, verbose_name=_("news article"), on_delete=models.CASCADE, related_name="pictures")
    picture = PictureField(_("picture"), upload_to="news/")
    alt = translated(models.CharField(_("description of the picture"), max_length=200, blank=True))
    caption = translated(models.CharField(_("caption"), max_length=300, blank=True))
    credit = models.CharField(_("credit"), max_length=120, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    objects = StoryPictureQuerySet.as_manager()

    class Meta:
        verbose_name = _("picture")
        verbose_name_plural = _("pictures")
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=has_text("alt"),
                name="events_storypicture_has_alt",
                violation_error_message=_("Describe the picture for people who do not see it."),
            )
        ]

    def __str__(self) -> str:
        return str(self.alt)
