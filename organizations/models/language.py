from django.db import models
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.fold import FoldedField, FoldedModel
from wego_portal.foundation.translated import has_text, in_languages, translated


class Language(FoldedModel):
    """A language that content or an event may be in: more than those of the interface, such as Chinese and Spanish."""

    code = models.CharField(
        _("code"), max_length=10, unique=True, help_text=_("BCP 47 code, such as en, ja or zh-Hans.")
    )
    name = translated(models.CharField(_("name"), max_length=60, blank=True))

    folded = FoldedField(in_languages("name"))

    class Meta:
        verbose_name = _("language")
        verbose_name_plural = _("languages")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=has_text("name"),
                name="organizations_language_has_name",
                violation_error_message=_("Write the name in at least one language."),
            )
        ]

    def __str__(self) -> str:
        return self.name
