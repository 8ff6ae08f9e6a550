from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organizations.models import Language
from organizations.models.resource import DOCUMENTS
from wego_portal.foundation.fold import FoldedField
from wego_portal.foundation.publication import PublishedModel
from wego_portal.foundation.translated import has_text, in_languages, translated
from wego_portal.foundation.uploads import AllowedFile, UploadField

from .part import Part


class Handout(PublishedModel):
    """A document of a part to download: slides, a programme, a report."""

    publication_ancestors = ("part__event",)

    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.CASCADE, related_name="handouts")
    title = translated(models.CharField(_("title"), max_length=200, blank=True))
    language = models.ForeignKey(
        Language, verbose_name=_("language"), on_delete=models.PROTECT, null=True, blank=True, related_name="handouts"
    )
    url = models.URLField(_("link"), max_length=500, blank=True)
    file = UploadField(
        _("file"),
        upload_to="handouts/",
        blank=True,
        validators=[AllowedFile(DOCUMENTS, megabytes=25)],
        help_text=_("PDF, Word, PowerPoint, Excel, text or CSV, 25 MB at most. Give a link or a file, not both."),
    )
    is_sample = models.BooleanField(_("sample"), default=False, help_text=_("Marked as a sample wherever it is shown."))

    folded = FoldedField(in_languages("title"))

    class Meta:
        verbose_name = _("handout")
        verbose_name_plural = _("handouts")
        ordering = ["part", "pk"]
        constraints = [
            *PublishedModel.Meta.constraints,
            models.CheckConstraint(
                condition=has_text("title"),
                name="events_handout_has_title",
                violation_error_message=_("Write the title in at least one language."),
            ),
            models.CheckConstraint(
                condition=(Q(url="") & ~Q(file="")) | (~Q(url="") & Q(file="")),
                name="events_handout_link_or_file",
                violation_error_message=_("Give a link or a file: one of them, not both."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def address(self) -> str:
        """Where it is to be had: the link, or the address of the file."""
        return self.url or self.file.url
