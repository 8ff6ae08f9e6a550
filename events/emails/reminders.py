"""Mails that remind registrants with a place before a part begins."""

import datetime
from collections.abc import Iterable

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

from ..models import Part
from .registration_mail import RegistrationMail

REMINDER = "reminder"


def queue_reminders(
    which: str,
    part: Part,
    seats: Iterable[tuple[int, int]],
    *,
    until: datetime.datetime,
    now: datetime.datetime,
) -> None:
    """Queue one mail for each seat of a part, to be sent before `until` (aware) or not at all.

    `which` is "day" or "hour". `seats` are pairs of primary keys, of a seat and its registration. `part.starts_at` is
    set.
    """
    starts_at = _start(part)
    parameters = {"which": which, "starts_at": starts_at, "until": until.isoformat()}
    parameters_by_key = {
        reminder_key(which, part, seat): {**parameters, "seat": seat, "registration": registration}
        for seat, registration in seats
    }
    outbox.queue_many(kind=REMINDER, parameters_by_key=parameters_by_key, now=now)


def reminder_key(which: str, part: Part, seat: int) -> str:
    """Return the deduplication key of the reminder of a seat (primary key).

    It includes the start of the part, so that a rescheduled part is reminded of again, and only once.
    """
    return f"{REMINDER}:{which}:{seat}:{_start(part)}"


def _start(part: Part) -> str:
    return part.starts_at.isoformat() if part.starts_at else ""


@outbox.mail_renderer(REMINDER, _("Reminder"))
def render_reminder(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """What begins, when, and where to join. None if it is too late, or the seat or the date changed meanwhile."""
    parameters = queued.parameters
    if queued.rendered_at >= datetime.datetime.fromisoformat(parameters["until"]):
        return None
    mail = RegistrationMail.for_seat(parameters["seat"])
    seat = mail.seat(parameters["seat"]) if mail else None
    if mail is None or seat not in mail.confirmed_seats:
        return None
    if not seat.part.is_expected or _start(seat.part) != parameters["starts_at"]:
        return None
    with mail.override_language():
        is_soon = parameters["which"] == "hour"
        subject = gettext("It begins soon: %(event)s") if is_soon else gettext("A reminder: %(event)s")
        return mail.message("reminder", subject, context={"seat": seat, "seats": [seat], "is_soon": is_soon})
