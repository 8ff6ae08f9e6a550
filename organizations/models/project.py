from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.fold import FoldedField
from wego_portal.foundation.publication import PublishedModel
from wego_portal.foundation.slugs import SluggedModel
from wego_portal.foundation.translated import has_text, in_languages, original_language_field, translated

from .initiative import Initiative, Stage
from .organization import Organization


class Project(SluggedModel, PublishedModel):
    """A city's project inside an initiative: at which stage, with whom, with what result."""

    publication_ancestors = ("initiative",)
    slug_sources = tuple(in_languages("title"))

    initiative = models.ForeignKey(
        Initiative, verbose_name=_("initiative"), on_delete=models.PROTECT, related_name="projects"
    )
    stage = models.ForeignKey(
        Stage, verbose_name=_("stage"), on_delete=models.SET_NULL, null=True, blank=True, related_name="projects"
    )
    city = models.ForeignKey(
        Organization, verbose_name=_("city"), on_delete=models.PROTECT, null=True, blank=True, related_name="projects"
    )
    partners = models.ManyToManyField(
        Organization, verbose_name=_("partners"), blank=True, related_name="partner_projects"
    )
    title = translated(models.CharField(_("title"), max_length=200, blank=True))
    summary = translated(models.TextField(_("summary"), max_length=600, blank=True))
    result = translated(models.TextField(_("result"), max_length=600, blank=True))
    original_language = original_language_field()
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    is_sample = models.BooleanField(_("sample"), default=False, help_text=_("Marked as a sample wherever it is shown."))
    source_url = models.URLField(_("source"), max_length=500, blank=True)

    folded = FoldedField(in_languages("title"))

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["initiative", "stage__number", "-year", "title_en"]
        constraints = [
            *PublishedModel.Meta.constraints,
            models.CheckConstraint(
                condition=has_text("title"),
                name="organizations_project_has_title",
                violation_error_message=_("Write the title in at least one language."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def clean(self) -> None:
        super().clean()
        if self.initiative_id and self.stage and self.stage.initiative_id != self.initiative_id:
            raise ValidationError({"stage": _("This stage belongs to another initiative.")})

    def get_absolute_url(self) -> str:
        return f"{self.initiative.get_absolute_url()}#project-{self.slug}"
