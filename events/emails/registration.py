"""Mails about registrations and their seats."""

import datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

from ..models import Seat
from .letter import Letter

ONCE_IN = datetime.timedelta(minutes=10)
GRANTED, DECLINED = "seat_granted", "seat_declined"
RECEIVED, ALREADY, CHANGED = "registration_received", "registration_already", "registration_changed"
REQUESTED, LATER_PARTS = "registration_requested", "registration_later_parts"
CANCELLED, MOVED_UP, LINK = "registration_cancelled", "seat_moved_up", "registration_link"
CANCELLED_BY_STAFF, RELEASED = "registration_cancelled_by_staff", "seat_released"
# Each is the first to say until when a place is held.
TELL_OF_PLACES = (RECEIVED, LATER_PARTS, MOVED_UP, GRANTED)


def queue_received(registration, *, now):
    """Somebody registered: places, calendar entries, personal link."""
    _queue(RECEIVED, registration, now.isoformat(), now=now)


def queue_requested(registration, *, now):
    """Somebody from outside the audience asked for places: what was asked, personal link."""
    _queue(REQUESTED, registration, now.isoformat(), now=now)


def queue_later_parts(seats_by_registration, *, now):
    """Who asked for all later parts was seated in some: one mail each. {key of the registration: its new seats}."""
    parameters = {
        f"{LATER_PARTS}:{key}:{seats[0].pk}": {"registration": key, "seats": _keys(seats)}
        for key, seats in seats_by_registration.items()
    }
    outbox.queue_many(kind=LATER_PARTS, parameters_by_cause=parameters, now=now)


def queue_already_registered(registration, *, now):
    """Somebody registered with an address that has seats: its owner learns the truth, at most once in ten minutes."""
    _queue(ALREADY, registration, _ten_minutes(now), now=now)


def queue_changed(registration, *, added, dropped, had_place, now):
    """The registrant changed details or parts; `added` seats are new, and of the `dropped` those in `had_place` were
    confirmed."""
    seats = {"added": _keys(added), "dropped": _keys(dropped), "had_place": _keys(had_place)}
    _queue(CHANGED, registration, now.isoformat(), **seats, now=now)


def queue_cancelled(registration, *, seats, had_place, now):
    """Seats were given up; those in `had_place` were confirmed, so a calendar has an entry to remove."""
    _queue(CANCELLED, registration, now.isoformat(), seats=_keys(seats), had_place=_keys(had_place), now=now)


def queue_cancelled_by_staff(registration, *, seats, had_place, now):
    """Seats were given up by the organizers; the rest as in `queue_cancelled`. The seats keep why."""
    _queue(CANCELLED_BY_STAFF, registration, now.isoformat(), seats=_keys(seats), had_place=_keys(had_place), now=now)


def queue_released(registration, *, seats, had_place, now):
    """The address was not confirmed in time, so seats were released; the rest as in `queue_cancelled`."""
    _queue(RELEASED, registration, now.isoformat(), seats=_keys(seats), had_place=_keys(had_place), now=now)


def registrations_not_told(keys: set[int]) -> set[int]:
    """Those of the registrations (primary keys) for which a mail that tells of a place has not left yet."""
    mails = OutboxMail.objects.filter(state=OutboxMail.State.QUEUED, kind__in=TELL_OF_PLACES)
    mails = mails.filter(parameters__registration__in=keys)
    return set(mails.values_list("parameters__registration", flat=True))


def queue_link(registration, *, now):
    """The personal link once more."""
    _queue(LINK, registration, now.isoformat(), now=now)


def queue_lost_link(registration, *, now):
    """The personal link once more, as whoever knows the address can ask for: at most once in ten minutes."""
    _queue(LINK, registration, f"lost:{_ten_minutes(now)}", now=now)


def queue_moved_up(seat, *, now):
    """Who waited has a place."""
    _queue_of_seat(MOVED_UP, seat, now)


def queue_granted(seat, *, now):
    """Staff gave who asked or waited a place, or who asked a number in the line."""
    _queue_of_seat(GRANTED, seat, now)


