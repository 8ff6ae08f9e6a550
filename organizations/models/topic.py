from django.db import models
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.fold import FoldedField, FoldedModel
from wego_portal.foundation.slugs import ProposedSlugModel
from wego_portal.foundation.translated import has_text, in_languages, translated


class Topic(ProposedSlugModel, FoldedModel):
    """A subject such as mobility or health, shared by events, cases, resources and news."""

    slug_sources = tuple(in_languages("name"))

    slug = models.SlugField(
        _("code"), max_length=60, unique=True, blank=True, help_text=_("Used in the addresses of filters.")
    )
    name = translated(models.CharField(_("name"), max_length=100, blank=True))

    folded = FoldedField(in_languages("name"))

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        ordering = ["slug"]
        constraints = [
            models.CheckConstraint(
                condition=has_text("name"),
                name="organizations_topic_has_name",
                violation_error_message=_("Write the name in at least one language."),
            )
        ]

    def __str__(self) -> str:
        return self.name
