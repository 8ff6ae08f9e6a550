from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations.models import Initiative, Organization, Topic
from wego_portal.foundation.pictures import PictureField
from wego_portal.foundation.publication import PublishedModel, published_q
from wego_portal.foundation.rich_text import rich_text_field
from wego_portal.foundation.slugs import SluggedModel
from wego_portal.foundation.translated import has_text, original_language_field, translated

from .event import Event


class Story(SluggedModel, PublishedModel):
    """A news article about events, organizations and initiatives, with a dateline: place and day."""

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

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return reverse("events:story", args=[self.slug])


class StoryPictureQuerySet(models.QuerySet):
    def published(self, now):
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

    def __str__(self):
        return str(self.alt)
