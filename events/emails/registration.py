"""Mails about registrations and their seats: one function that queues each kind, and one that renders it."""

import datetime
from collections.abc import Iterable, Mapping, Sequence

from django.core.mail import EmailMultiAlternatives
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

from ..models import Registration, Seat
from .registration_mail import RegistrationMail

# A mail that anybody can cause is sent at most once in this time.
RESEND_INTERVAL = datetime.timedelta(minutes=10)

RECEIVED, ALREADY, CHANGED = "registration_received", "registration_already", "registration_changed"
REQUESTED, LATER_PARTS, LINK = "registration_requested", "registration_later_parts", "registration_link"
CANCELLED, CANCELLED_BY_STAFF = "registration_cancelled", "registration_cancelled_by_staff"
PROMOTED, GRANTED, DECLINED, RELEASED = "seat_moved_up", "seat_granted", "seat_declined", "seat_released"

# The kinds that first tell a registrant when the hold on a place expires.
KINDS_WITH_HOLD = (RECEIVED, LATER_PARTS, PROMOTED, GRANTED)


def queue_received(registration: Registration, *, now: datetime.datetime) -> None:
    """Queue the mail after registering, with places, calendar files and the personal link."""
    _queue(RECEIVED, registration, now.isoformat(), now=now)


def queue_requested(registration: Registration, *, now: datetime.datetime) -> None:
    """Queue the mail after somebody outside the audience requested places, with the personal link."""
    _queue(REQUESTED, registration, now.isoformat(), now=now)


def queue_later_parts(seats_by_registration: Mapping[int, Sequence[Seat]], *, now: datetime.datetime) -> None:
    """Queue one mail to each registrant who was seated in later parts: {primary key of registration: new seats}."""
    parameters = {
        f"{LATER_PARTS}:{key}:{seats[0].pk}": {"registration": key, "seats": _keys(seats)}
        for key, seats in seats_by_registration.items()
    }
    outbox.queue_many(kind=LATER_PARTS, parameters_by_key=parameters, now=now)


def queue_already_registered(registration: Registration, *, now: datetime.datetime) -> None:
    """Queue the mail to the owner of an address that was used to register again, once in RESEND_INTERVAL."""
    _queue(ALREADY, registration, str(_interval(now)), now=now)


def queue_changed(
    registration: Registration,
    *,
    added: Iterable[Seat],
    dropped: Iterable[Seat],
    had_place: Iterable[Seat],
    now: datetime.datetime,
) -> None:
    """Queue the mail after a registrant changed details or parts.

    `added` seats are new. Of the `dropped` seats, those in `had_place` were confirmed.
    """
    seats = {"added": _keys(added), "dropped": _keys(dropped), "had_place": _keys(had_place)}
    _queue(CHANGED, registration, now.isoformat(), seats, now=now)


def queue_cancelled(
    registration: Registration, *, seats: Iterable[Seat], had_place: Iterable[Seat], now: datetime.datetime
) -> None:
    """Queue the mail after the registrant cancelled seats. Those in `had_place` were confirmed and have an entry in
    calendars, which the mail removes."""
    _queue(CANCELLED, registration, now.isoformat(), _cancelled(seats, had_place), now=now)


def queue_cancelled_by_staff(
    registration: Registration, *, seats: Iterable[Seat], had_place: Iterable[Seat], now: datetime.datetime
) -> None:
    """Queue the mail after staff cancelled seats; arguments as in `queue_cancelled`. The reason is on the seats."""
    _queue(CANCELLED_BY_STAFF, registration, now.isoformat(), _cancelled(seats, had_place), now=now)


def queue_released(
    registration: Registration, *, seats: Iterable[Seat], had_place: Iterable[Seat], now: datetime.datetime
) -> None:
    """Queue the mail after the hold on seats expired; arguments as in `queue_cancelled`."""
    _queue(RELEASED, registration, now.isoformat(), _cancelled(seats, had_place), now=now)


def queue_link(registration: Registration, *, now: datetime.datetime) -> None:
    """Queue the personal link once more."""
    _queue(LINK, registration, now.isoformat(), now=now)


def queue_lost_link(registration: Registration, *, now: datetime.datetime) -> None:
    """Queue the personal link for somebody who only gave the address, at most once in RESEND_INTERVAL."""
    _queue(LINK, registration, f"lost:{_interval(now)}", now=now)


def queue_promoted(seat: Seat, *, now: datetime.datetime) -> None:
    """Queue the mail after a seat was promoted from the waitlist."""
    _queue_for_seat(PROMOTED, seat, now)


def queue_granted(seat: Seat, *, now: datetime.datetime) -> None:
    """Queue the mail after staff granted a requested or waiting seat a place, or a position on the waitlist."""
    _queue_for_seat(GRANTED, seat, now)


