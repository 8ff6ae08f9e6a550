"""Mails to everybody with a seat in what staff rescheduled, postponed or cancelled."""

import datetime
from collections.abc import Iterable

from django.core.mail import EmailMultiAlternatives
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

from .. import ics
from ..models import Part, Registration, ScheduleChange, Seat
from .registration_mail import RegistrationMail

Kind = ScheduleChange.Kind
RESCHEDULED, POSTPONED, CANCELLED = "event_rescheduled", "event_postponed", "event_cancelled"
# Both the kind of the mail and the name of its template.
MAIL_KINDS = {Kind.RESCHEDULED: RESCHEDULED, Kind.POSTPONED: POSTPONED, Kind.CANCELLED: CANCELLED}
# A mail is about parts that still have a status that the change left them with. A later change sends its own mail.
STATUSES = {
    Kind.RESCHEDULED: frozenset(Part.Status) - frozenset(Part.POSTPONED_OR_CANCELLED_STATUSES),
    Kind.POSTPONED: frozenset({Part.Status.POSTPONED}),
    Kind.CANCELLED: frozenset({Part.Status.CANCELLED}),
}


def queue_schedule_change_mails(
    change: ScheduleChange, registrations: Iterable[Registration], *, now: datetime.datetime
) -> None:
    """Queue one mail about the saved change to each of the registrations."""
    kind = MAIL_KINDS[Kind(change.kind)]
    parameters = {
        f"{kind}:{change.pk}:{each.pk}": {"change": change.pk, "registration": each.pk} for each in registrations
    }
    outbox.queue_many(kind=kind, parameters_by_key=parameters, now=now)


@outbox.mail_renderer(RESCHEDULED, _("New date or place"))
@outbox.mail_renderer(POSTPONED, _("Postponed by the organizers"))
@outbox.mail_renderer(CANCELLED, _("Cancelled by the organizers"))
def render_schedule_change(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """What was changed. None if the seats were cancelled, or the parts were changed in another way, meanwhile."""
    change = ScheduleChange.objects.filter(pk=queued.parameters["change"]).first()
    return schedule_change_message(change, queued.parameters["registration"]) if change else None


def schedule_change_message(change: ScheduleChange, registration: int) -> EmailMultiAlternatives | None:
    """Return the message about a change to the registration with this primary key; None if it is not due.

    The change may be unsaved, for a preview.
    """
    kind = Kind(change.kind)
    mail = RegistrationMail.for_registration(registration)
    seats = [seat for seat in mail.active_seats if seat.part_id in change.part_keys] if mail else []
    seats = [seat for seat in seats if seat.part.status in STATUSES[kind]]
    if mail is None or not seats:
        return None
    confirmed = [seat for seat in seats if seat.state == Seat.State.CONFIRMED]
    with mail.override_language():
        context: dict[str, object] = {
            "affected_seats": seats,
            "other_seats": mail.other_seats(seats),
            "message": change.message,
            "number": change.part and change.part.number,
        }
        if kind != Kind.RESCHEDULED:
            return mail.message(MAIL_KINDS[kind], _subject(change, False), context=context, cancels=confirmed)
        for seat in seats:
            previous = change.part_as_of(change.before, seat.part)
            seat.previous_part = previous if previous and _has_new_date(previous, seat.part) else None
        context["has_new_date"] = has_new_date = any(seat.previous_part for seat in seats)
        if previous_event := change.event_as_of(change.before, mail.event):
            context["previous_where"], context["where"] = ics.location(previous_event), ics.location(mail.event)
        return mail.message(RESCHEDULED, _subject(change, has_new_date), context=context, requests=confirmed)


def _has_new_date(previous: Part, part: Part) -> bool:
    return any(getattr(previous, name) != getattr(part, name) for name in ("starts_at", "ends_at", "status"))


def _subject(change: ScheduleChange, has_new_date: bool) -> str:
    if change.kind == Kind.RESCHEDULED:
        if not has_new_date:
            return gettext("New place: %(event)s")
        return gettext("New date for part %(number)s: %(event)s") if change.part else gettext("New date: %(event)s")
    if change.kind == Kind.POSTPONED:
        return gettext("Part %(number)s is postponed: %(event)s") if change.part else gettext("Postponed: %(event)s")
    if change.part:
        return gettext("Part %(number)s is cancelled: %(event)s")
    return gettext("Cancelled by the organizers: %(event)s")
