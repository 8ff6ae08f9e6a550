from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.constraint_admin import ConstraintForm
from wego_portal.foundation.content_admin import PUBLICATION_FIELDSET, PublicationAdminMixin
from wego_portal.foundation.upload_admin import UploadAdminMixin
from wego_portal.foundation.uploads import validated_once

from ..domain.caption_file import read_passages
from ..domain.transcript import match_cues, replace_cues, timestamp
from ..models import Transcript

MAX_CUES_PREVIEWED = 30


class TranscriptForm(ConstraintForm):
    """Reads an uploaded file while it is checked, so that what is wrong with it is said beside it."""

    passages = None

    @staticmethod
    def prepare_upload(upload, pk):
        """Read a new file of the transcript with the primary key `pk`, and find what was there before: it may take
        seconds, and is done before the transaction in which the form is saved."""
        upload.matching = match_cues(transcript_id=pk, passages=validated_once(upload, read_passages))

    def clean_file(self):
        """The file, if its words can be read."""
        file = self.cleaned_data["file"]
        if "file" in self.changed_data:
            if file:
                Transcript._meta.get_field("file").run_validators(file)
            self.passages = validated_once(file, read_passages) if file else []
        return file

    def clean(self):
        """Times follow the clock of a recording of the same part."""
        data = super().clean()
        recording = data.get("recording")
        part_id = data["part"].pk if data.get("part") else self.instance.part_id
        if recording and recording.part_id != part_id:
            self.add_error("recording", ValidationError(gettext("This recording is of another part.")))
        return data

    def _save_m2m(self):
        """Called once the transcript is saved, here or in an inline: its words become those of the file."""
        super()._save_m2m()
        if self.passages is not None:
            matching = getattr(self.cleaned_data["file"], "matching", None)
            replace_cues(transcript=self.instance, passages=self.passages, matching=matching)


@admin.register(Transcript)
class TranscriptAdmin(UploadAdminMixin, PublicationAdminMixin, admin.ModelAdmin):
    """Transcripts with the words read from their files."""

    form = TranscriptForm
    list_display = ["__str__", "language", "kind", "words", "publication", "is_sample"]
    list_filter = ["publication", "language", "kind", "is_sample"]
    list_select_related = ["part__event", "language"]
    search_fields = ["part__event__folded__contains", "folded__contains"]
    autocomplete_fields = ["part", "recording", "language"]
    readonly_fields = ["words", "read"]
    fieldsets = [
        (None, {"fields": ["part", "recording", ("language", "kind"), "note", "is_sample"]}),
        (
            _("Words"),
            {
                "fields": ["file", "words", "read"],
                "description": _(
                    "Speakers are read from voice tags such as &lt;v Name&gt; and from lines such as “Name: words”."
                ),
            },
        ),
        PUBLICATION_FIELDSET,
    ]

    def get_queryset(self, request):
        """Transcripts with the number of their passages."""
        return super().get_queryset(request).annotate(cue_count=Count("cues"))

    @admin.display(description=_("passages"), ordering="cue_count")
    def words(self, transcript):
        """How many passages were read."""
        count = getattr(transcript, "cue_count", 0)
        return ngettext("%(count)d passage", "%(count)d passages", count) % {"count": count} if count else "-"

    @admin.display(description=_("as it was read"))
    def read(self, transcript):
        """The first passages with their times and speakers."""
        if transcript.pk is None:
            return gettext("Shown here after saving.")
        cues = transcript.cues.all()[:MAX_CUES_PREVIEWED]
        rows = ((timestamp(cue.start_ms), cue.speaker, cue.text) for cue in cues)
        table = format_html_join("", "<tr><td>{}</td><td><b>{}</b></td><td>{}</td></tr>", rows)
        return format_html("<table>{}</table>", table) if table else gettext("No words yet.")