def queue_declined(seat: Seat, *, now: datetime.datetime) -> None:
    """Queue the mail after staff declined a requested seat."""
    _queue_for_seat(DECLINED, seat, now)


def registrations_not_notified(keys: set[int]) -> set[int]:
    """Return those of the registrations (primary keys) whose mail about a place is still in the queue."""
    mails = OutboxMail.objects.filter(state=OutboxMail.State.QUEUED, kind__in=KINDS_WITH_HOLD)
    mails = mails.filter(parameters__registration__in=keys)
    return set(mails.values_list("parameters__registration", flat=True))


def _queue_for_seat(kind: str, seat: Seat, now: datetime.datetime) -> None:
    key = f"{kind}:{seat.pk}:{seat.sequence}"
    parameters = {"registration": seat.registration_id, "seat": seat.pk, "sequence": seat.sequence}
    outbox.queue(kind=kind, deduplication_key=key, parameters=parameters, now=now)


def _queue(
    kind: str,
    registration: Registration,
    occasion: str,
    parameters: Mapping[str, list[int]] | None = None,
    *,
    now: datetime.datetime,
) -> None:
    """Queue a mail of the kind, at most one for each `occasion`."""
    key = f"{kind}:{registration.pk}:{occasion}"
    outbox.queue(
        kind=kind, deduplication_key=key, parameters={**(parameters or {}), "registration": registration.pk}, now=now
    )


