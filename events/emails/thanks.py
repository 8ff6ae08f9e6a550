"""The mail after an event, with its recordings and transcripts."""

import dataclasses
import datetime
from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

from ..models import Event, Recording, Seat, Suppression, Transcript
from .registration_mail import RegistrationMail, unsubscribe_headers, unsubscribe_url

THANKS = "thanks"


@dataclasses.dataclass(frozen=True)
class PartMaterials:
    """What is published of the part of a seat."""

    seat: Seat
    recordings: list[Recording]
    transcripts: list[Transcript]


def queue_thanks(registrations: Iterable[int], *, now: datetime.datetime) -> None:
    """Queue one mail to each of the registrations (primary keys), once for ever."""
    outbox.queue_many(
        kind=THANKS,
        parameters_by_key={f"{THANKS}:{key}": {"registration": key} for key in registrations},
        now=now,
    )


@outbox.mail_renderer(THANKS, _("Thanks after the event"))
def render_thanks(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """Thanks, with links to what is published. None if nothing is, or if the registrant unsubscribed."""
    mail = RegistrationMail.for_registration(queued.parameters["registration"])
    materials = _published_materials(mail, queued.rendered_at) if mail else []
    if mail is None or not materials or Suppression.is_suppressed(mail.contact.email):
        return None
    with mail.override_language():
        attended = _has_attended(mail, materials)
        if attended:
            subject = gettext("Thank you for coming: %(event)s")
        elif attended is None:
            subject = gettext("Thank you for your interest: %(event)s")
        else:
            subject = gettext("Recording and documents: %(event)s")
        url = unsubscribe_url(mail.contact)
        context: dict[str, object] = {
            "materials": materials,
            "attended": attended,
            "event_url": settings.SITE_URL + mail.event.get_absolute_url(),
            "unsubscribe_url": url,
        }
        return mail.message("thanks", subject, context=context, headers=unsubscribe_headers(url))


def _published_materials(mail: RegistrationMail, now: datetime.datetime) -> list[PartMaterials]:
    """What is published at `now` of the parts with a confirmed seat; parts with nothing are left out."""
    parts = [seat.part_id for seat in mail.confirmed_seats]
    recordings = list(Recording.objects.published(now).available().filter(part__in=parts).select_related("language"))
    with_words = Transcript.objects.published(now).with_words().filter(part__in=parts)
    transcripts = list(with_words.select_related("language", "part__event"))
    materials = [
        PartMaterials(
            seat,
            [recording for recording in recordings if recording.part_id == seat.part_id],
            [transcript for transcript in transcripts if transcript.part_id == seat.part_id],
        )
        for seat in mail.confirmed_seats
    ]
    return [each for each in materials if each.recordings or each.transcripts]


def _has_attended(mail: RegistrationMail, materials: list[PartMaterials]) -> bool | None:
    """Whether the registrant attended any part; None if that is not known.

    It is known if they entered through the personal page, or if there was no other way to take part.
    """
    if any(seat.entered_at for seat in mail.confirmed_seats):
        return True
    is_known = mail.event.mode == Event.Mode.ONLINE and all(each.seat.part.room_url for each in materials)
    return False if is_known else None