def queue_declined(seat, *, now):
    """Staff could not give who asked a place."""
    _queue_of_seat(DECLINED, seat, now)


def _queue_of_seat(kind, seat, now):
    cause = f"{kind}:{seat.pk}:{seat.sequence}"
    parameters = {"registration": seat.registration_id, "seat": seat.pk, "sequence": seat.sequence}
    outbox.queue(kind=kind, cause=cause, parameters=parameters, now=now)


def _queue(kind, registration, cause, *, now, **parameters):
    parameters["registration"] = registration.pk
    outbox.queue(kind=kind, cause=f"{kind}:{registration.pk}:{cause}", parameters=parameters, now=now)


def _ten_minutes(now):
    return int(now.timestamp() // ONCE_IN.total_seconds())


def _keys(seats):
    return [seat.pk for seat in seats]


@outbox.mail_renderer(RECEIVED, _("Registration received"))
def received(mail):
    """The first mail. None where everything was given up before it could leave."""
    letter = Letter.to(mail.parameters["registration"])
    if letter is None or not letter.active:
        return None
    with letter.language():
        waiting = [seat for seat in letter.active if seat.state == Seat.State.WAITING]
        context = {"some_wait": bool(waiting), "all_wait": len(waiting) == len(letter.active)}
        return letter.message("received", letter.headline(), context=context, requests=letter.confirmed)


@outbox.mail_renderer(REQUESTED, _("Place asked for"))
def requested(mail):
    """That the organizers decide. None where all was decided or given up before it could leave."""
    letter = Letter.to(mail.parameters["registration"])
    if letter is None or not any(seat.state == Seat.State.REQUESTED for seat in letter.active):
        return None
    with letter.language():
        return letter.message("requested", letter.headline())


@outbox.mail_renderer(LATER_PARTS, _("Later parts"))
def later_parts(mail):
    """What one got of later parts, with their entries. None where all of it was given up before it could leave."""
    letter = Letter.to(mail.parameters["registration"])
    seats = [seat for seat in letter.active if seat.pk in mail.parameters["seats"]] if letter else []
    if not seats:
        return None
    confirmed = [seat for seat in seats if seat.state == Seat.State.CONFIRMED]
    with letter.language():
        subject = ngettext(
            "You are registered for one more part: %(event)s",
            "You are registered for more parts: %(event)s",
            len(seats),
        )
        asks = all(seat.state == Seat.State.REQUESTED for seat in seats)
        if asks:
            subject = gettext("You have asked for a place: %(event)s")
        elif not confirmed:
            subject = gettext("You are on the waiting list: %(event)s")
        context = {"seats": seats, "all_wait": not confirmed and not asks, "all_ask": asks}
        return letter.message("later_parts", subject, context=context, requests=confirmed)


@outbox.mail_renderer(ALREADY, _("Registered already"))
def already_registered(mail):
    """What this address has. None where it has nothing any more."""
    letter = Letter.to(mail.parameters["registration"])
    if letter is None or not letter.active:
        return None
    with letter.language():
        return letter.message("already", gettext("You are registered already: %(event)s"))


@outbox.mail_renderer(LINK, _("Personal link"))
def link(mail):
    """The personal link, asked for once more."""
    letter = Letter.to(mail.parameters["registration"])
    if letter is None:
        return None
    with letter.language():
        return letter.message("link", gettext("Your personal link: %(event)s"))


@outbox.mail_renderer(CHANGED, _("Registration changed"))
def changed(mail):
    """How the registration stands after a change, with entries for new places and for the removal of lost ones."""
    letter = Letter.to(mail.parameters["registration"])
    if letter is None or not letter.active:
        return None
    given = mail.parameters
    with letter.language():
        return letter.message(
            "changed",
            gettext("Your registration was changed: %(event)s"),
            context={"seats": [*letter.active, *letter.cancelled(given["dropped"])]},
            requests=[seat for seat in letter.confirmed if seat.pk in given["added"]],
            cancels=letter.cancelled(given["had_place"]),
        )


@outbox.mail_renderer(CANCELLED, _("Places given up"))
def cancelled(mail):
    """Which seats were given up, with entries that remove them. None where they were taken again meanwhile."""
    return _given_up(
        mail,
        "cancelled",
        whole=_("Your registration is cancelled: %(event)s"),
        partly=_("Your registration is partly cancelled: %(event)s"),
    )


@outbox.mail_renderer(CANCELLED_BY_STAFF, _("Places cancelled by the organizers"))
def cancelled_by_staff(mail):
    """Which seats the organizers gave up, and why; the rest as in `cancelled`."""
    return _given_up(
        mail,
        "cancelled_by_staff",
        whole=_("The organizers have cancelled your registration: %(event)s"),
        partly=_("The organizers have cancelled a part of your registration: %(event)s"),
    )


@outbox.mail_renderer(RELEASED, _("Places not confirmed in time"))
def released(mail):
    """Which seats were released, and how to register again. None where they were taken again meanwhile."""
    return _given_up(
        mail,
        "released",
        whole=_("Your place was not confirmed in time: %(event)s"),
        partly=_("A part of your registration was not confirmed in time: %(event)s"),
    )


@outbox.mail_renderer(MOVED_UP, _("Moved up from the waiting list"))
def moved_up(mail):
    """A place after waiting. None where the seat was given up or changed again meanwhile."""
    letter, seat = _letter_about_seat(mail)
    if seat is None or seat.state != Seat.State.CONFIRMED:
        return None
    with letter.language():
        return letter.message("moved_up", _has_place(letter), context=_about(seat, letter), requests=[seat])


@outbox.mail_renderer(GRANTED, _("Place granted"))
def granted(mail):
    """What staff gave. None where the seat was changed again meanwhile, of which another mail tells."""
    letter, seat = _letter_about_seat(mail)
    if seat is None:
        return None
    has_place = seat.state == Seat.State.CONFIRMED
    with letter.language():
        subject = _has_place(letter) if has_place else gettext("You are on the waiting list: %(event)s")
        context = {**_about(seat, letter), "has_place": has_place}
        return letter.message("granted", subject, context=context, requests=[seat] if has_place else [])


@outbox.mail_renderer(DECLINED, _("Place declined"))
def declined(mail):
    """That there is no place, and why. None where the seat was changed again meanwhile."""
    letter, seat = _letter_about_seat(mail)
    if seat is None:
        return None
    with letter.language():
        subject = gettext("We could not offer you a place: %(event)s")
        if letter.event.has_several_parts:
            subject = gettext("No place in part %(number)s: %(event)s")
        return letter.message("declined", subject, context=_about(seat, letter))


def _given_up(mail, template, *, whole, partly):
    """A mail about seats that were given up, with the subject `whole` or, where others are left, `partly` (lazy)."""
    letter = Letter.to(mail.parameters["registration"])
    seats = letter.cancelled(mail.parameters["seats"]) if letter else []
    if not seats:
        return None
    with letter.language():
        others = letter.others(seats)
        cancels = letter.cancelled(mail.parameters["had_place"])
        context = {"given_up": seats, "others": others, "again": letter.address_to_register()}
        return letter.message(template, partly if others else whole, context=context, cancels=cancels)


def _has_place(letter):
    if letter.event.has_several_parts:
        return gettext("You have a place in part %(number)s: %(event)s")
    return gettext("You have a place: %(event)s")


def _about(seat, letter):
    """What a mail about one seat says of it, and of the others."""
    return {"seat": seat, "number": seat.part.number, "others": letter.others([seat])}


def _letter_about_seat(mail):
    """The letter and the seat it is about; no seat where that was changed after the mail was queued."""
    seat = Seat.objects.filter(pk=mail.parameters["seat"], sequence=mail.parameters["sequence"]).first()
    letter = seat and Letter.to(seat.registration_id)
    return letter, next((own for own in letter.seats if own.pk == seat.pk), None) if letter else None
