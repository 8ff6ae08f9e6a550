from django import forms
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from wego_portal.foundation.bounds import BoundedCharField
from wego_portal.foundation.fold import fold
from wego_portal.foundation.list_filters import MAX_SEARCH_LENGTH
from wego_portal.foundation.pages import keep_query
from wego_portal.foundation.publication import published_or_none

from ..domain import part_times
from ..domain.transcript import as_text, as_vtt, paragraphs
from ..models import Transcript


class FindForm(forms.Form):
    """Words to find in a transcript."""

    q = BoundedCharField(required=False, max_length=MAX_SEARCH_LENGTH)


def _published(pk, now):
    rows = Transcript.objects.published(now).select_related("language", "recording", "part__event__place")
    return get_object_or_404(rows, pk=pk)


def transcript_detail(request, slug, pk):
    """The words of a transcript as readable text; `q` marks words in them. Old addresses of its event lead here."""
    now = timezone.now()
    transcript = _published(pk, now)
    part, event = transcript.part, transcript.part.event
    if event.slug != slug:
        return redirect(transcript, permanent=True)
    recording = transcript.recording
    if recording:
        recording.part = part  # loaded already; its name and its publication are the part's
    recording = published_or_none(recording, now)
    form = FindForm(request.GET)
    keep_query(request, form)
    wanted = form.cleaned_data["q"] if form.is_valid() else ""
    folded = fold(wanted)
    cues = list(transcript.cues.all())
    for cue in cues:
        timed = recording is not None and cue.start_ms is not None
        cue.watch_url = recording.watch_url(cue.start_ms) if timed else ""
        cue.start_seconds = cue.start_ms / 1000 if timed else None
    others = Transcript.objects.published(now).filter(part=part).exclude(pk=pk).select_related("language")
    context = {
        "transcript": transcript,
        "part": part,
        "event": event,
        "several_parts": event.has_several_parts,
        "recording": recording,
        "paragraphs": paragraphs(cues),
        "separator": "" if transcript.language.code.startswith(("ja", "zh")) else " ",
        "has_times": bool(cues) and all(cue.end_ms is not None for cue in cues),
        "others": others,
        "form": form,
        "wanted": wanted,
        "hits": [cue for cue in cues if folded and folded in cue.folded],
    }
    return render(request, "events/transcript_detail.html", context)


def transcript_file(request, slug, pk, file_format):
    """The words as a file: "vtt", where all passages have times, or "txt"."""
    transcript = _published(pk, timezone.now())
    event = transcript.part.event
    if event.slug != slug:
        return redirect("events:transcript_file", event.slug, pk, file_format, permanent=True)
    cues = list(transcript.cues.all())
    if not cues:
        raise Http404
    heading = _heading(transcript)
    try:
        if file_format == "vtt":
            body, content_type = as_vtt(cues, heading=heading), "text/vtt; charset=utf-8"
        elif file_format == "txt":
            body, content_type = as_text(cues, heading=heading), "text/plain; charset=utf-8"
        else:
            raise Http404
    except ValueError:
        raise Http404
    name = f"{event.slug}-{transcript.part.number}-{transcript.language.code}.{file_format}"
    return HttpResponse(
        body, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _heading(transcript):
    part, event = transcript.part, transcript.part.event
    return [
        str(event.title),
        str(part.title),
        part_times.date_words(part),
        f"{transcript.language} ({transcript.get_kind_display()})",
        _("This is a sample.") if transcript.is_sample or event.is_sample else "",
        transcript.note,
        settings.SITE_URL + transcript.get_absolute_url(),
    ]
