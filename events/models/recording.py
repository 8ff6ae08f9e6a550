from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organizations.models import Language
from wego_portal.foundation.publication import PublishedModel, PublishedQuerySet
from wego_portal.foundation.translated import translated
from wego_portal.foundation.uploads import AllowedFile

from .part import Part


class RecordingQuerySet(PublishedQuerySet):
    def available(self):
        """Recordings that can be watched: an address or a file is known."""
        return self.exclude(url="", file="")


class Recording(PublishedModel):
    """A recording of a part. One that is known to exist, but not where, has neither address nor file and says so."""

    publication_ancestors = ("part__event",)

    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.CASCADE, related_name="recordings")
    title = translated(
        models.CharField(_("title"), max_length=200, blank=True, help_text=_("Empty: the title of the part or event."))
    )
    language = models.ForeignKey(
        Language, verbose_name=_("language"), on_delete=models.PROTECT, null=True, blank=True, related_name="recordings"
    )
    url = models.URLField(
        _("video address"), max_length=500, blank=True, help_text=_("YouTube or Vimeo plays in the page; others are linked.")
    )
    file = models.FileField(
        _("video file"),
        upload_to="recordings/",
        blank=True,
        validators=[AllowedFile((".mp4", ".webm"), megabytes=500)],
        help_text=_("MP4 or WebM, 500 MB at most. Give an address or a file, not both."),
    )
    source = models.CharField(
        _("published on"), max_length=100, blank=True, help_text=_("Such as YouTube; named before the player loads.")
    )
    duration_seconds = models.PositiveIntegerField(_("length in seconds"), null=True, blank=True)
    is_sample = models.BooleanField(_("sample"), default=False, help_text=_("Marked as a sample wherever it is shown."))

    objects = RecordingQuerySet.as_manager()

    class Meta:
        verbose_name = _("recording")
        verbose_name_plural = _("recordings")
        ordering = ["part", "pk"]
        constraints = [
            *PublishedModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(url="") | Q(file=""),
                name="events_recording_address_or_file",
                violation_error_message=_("Give an address or a file, not both."),
            ),
        ]

    def __str__(self):
        return self.title or str(self.part)

    @property
    def is_available(self):
        """Whether it can be watched from here."""
        return bool(self.url or self.file)
