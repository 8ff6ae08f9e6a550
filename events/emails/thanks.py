"""The mail after an event, with what is left of it."""

import dataclasses

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation import outbox

from ..models import Cue, Event, Recording, Seat, Suppression, Transcript
from .letter import Letter

THANKS = "thanks"


@dataclasses.dataclass(frozen=True)
class Left:
    """What is left of the part of a seat."""

    seat: Seat
    recordings: list[Recording]
    transcripts: list[Transcript]


def queue_thanks(registrations, *, now):
    """One mail to each of the registrations (primary keys), whatever is published later."""
    outbox.queue_many(
        kind=THANKS,
        parameters_by_cause={f"{THANKS}:{key}": {"registration": key} for key in registrations},
        now=now,
    )


@outbox.mail_renderer(THANKS, _("Thanks after the event"))
def thanks(mail):
    """Thanks, with links to what is published. None where nothing is any more, or the receiver wants no such mails."""
    letter = Letter.to(mail.parameters["registration"])
    left = _left(letter, mail.rendered_at) if letter else []
    if not left or Suppression.is_suppressed(letter.contact.email):
        return None
    with letter.language():
        came = _came(letter, left)
        if came:
            subject = gettext("Thank you for coming: %(event)s")
        elif came is None:
            subject = gettext("Thank you for your interest: %(event)s")
        else:
            subject = gettext("Recording and documents: %(event)s")
        stop = settings.SITE_URL + reverse("events:unsubscribe", args=[letter.contact.unsubscribe_token])
        page = settings.SITE_URL + letter.event.get_absolute_url()
        # One press in the mail program stops such mails (RFC 8058).
        headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        context = {"left": left, "came": came, "page": page, "stop": stop}
        return letter.message("thanks", subject, context=context, headers=headers)


def _left(letter, now):
    """What is left of each part with a place, for those of which something is, at the aware datetime `now`."""
    parts = [seat.part_id for seat in letter.confirmed]
    recordings = Recording.objects.published(now).available().filter(part__in=parts).select_related("language")
    transcripts = Transcript.objects.published(now).filter(
        Exists(Cue.objects.filter(transcript=OuterRef("pk"))), part__in=parts
    )
    recordings, transcripts = list(recordings), list(transcripts.select_related("language", "part__event"))
    all_left = [
        Left(
            seat,
            [recording for recording in recordings if recording.part_id == seat.part_id],
            [transcript for transcript in transcripts if transcript.part_id == seat.part_id],
        )
        for seat in letter.confirmed
    ]
    return [left for left in all_left if left.recordings or left.transcripts]


def _came(letter, left):
    """Whether the registrant came to any of it; None where that cannot be known.

    It is known of who entered by the personal page, and of nobody else where people could come another way.
    """
    if any(seat.entered_at for seat in letter.confirmed):
        return True
    is_known = letter.event.mode == Event.Mode.ONLINE and all(each.seat.part.room_url for each in left)
    return False if is_known else None
