import re
from typing import ClassVar, Self
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organizations.models import Language
from wego_portal.foundation.fold import FoldedField
from wego_portal.foundation.publication import PublishedModel, PublishedQuerySet
from wego_portal.foundation.translated import in_languages, translated
from wego_portal.foundation.uploads import AllowedFile, UploadField

from .part import Part

# Addresses of a video on YouTube and Vimeo. The first group is the ID of the video; at Vimeo the second or third is
# the key of an unlisted video.
YOUTUBE = re.compile(
    r"https?://(?:(?:www\.|m\.)?youtube(?:-nocookie)?\.com/(?:watch\?(?:[^#]*&)?v=|embed/|live/|shorts/)|youtu\.be/)"
    r"([\w-]{11})(?![\w-])"
)
VIMEO = re.compile(
    r"https?://(?:www\.|player\.)?vimeo\.com/(?:video/)?(\d{5,12})(?:/([0-9a-f]{6,20})|\?h=([0-9a-f]{6,20}))?(?!\w)"
)


class RecordingQuerySet(PublishedQuerySet["Recording"]):
    def available(self) -> Self:
        """Recordings that can be watched: they have an address or a file."""
        return self.exclude(url="", file="")


class Recording(PublishedModel):
    """A recording of a part. It has neither address nor file if it exists but is not available here."""

    publication_ancestors = ("part__event",)

    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.CASCADE, related_name="recordings")
    title = translated(
        models.CharField(_("title"), max_length=200, blank=True, help_text=_("Empty: the title of the part or event."))
    )
    language = models.ForeignKey(
        Language, verbose_name=_("language"), on_delete=models.PROTECT, null=True, blank=True, related_name="recordings"
    )
    url = models.URLField(
        _("video address"),
        max_length=500,
        blank=True,
        help_text=_("YouTube or Vimeo plays in the page; others are linked."),
    )
    file = UploadField(
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

    folded = FoldedField(in_languages("title"))

    objects: ClassVar = RecordingQuerySet.as_manager()

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

    def __str__(self) -> str:
        return self.title or str(self.part)

    @property
    def is_available(self) -> bool:
        """Whether it can be watched: it has an address or a file."""
        return bool(self.url or self.file)

    @property
    def embed_url(self) -> str:
        """The address of an embeddable player; "" unless the video is on YouTube or Vimeo."""
        if found := YOUTUBE.match(self.url):
            return f"https://www.youtube-nocookie.com/embed/{found[1]}?autoplay=1&rel=0"
        if found := VIMEO.match(self.url):
            key = found[2] or found[3]
            return f"https://player.vimeo.com/video/{found[1]}?autoplay=1&dnt=1" + (f"&h={key}" if key else "")
        return ""

    @property
    def source_name(self) -> str:
        """The site that the video is loaded from, to name before loading it; "" if it is not known."""
        if YOUTUBE.match(self.url):
            return "YouTube"
        if VIMEO.match(self.url):
            return "Vimeo"
        return self.source or urlsplit(self.url).hostname or ""

    def watch_url(self, milliseconds: int = 0) -> str:
        """The address of the video, starting at the given time; "" if it is not available."""
        seconds = milliseconds // 1000
        address = self.file.url if self.file else self.url
        if not address or not seconds:
            return address
        if YOUTUBE.match(self.url):
            return f"{address.split('#')[0]}{'&' if '?' in address else '?'}t={seconds}s"
        if VIMEO.match(self.url):
            return f"{address.split('#')[0]}#t={seconds}s"
        return f"{address}#t={seconds}" if self.file else address
