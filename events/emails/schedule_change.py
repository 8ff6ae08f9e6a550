"""Mails about changes of plans, to everybody with a seat in what the organizers moved, postponed or cancelled."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation import outbox

from .. import ics
from ..models import Part, ScheduleChange, Seat
from .letter import Letter

Kind = ScheduleChange.Kind
RESCHEDULED, POSTPONED, CANCELLED = "event_rescheduled", "event_postponed", "event_cancelled"
KINDS = {Kind.RESCHEDULED: RESCHEDULED, Kind.POSTPONED: POSTPONED, Kind.CANCELLED: CANCELLED}
# A mail tells of parts that still stand as the change left them. Later ones are told of by a later mail.
STATUSES = {
    Kind.RESCHEDULED: frozenset(Part.Status) - frozenset(Part.POSTPONED_OR_CANCELLED_STATUSES),
    Kind.POSTPONED: frozenset({Part.Status.POSTPONED}),
    Kind.CANCELLED: frozenset({Part.Status.CANCELLED}),
}


def queue_schedule_change_mails(change, registrations, *, now):
    """One mail to each of the registrations about the saved change."""
    kind = KINDS[change.kind]
    parameters = {
        f"{kind}:{change.pk}:{each.pk}": {"change": change.pk, "registration": each.pk} for each in registrations
    }
    outbox.queue_many(kind=kind, parameters_by_cause=parameters, now=now)


@outbox.mail_renderer(RESCHEDULED, _("New date or place"))
@outbox.mail_renderer(POSTPONED, _("Postponed by the organizers"))
@outbox.mail_renderer(CANCELLED, _("Cancelled by the organizers"))
def schedule_change(mail):
    """What was changed. None where the seats were given up, or the parts were changed in another way, meanwhile."""
    change = ScheduleChange.objects.filter(pk=mail.parameters["change"]).first()
    return change and schedule_change_message(change, mail.parameters["registration"])


def schedule_change_message(change, registration):
    """The message about a change to the registration with this primary key, or None where it is not due."""
    letter = Letter.to(registration)
    concerned = [seat for seat in letter.active if seat.part_id in change.part_keys] if letter else []
    concerned = [seat for seat in concerned if seat.part.status in STATUSES[change.kind]]
    if not concerned:
        return None
    had_place = [seat for seat in concerned if seat.state == Seat.State.CONFIRMED]
    with letter.language():
        context = {"concerned": concerned, "message": change.message, "number": change.part and change.part.number}
        context["others"] = letter.others(concerned)
        if change.kind != Kind.RESCHEDULED:
            return letter.message(KINDS[change.kind], _subject(change, False), context=context, cancels=had_place)
        for seat in concerned:
            before = change.part_as_of(change.before, seat.part)
            seat.part_before = before if _is_moved(before, seat.part) else None
        event_before = change.event_as_of(change.before, letter.event)
        context["is_moved"] = is_moved = any(seat.part_before for seat in concerned)
        if event_before:
            context["where_before"], context["where"] = ics.location(event_before), ics.location(letter.event)
        return letter.message(RESCHEDULED, _subject(change, is_moved), context=context, requests=had_place)


def _is_moved(before, part):
    return any(getattr(before, name) != getattr(part, name) for name in ("starts_at", "ends_at", "status"))


def _subject(change, is_moved):
    if change.kind == Kind.RESCHEDULED:
        if not is_moved:
            return gettext("New place: %(event)s")
        return gettext("New date for part %(number)s: %(event)s") if change.part else gettext("New date: %(event)s")
    if change.kind == Kind.POSTPONED:
        return gettext("Part %(number)s is postponed: %(event)s") if change.part else gettext("Postponed: %(event)s")
    if change.part:
        return gettext("Part %(number)s is cancelled: %(event)s")
    return gettext("Cancelled by the organizers: %(event)s")
