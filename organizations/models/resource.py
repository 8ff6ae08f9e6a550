from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.fold import FoldedField
from wego_portal.foundation.partial_dates import precision_field
from wego_portal.foundation.publication import PublishedModel
from wego_portal.foundation.translated import has_text, in_languages, original_language_field, translated
from wego_portal.foundation.uploads import AllowedFile, UploadField

from .initiative import Initiative
from .language import Language
from .topic import Topic

DOCUMENTS = (".pdf", ".docx", ".pptx", ".xlsx", ".txt", ".csv")


class Resource(PublishedModel):
    """Useful information that an initiative shares: a link or a file, with its source, topic, language and date."""

    publication_ancestors = ("initiative",)

    initiative = models.ForeignKey(
        Initiative, verbose_name=_("initiative"), on_delete=models.CASCADE, related_name="resources"
    )
    title = translated(models.CharField(_("title"), max_length=200, blank=True))
    summary = translated(models.TextField(_("summary"), max_length=400, blank=True))
    original_language = original_language_field()
    url = models.URLField(_("link"), max_length=500, blank=True)
    file = UploadField(
        _("file"),
        upload_to="resources/",
        blank=True,
        validators=[AllowedFile(DOCUMENTS, megabytes=25)],
        help_text=_("PDF, Word, PowerPoint, Excel, text or CSV, 25 MB at most. Give a link or a file, not both."),
    )
    source = models.CharField(_("source"), max_length=200, blank=True, help_text=_("Who published it."))
    topic = models.ForeignKey(
        Topic, verbose_name=_("topic"), on_delete=models.PROTECT, null=True, blank=True, related_name="resources"
    )
    language = models.ForeignKey(
        Language, verbose_name=_("language"), on_delete=models.PROTECT, null=True, blank=True, related_name="resources"
    )
    date = models.DateField(_("date"), null=True, blank=True)
    date_precision = precision_field(_("date, known to the"))

    folded = FoldedField([*in_languages("title"), "source"])

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ["initiative", "topic__slug", "-date"]
        constraints = [
            *PublishedModel.Meta.constraints,
            models.CheckConstraint(
                condition=has_text("title"),
                name="organizations_resource_has_title",
                violation_error_message=_("Write the title in at least one language."),
            ),
            models.CheckConstraint(
                condition=(Q(url="") & ~Q(file="")) | (~Q(url="") & Q(file="")),
                name="organizations_resource_link_or_file",
                violation_error_message=_("Give a link or a file: one of them, not both."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def address(self) -> str:
        """Where it is to be had: the link, or the address of the file."""
        return self.url or self.file.url
