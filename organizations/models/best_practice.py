from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.fold import FoldedField
from wego_portal.foundation.pictures import PictureField
from wego_portal.foundation.publication import PublishedModel
from wego_portal.foundation.rich_text import rich_text_field
from wego_portal.foundation.slugs import SluggedModel
from wego_portal.foundation.translated import has_text, in_languages, original_language_field, translated

from .organization import Organization
from .topic import Topic


class BestPractice(SluggedModel, PublishedModel):
    """A city's case: topic, what was done, what came of it. Seen only while its city is."""

    publication_ancestors = ("city",)
    slug_sources = tuple(in_languages("title"))

    city = models.ForeignKey(
        Organization, verbose_name=_("city"), on_delete=models.PROTECT, related_name="best_practices"
    )
    topics = models.ManyToManyField(Topic, verbose_name=_("topics"), blank=True, related_name="best_practices")
    title = translated(models.CharField(_("title"), max_length=200, blank=True))
    summary = translated(models.TextField(_("summary"), max_length=400, blank=True))
    done = translated(rich_text_field(_("what was done")))
    result = translated(rich_text_field(_("what came of it")))
    original_language = original_language_field()
    picture = PictureField(_("picture"), upload_to="cases/", blank=True)
    picture_alt = translated(models.CharField(_("description of the picture"), max_length=200, blank=True))
    source_url = models.URLField(_("source"), max_length=500, blank=True)

    folded = FoldedField(in_languages("title", "summary"), rich_text=in_languages("done", "result"))

    class Meta:
        verbose_name = _("best practice")
        verbose_name_plural = _("best practices")
        ordering = ["title_en"]
        constraints = [
            *PublishedModel.Meta.constraints,
            models.CheckConstraint(
                condition=has_text("title"),
                name="organizations_bestpractice_has_title",
                violation_error_message=_("Write the title in at least one language."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("organizations:best_practice_detail", args=[self.slug])
