import uuid
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from organizations.models import Language
from wego_portal.foundation.fold import FoldedField, FoldedModel
from wego_portal.foundation.publication import PublishedModel, PublishedQuerySet
from wego_portal.foundation.uploads import AllowedFile, UploadField

from .part import Part
from .recording import Recording


class TranscriptQuerySet(PublishedQuerySet["Transcript"]):
    def with_words(self) -> Self:
        """Transcripts whose words are here, not only known to exist."""
        return self.filter(Exists(_cues()))

    def annotate_has_words(self) -> Self:
        """Give each transcript `has_words`."""
        return self.annotate(has_words=Exists(_cues()))

    def annotate_is_timed(self) -> Self:
        """Give each transcript `is_timed`: whether none of its passages lacks its time."""
        return self.annotate(is_timed=~Exists(_cues().filter(start_ms__isnull=True)))


class Transcript(PublishedModel):
    """The transcript of a part in one language. Its cues are read from the uploaded VTT, SRT or text file."""

    class Kind(models.TextChoices):
        """Whether the words are the speakers' own."""

        ORIGINAL = "original", _("As spoken")
        TRANSLATION = "translation", _("Translation")

    publication_ancestors = ("part__event",)

    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.CASCADE, related_name="transcripts")
    recording = models.ForeignKey(
        Recording,
        verbose_name=_("recording"),
        # Without the recording its times would refer to nothing, and two transcripts in one language of two recordings
        # would violate the uniqueness of transcripts of the part.
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="transcripts",
        help_text=_("The recording whose clock the times follow."),
    )
    language = models.ForeignKey(
        Language, verbose_name=_("language"), on_delete=models.PROTECT, related_name="transcripts"
    )
    kind = models.CharField(_("kind"), max_length=11, choices=Kind, default=Kind.ORIGINAL)
    file = UploadField(
        _("file"),
        upload_to="transcripts/",
        blank=True,
        validators=[AllowedFile((".vtt", ".srt", ".txt"), megabytes=5)],
        help_text=_(
            "VTT, SRT or plain text, 5 MB at most. A new file replaces the words; links to passages go on working."
        ),
    )
    is_sample = models.BooleanField(_("sample"), default=False, help_text=_("Marked as a sample wherever it is shown."))
    note = models.CharField(
        _("note"), max_length=200, blank=True, help_text=_("Such as who transcribed it, or where it was published.")
    )

    folded = FoldedField(["note"])

    objects: ClassVar = TranscriptQuerySet.as_manager()

    class Meta:
        verbose_name = _("transcript")
        verbose_name_plural = _("transcripts")
        ordering = ["part", "kind", "pk"]
        constraints = [
            *PublishedModel.Meta.constraints,
            models.UniqueConstraint(
                fields=["part", "recording", "language"],
                name="events_transcript_of_recording_unique",
                violation_error_message=_("There is a transcript in this language already."),
            ),
            models.UniqueConstraint(
                fields=["part", "language"],
                condition=Q(recording__isnull=True),
                name="events_transcript_of_part_unique",
                violation_error_message=_("There is a transcript in this language already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part}: {self.language}"

    def get_absolute_url(self) -> str:
        return reverse("events:transcript_detail", args=[self.part.event.slug, self.pk])


class Cue(FoldedModel):
    """A passage of a transcript. Times are in milliseconds from the beginning; None for plain text.

    `key` stays the same when a corrected file is uploaded, so that citations and links still work.
    """

    transcript = models.ForeignKey(
        Transcript, verbose_name=_("transcript"), on_delete=models.CASCADE, related_name="cues"
    )
    key = models.UUIDField(_("lasting identity"), default=uuid.uuid4, unique=True, editable=False)
    order = models.PositiveIntegerField(_("order"))
    start_ms = models.PositiveIntegerField(_("start (ms)"), null=True, blank=True)
    end_ms = models.PositiveIntegerField(_("end (ms)"), null=True, blank=True)
    speaker = models.CharField(_("speaker"), max_length=150, blank=True)
    text = models.TextField(_("text"))

    folded = FoldedField(["text"])
    folded_speaker = FoldedField(["speaker"])

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        ordering = ["transcript", "order"]
        indexes = [models.Index(fields=["transcript", "order"], name="events_cue_order")]
        constraints = [
            models.CheckConstraint(
                condition=Q(start_ms__isnull=True) | Q(end_ms__isnull=True) | Q(end_ms__gte=F("start_ms")),
                name="events_cue_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return self.text[:60]


def _cues() -> models.QuerySet[Cue]:
    """The cues of a transcript, for a subquery."""
    return Cue.objects.filter(transcript=OuterRef("pk"))
