"""Mails that remind who has a place in a part of its beginning."""

import datetime

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation import outbox

from ..models import Seat
from .letter import Letter

REMINDER = "reminder"


def queue_reminders(which, part, seats, *, until, now):
    """One mail to each of the seats of a part, to leave before `until` (aware) or not at all.

    `seats` are pairs of primary keys, of a seat and its registration.
    `which` is "day" or "hour". The cause names the start, so that a part that is moved is reminded of anew, and once.
    """
    parameters = {"which": which, "starts_at": part.starts_at.isoformat(), "until": until.isoformat()}
    parameters_by_cause = {
        reminder_cause(which, part, seat): {**parameters, "seat": seat, "registration": registration}
        for seat, registration in seats
    }
    outbox.queue_many(kind=REMINDER, parameters_by_cause=parameters_by_cause, now=now)


def reminder_cause(which, part, seat):
    """The cause of the reminder of a seat (primary key) for the part's present start."""
    return f"{REMINDER}:{which}:{seat}:{part.starts_at.isoformat()}"


@outbox.mail_renderer(REMINDER, _("Reminder"))
def reminder(mail):
    """What begins, when, and where to join. None where place or date are others by now, or it is too late."""
    given = mail.parameters
    if mail.rendered_at >= datetime.datetime.fromisoformat(given["until"]):
        return None
    seat = Seat.objects.filter(pk=given["seat"]).only("registration").first()
    letter = seat and Letter.to(seat.registration_id)
    own = next((each for each in letter.confirmed if each.pk == given["seat"]), None) if letter else None
    if own is None or own.part.starts_at is None or own.part.starts_at.isoformat() != given["starts_at"]:
        return None
    if not own.part.is_expected:
        return None
    with letter.language():
        is_soon = given["which"] == "hour"
        subject = gettext("It begins soon: %(event)s") if is_soon else gettext("A reminder: %(event)s")
        return letter.message("reminder", subject, context={"seat": own, "seats": [own], "is_soon": is_soon})
