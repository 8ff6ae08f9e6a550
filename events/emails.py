"""Mails about registrations: one short function a kind, rendered by the outbox when it sends.

A mail tells how things stand at that moment. What it is about may be gone by then; it is dropped, and a later mail
that the change has queued tells the rest.
"""

import datetime
import re

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from wego_portal.foundation import outbox

from . import ics
from .models import Registration, Seat

ALREADY_REGISTERED_ONCE_IN = datetime.timedelta(minutes=10)
RECEIVED, ALREADY, CHANGED = "registration_received", "registration_already", "registration_changed"
CANCELLED, MOVED_UP, LINK = "registration_cancelled", "seat_moved_up", "registration_link"


def queue_received(registration, *, now):
    """Somebody registered: places, calendar entries, personal link."""
    _queue(RECEIVED, registration, now.isoformat(), now=now)


def queue_already_registered(registration, *, now):
    """Somebody registered with an address that has seats: its owner learns the truth, at most once in ten minutes."""
    _queue(ALREADY, registration, str(int(now.timestamp() // ALREADY_REGISTERED_ONCE_IN.total_seconds())), now=now)


def queue_changed(registration, *, added, had_place, now):
    """The registrant changed details or parts; `added` seats are new, those in `had_place` lost their place."""
    _queue(CHANGED, registration, now.isoformat(), added=_keys(added), had_place=_keys(had_place), now=now)


def queue_cancelled(registration, *, seats, had_place, now):
    """Seats were given up; those in `had_place` were confirmed, so a calendar has an entry to remove."""
    _queue(CANCELLED, registration, now.isoformat(), seats=_keys(seats), had_place=_keys(had_place), now=now)


def queue_link(registration, *, now):
    """The personal link once more."""
    _queue(LINK, registration, now.isoformat(), now=now)


def queue_moved_up(seat, *, now):
    """Who waited has a place."""
    cause = f"{MOVED_UP}:{seat.pk}:{seat.sequence}"
    outbox.queue(kind=MOVED_UP, cause=cause, parameters={"seat": seat.pk, "sequence": seat.sequence}, now=now)


def _queue(kind, registration, cause, *, now, **parameters):
    parameters["registration"] = registration.pk
    outbox.queue(kind=kind, cause=f"{kind}:{registration.pk}:{cause}", parameters=parameters, now=now)


def _keys(seats):
    return [seat.pk for seat in seats]


@outbox.renders(RECEIVED)
def received(mail):
    """The first mail. None where everything was given up before it could leave."""
    letter = Letter.to(mail.parameters["registration"])
    if letter is None or not letter.active:
        return None
    with letter.language():
        return letter.message("received", letter.headline(), requests=letter.confirmed)


@outbox.renders(ALREADY)
def already_registered(mail):
    """What this address has. None where it has nothing any more."""
    letter = Letter.to(mail.parameters["registration"])
    if letter is None or not letter.active:
        return None
    with letter.language():
        return letter.message("already", gettext("You are registered already: %(event)s"))


@outbox.renders(LINK)
def link(mail):
    """The personal link, asked for once more."""
    letter = Letter.to(mail.parameters["registration"])
    if letter is None:
        return None
    with letter.language():
        return letter.message("link", gettext("Your personal link: %(event)s"))


@outbox.renders(CHANGED)
def changed(mail):
    """How the registration stands after a change, with entries for new places and for the removal of lost ones."""
    letter = Letter.to(mail.parameters["registration"])
    if letter is None or not letter.active:
        return None
    added, lost = mail.parameters["added"], mail.parameters["had_place"]
    with letter.language():
        return letter.message(
            "changed",
            gettext("Your registration was changed: %(event)s"),
            requests=[seat for seat in letter.confirmed if seat.pk in added],
            cancels=letter.cancelled(lost),
        )


@outbox.renders(CANCELLED)
def cancelled(mail):
    """Which seats were given up, with entries that remove them. None where they were taken again meanwhile."""
    letter = Letter.to(mail.parameters["registration"])
    seats = letter.cancelled(mail.parameters["seats"]) if letter else []
    if not seats:
        return None
    with letter.language():
        return letter.message(
            "cancelled",
            gettext("Cancelled: %(event)s"),
            context={"given_up": seats},
            cancels=letter.cancelled(mail.parameters["had_place"]),
        )


@outbox.renders(MOVED_UP)
def moved_up(mail):
    """A place after waiting. None where the seat was given up or changed again meanwhile."""
    seat = Seat.objects.filter(pk=mail.parameters["seat"], sequence=mail.parameters["sequence"]).first()
    letter = seat and Letter.to(seat.registration_id)
    moved = [own for own in letter.confirmed if own.pk == seat.pk] if letter else []
    if not moved:
        return None
    with letter.language():
        return letter.message(
            "moved_up", gettext("You have a place: %(event)s"), context={"moved": moved[0]}, requests=moved
        )


class Letter:
    """A mail to a registrant about all seats of one registration, as they stand."""

    def __init__(self, registration):
        self.registration = registration
        self.event = registration.event
        self.seats = list(registration.seats.with_position().select_related("part").order_by("part__number"))
        for seat in self.seats:
            seat.registration, seat.part.event = registration, self.event
        self.active = [seat for seat in self.seats if seat.state in Seat.ACTIVE_STATES]
        self.confirmed = [seat for seat in self.seats if seat.state == Seat.State.CONFIRMED]

    @classmethod
    def to(cls, key):
        """The letter for the registration with this primary key, or None where there is none any more."""
        registrations = Registration.objects.select_related("contact", "event__place")
        registration = registrations.prefetch_related("event__parts").filter(pk=key).first()
        return registration and cls(registration)

    def language(self):
        """The registrant's language, for a with statement."""
        return translation.override(self.registration.language)

    def cancelled(self, keys):
        """Those of the seats that are (still) given up."""
        return [seat for seat in self.seats if seat.pk in keys and seat.state == Seat.State.CANCELLED]

    def headline(self):
        """What the subject says first; the name of the event fills %(event)s."""
        if not self.confirmed:
            return gettext("You are on the waiting list: %(event)s")
        if len(self.confirmed) < len(self.active):
            return gettext("You are registered: %(event)s")
        return ngettext(
            "Your place is confirmed: %(event)s", "Your places are confirmed: %(event)s", len(self.confirmed)
        )

    def message(self, template, subject, *, context=None, requests=(), cancels=()):
        """The message in text and HTML, with one calendar attachment a seat (one UID each, RFC 5546)."""
        registration = self.registration
        values = {
            "registration": registration,
            "event": self.event,
            "several": len(self.event.parts.all()) > 1,
            "seats": self.active,
            "link": settings.SITE_URL + reverse("events:registration", args=[registration.token]),
            "site": settings.SITE_URL,
            "language": registration.language,
            "has_entries": any(ics.has_entry(seat.part) for seat in requests),
            **(context or {}),
        }
        values["subject"] = " ".join((subject % {"event": self.event.title}).split())
        message = EmailMultiAlternatives(
            subject=values["subject"],
            body=re.sub(r"\n{3,}", "\n\n", render_to_string(f"emails/{template}.txt", values)).strip() + "\n",
            to=[registration.contact.email],
            headers={"Auto-Submitted": "auto-generated", "Content-Language": registration.language},
        )
        message.attach_alternative(render_to_string(f"emails/{template}.html", values), "text/html")
        for method, seats in (("REQUEST", requests), ("CANCEL", cancels)):
            for seat in seats:
                if ics.has_entry(seat.part):
                    name = "invite" if method == "REQUEST" else "cancel"
                    name = f"{name}-{seat.part.number}.ics" if values["several"] else f"{name}.ics"
                    data = ics.seat_calendar(seat=seat, method=method)
                    message.attach(name, data, f"text/calendar; method={method}")
        return message
