from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.fold import FoldedField
from wego_portal.foundation.partial_dates import precision_field
from wego_portal.foundation.publication import PublishedModel
from wego_portal.foundation.rich_text import rich_text_field
from wego_portal.foundation.slugs import SluggedModel
from wego_portal.foundation.translated import has_text, in_languages, original_language_field, translated

from .organization import Organization


class Initiative(SluggedModel, PublishedModel):
    """A programme: who leads it, whom it supports, its stages where it has them."""

    slug_sources = tuple(in_languages("title"))

    title = translated(models.CharField(_("title"), max_length=200, blank=True))
    summary = translated(models.TextField(_("summary"), max_length=400, blank=True))
    body = translated(rich_text_field(_("text")))
    original_language = original_language_field()
    lead = models.ForeignKey(
        Organization,
        verbose_name=_("lead"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="led_initiatives",
    )
    supports = models.ManyToManyField(
        Organization,
        verbose_name=_("supports"),
        blank=True,
        related_name="supporting_initiatives",
        help_text=_("Organizations and networks that this initiative supports."),
    )
    launched = models.DateField(_("launched"), null=True, blank=True)
    launched_precision = precision_field(_("launched, known to the"))
    order = models.PositiveSmallIntegerField(_("order"), default=100, help_text=_("Small numbers come first."))
    website = models.URLField(_("website"), max_length=500, blank=True)
    source_url = models.URLField(_("source"), max_length=500, blank=True)

    folded = FoldedField(in_languages("title"))

    class Meta:
        verbose_name = _("initiative")
        verbose_name_plural = _("initiatives")
        ordering = ["order", "title_en"]
        constraints = [
            *PublishedModel.Meta.constraints,
            models.CheckConstraint(
                condition=has_text("title"),
                name="organizations_initiative_has_title",
                violation_error_message=_("Write the title in at least one language."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("organizations:initiative_detail", args=[self.slug])


class Stage(models.Model):
    """A step of an initiative, such as plan, finance, deploy; projects stand at one."""

    initiative = models.ForeignKey(
        Initiative, verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="stages"
    )
    number = models.PositiveSmallIntegerField(_("number"))
    title = translated(models.CharField(_("title"), max_length=120, blank=True))
    summary = translated(models.TextField(_("summary"), max_length=400, blank=True))

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ["initiative", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "number"],
                name="organizations_stage_number_unique",
                violation_error_message=_("Two stages have the same number."),
            ),
            models.CheckConstraint(
                condition=has_text("title"),
                name="organizations_stage_has_title",
                violation_error_message=_("Write the title in at least one language."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"
