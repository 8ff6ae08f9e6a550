from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations.models import Initiative, Organization
from wego_portal.foundation.fold import FoldedField
from wego_portal.foundation.publication import PublishedModel
from wego_portal.foundation.rich_text import rich_text_field
from wego_portal.foundation.slugs import SluggedModel
from wego_portal.foundation.translated import has_text, in_languages, original_language_field, translated


class Series(SluggedModel, PublishedModel):
    """A recurring programme of events, such as Smart City 101, held weekly by SCI-J."""

    slug_sources = tuple(in_languages("title"))

    title = translated(models.CharField(_("title"), max_length=200, blank=True))
    summary = translated(models.TextField(_("summary"), max_length=400, blank=True))
    body = translated(rich_text_field(_("text")))
    original_language = original_language_field()
    cadence = translated(
        models.CharField(_("rhythm"), max_length=60, blank=True, help_text=_("Such as “weekly”. Empty when not known."))
    )
    run_by = models.ManyToManyField(Organization, verbose_name=_("run by"), blank=True, related_name="series")
    initiative = models.ForeignKey(
        Initiative,
        verbose_name=_("initiative"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="series",
    )
    source_url = models.URLField(_("source"), max_length=500, blank=True)

    folded = FoldedField(in_languages("title"))

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ["title_en"]
        constraints = [
            *PublishedModel.Meta.constraints,
            models.CheckConstraint(
                condition=has_text("title"),
                name="events_series_has_title",
                violation_error_message=_("Write the title in at least one language."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("events:series_detail", args=[self.slug])
