from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from wego_portal.foundation.pages import page_of

from ..domain.recordings import (
    RECORDINGS,
    TRANSCRIPTS,
    add_passages,
    count_parts_to_watch,
    parts_to_watch,
    prefetch_for_cards,
)
from ..filters import RecordingFilter


def recording_list(request):
    """Every published recording and transcript, by the part of the event it is left of, filtered."""
    now = timezone.now()
    filterset = RecordingFilter(request.GET, now=now)
    found = filterset.qs
    chosen = filterset.form.cleaned_data
    what, language, words = (chosen.get(name) or "" for name in ("what", "language", "q"))
    counts = count_parts_to_watch(found, now, language=language)
    parts = prefetch_for_cards(parts_to_watch(found, now, what=what, language=language), now, words=words)
    page = page_of(parts, request, filterset.form)
    page.object_list = list(page.object_list)
    if words:
        add_passages(page.object_list)
    tabs = [
        ("", _("Everything"), counts[""]),
        (RECORDINGS, _("To watch"), counts[RECORDINGS]),
        (TRANSCRIPTS, _("To read"), counts[TRANSCRIPTS]),
    ]
    context = {
        "page_obj": page,
        "fields": [field for field in filterset.form if field.name != "what"],
        "what": what,
        "what_errors": filterset.form["what"].errors,
        "tabs": tabs,
        "words": words,
        "filtered": any(chosen.values()),
    }
    return render(request, "events/recording_list.html", context)