def _interval(now: datetime.datetime) -> int:
    return int(now.timestamp() // RESEND_INTERVAL.total_seconds())


def _cancelled(seats: Iterable[Seat], had_place: Iterable[Seat]) -> dict[str, list[int]]:
    return {"seats": _keys(seats), "had_place": _keys(had_place)}


def _keys(seats: Iterable[Seat]) -> list[int]:
    return [seat.pk for seat in seats]


@outbox.mail_renderer(RECEIVED, _("Registration received"))
def render_received(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """The first mail. None if all seats were cancelled before it left."""
    mail = RegistrationMail.for_registration(queued.parameters["registration"])
    if mail is None or not mail.active_seats:
        return None
    with mail.override_language():
        waiting = [seat for seat in mail.active_seats if seat.state == Seat.State.WAITING]
        context: dict[str, object] = {"has_waiting_seats": bool(waiting), "headline": mail.headline_by_seats()}
        return mail.message("received", mail.subject_by_seats(), context=context, requests=mail.confirmed_seats)


@outbox.mail_renderer(REQUESTED, _("Place asked for"))
def render_requested(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """That the organizers will decide. None if all requests were decided or withdrawn before it left."""
    mail = RegistrationMail.for_registration(queued.parameters["registration"])
    if mail is None or not any(seat.state == Seat.State.REQUESTED for seat in mail.active_seats):
        return None
    with mail.override_language():
        return mail.message("requested", mail.subject_by_seats())


@outbox.mail_renderer(LATER_PARTS, _("Later parts"))
def render_later_parts(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """The seats in later parts, with calendar files. None if all of them were cancelled before it left."""
    mail = RegistrationMail.for_registration(queued.parameters["registration"])
    seats = [seat for seat in mail.active_seats if seat.pk in queued.parameters["seats"]] if mail else []
    if mail is None or not seats:
        return None
    confirmed = [seat for seat in seats if seat.state == Seat.State.CONFIRMED]
    is_requested_only = all(seat.state == Seat.State.REQUESTED for seat in seats)
    with mail.override_language():
        if is_requested_only:
            subject = gettext("You have asked for a place: %(event)s")
        elif not confirmed:
            subject = gettext("You are on the waiting list: %(event)s")
        else:
            subject = ngettext(
                "You are registered for one more part: %(event)s",
                "You are registered for more parts: %(event)s",
                len(seats),
            )
        context: dict[str, object] = {
            "seats": seats,
            "is_requested_only": is_requested_only,
            "is_waiting_only": not confirmed and not is_requested_only,
        }
        return mail.message("later_parts", subject, context=context, requests=confirmed)


@outbox.mail_renderer(ALREADY, _("Registered already"))
def render_already_registered(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """The current seats of the address. None if it has none any more."""
    mail = RegistrationMail.for_registration(queued.parameters["registration"])
    if mail is None or not mail.active_seats:
        return None
    with mail.override_language():
        return mail.message("already", gettext("You are registered already: %(event)s"))


@outbox.mail_renderer(LINK, _("Personal link"))
def render_link(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """The personal link, sent once more."""
    mail = RegistrationMail.for_registration(queued.parameters["registration"])
    if mail is None:
        return None
    with mail.override_language():
        return mail.message("link", gettext("Your personal link: %(event)s"))


@outbox.mail_renderer(CHANGED, _("Registration changed"))
def render_changed(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """The registration after a change, with calendar files that add new places and remove cancelled ones."""
    mail = RegistrationMail.for_registration(queued.parameters["registration"])
    if mail is None or not mail.active_seats:
        return None
    parameters = queued.parameters
    with mail.override_language():
        return mail.message(
            "changed",
            gettext("Your registration was changed: %(event)s"),
            context={"seats": [*mail.active_seats, *mail.cancelled_seats(parameters["dropped"])]},
            requests=[seat for seat in mail.confirmed_seats if seat.pk in parameters["added"]],
            cancels=mail.cancelled_seats(parameters["had_place"]),
        )


@outbox.mail_renderer(CANCELLED, _("Places cancelled"))
def render_cancelled(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """The cancelled seats, with calendar files that remove them. None if they were taken again meanwhile."""
    return _render_cancelled(
        queued,
        "cancelled",
        whole=_("Your registration is cancelled: %(event)s"),
        partly=_("Your registration is partly cancelled: %(event)s"),
    )


@outbox.mail_renderer(CANCELLED_BY_STAFF, _("Places cancelled by the organizers"))
def render_cancelled_by_staff(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """The seats that staff cancelled, with the reason; else as `render_cancelled`."""
    return _render_cancelled(
        queued,
        "cancelled_by_staff",
        whole=_("The organizers have cancelled your registration: %(event)s"),
        partly=_("The organizers have cancelled a part of your registration: %(event)s"),
    )


@outbox.mail_renderer(RELEASED, _("Places not confirmed in time"))
def render_released(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """The seats whose hold expired, with a link to register again; else as `render_cancelled`."""
    return _render_cancelled(
        queued,
        "released",
        whole=_("Your place was not confirmed in time: %(event)s"),
        partly=_("A part of your registration was not confirmed in time: %(event)s"),
    )


@outbox.mail_renderer(PROMOTED, _("Confirmed from the waiting list"))
def render_promoted(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """The place after waiting. None if the seat was cancelled or changed again meanwhile."""
    mail, seat = _mail_about_seat(queued)
    if mail is None or seat is None or seat.state != Seat.State.CONFIRMED:
        return None
    with mail.override_language():
        return mail.message("promoted", _subject_with_place(mail), context=_seat_context(seat, mail), requests=[seat])


@outbox.mail_renderer(GRANTED, _("Place granted"))
def render_granted(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """What staff granted. None if the seat was changed again meanwhile, which another mail is about."""
    mail, seat = _mail_about_seat(queued)
    if mail is None or seat is None:
        return None
    has_place = seat.state == Seat.State.CONFIRMED
    with mail.override_language():
        subject = _subject_with_place(mail) if has_place else gettext("You are on the waiting list: %(event)s")
        context = {**_seat_context(seat, mail), "has_place": has_place}
        return mail.message("granted", subject, context=context, requests=[seat] if has_place else [])


@outbox.mail_renderer(DECLINED, _("Place declined"))
def render_declined(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """That there is no place, with the reason. None if the seat was changed again meanwhile."""
    mail, seat = _mail_about_seat(queued)
    if mail is None or seat is None:
        return None
    with mail.override_language():
        subject = gettext("We could not offer you a place: %(event)s")
        if mail.event.has_several_parts:
            subject = gettext("No place in part %(number)s: %(event)s")
        return mail.message("declined", subject, context=_seat_context(seat, mail))


def _render_cancelled(
    queued: OutboxMail, template: str, *, whole: Promise, partly: Promise
) -> EmailMultiAlternatives | None:
    """A mail about cancelled seats. Its subject is `whole`, or `partly` if other seats are left (both lazy)."""
    mail = RegistrationMail.for_registration(queued.parameters["registration"])
    seats = mail.cancelled_seats(queued.parameters["seats"]) if mail else []
    if mail is None or not seats:
        return None
    with mail.override_language():
        other_seats = mail.other_seats(seats)
        return mail.message(
            template,
            str(partly if other_seats else whole),
            context={"cancelled_seats": seats, "other_seats": other_seats, "form_url": mail.form_url},
            cancels=mail.cancelled_seats(queued.parameters["had_place"]),
        )


def _subject_with_place(mail: RegistrationMail) -> str:
    if mail.event.has_several_parts:
        return gettext("You have a place in part %(number)s: %(event)s")
    return gettext("You have a place: %(event)s")


def _seat_context(seat: Seat, mail: RegistrationMail) -> dict[str, object]:
    return {"seat": seat, "number": seat.part.number, "other_seats": mail.other_seats([seat])}


def _mail_about_seat(queued: OutboxMail) -> tuple[RegistrationMail | None, Seat | None]:
    """The mail and its seat; no seat if that was changed after the mail was queued."""
    seats = Seat.objects.filter(pk=queued.parameters["seat"], sequence=queued.parameters["sequence"])
    registration = seats.values_list("registration", flat=True).first()
    mail = RegistrationMail.for_registration(registration) if registration else None
    return mail, mail.seat(queued.parameters["seat"]) if mail else None
