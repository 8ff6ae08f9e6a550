from django.db import models
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.partial_dates import precision_field
from wego_portal.foundation.translated import has_text, translated

from .organization import Organization


class ReportedFigure(models.Model):
    """A number that a body states of itself, with date and source; shown apart from what is counted here."""

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.CASCADE, related_name="reported_figures"
    )
    label = translated(models.CharField(_("what is counted"), max_length=120, blank=True))
    value = models.CharField(_("as stated"), max_length=40, help_text=_("Such as “around 130” or “198”."))
    number = models.PositiveIntegerField(_("number"), null=True, blank=True, help_text=_("For sorting and charts."))
    as_of = models.DateField(_("as of"))
    as_of_precision = precision_field(_("as of, known to the"))
    source_url = models.URLField(_("source"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("reported figure")
        verbose_name_plural = _("reported figures")
        ordering = ["organization", "-as_of"]
        constraints = [
            models.CheckConstraint(
                condition=has_text("label"),
                name="organizations_figure_has_label",
                violation_error_message=_("Say in at least one language what is counted."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.value} {self.label}"
