import re
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organizations.models import Language
from wego_portal.foundation.fold import FoldedField, FoldedModel
from wego_portal.foundation.publication import PublishedModel, PublishedQuerySet
from wego_portal.foundation.translated import in_languages, translated
from wego_portal.foundation.uploads import AllowedFile, UploadField

from .part import Part

# Addresses of one video at the two hosts whose players are known. What is caught first is the video's name there,
# then, at Vimeo, the key of an unlisted video.
YOUTUBE = re.compile(
    r"https?://(?:(?:www\.|m\.)?youtube(?:-nocookie)?\.com/(?:watch\?(?:[^#]*&)?v=|embed/|live/|shorts/)|youtu\.be/)"
    r"([\w-]{11})(?![\w-])"
)
VIMEO = re.compile(
    r"https?://(?:www\.|player\.)?vimeo\.com/(?:video/)?(\d{5,12})(?:/([0-9a-f]{6,20})|\?h=([0-9a-f]{6,20}))?(?!\w)"
)


class RecordingQuerySet(PublishedQuerySet):
    def available(self):
        """Recordings that can be watched: an address or a file is known."""
        return self.exclude(url="", file="")


class Recording(PublishedModel, FoldedModel):
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

    @property
    def embed_url(self):
        """The address of a player that can stand in the page; "" where the host has none that is known."""
        if found := YOUTUBE.match(self.url):
            return f"https://www.youtube-nocookie.com/embed/{found[1]}?autoplay=1&rel=0"
        if found := VIMEO.match(self.url):
            key = found[2] or found[3]
            return f"https://player.vimeo.com/video/{found[1]}?autoplay=1&dnt=1" + (f"&h={key}" if key else "")
        return ""

    @property
    def source_name(self):
        """Who the video is loaded from, to be named before it is: what staff wrote, else the host's name, else ""."""
        if YOUTUBE.match(self.url):
            return "YouTube"
        if VIMEO.match(self.url):
            return "Vimeo"
        return self.source or urlsplit(self.url).hostname or ""

    def watch_url(self, milliseconds=0):
        """The address at which the video starts at the given time; "" where it is not known where to watch."""
        seconds = milliseconds // 1000
        address = self.file.url if self.file else self.url
        if not address or not seconds:
            return address
        if YOUTUBE.match(self.url):
            return f"{address.split('#')[0]}{'&' if '?' in address else '?'}t={seconds}s"
        if VIMEO.match(self.url):
            return f"{address.split('#')[0]}#t={seconds}s"
        return f"{address}#t={seconds}" if self.file else address
