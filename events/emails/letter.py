"""A mail to a registrant in text and HTML, with its calendar attachments; the kinds of mails say what is in it."""

import re

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from .. import ics
from ..models import Answer, Registration, Seat

# What whoever registered wrote in words of their own, beside the answers.
TYPED = ("name", "organization_name", "position", "request")


def render_message(template, subject, values, *, to, headers=None):
    """A message in text and HTML in the active language; `values` go to both templates, and into the subject.

    The event of `values`, where it is about one, is named in the subject and says where people meet.
    """
    if event := values.get("event"):
        values.setdefault("where", "" if event.mode == event.Mode.ONLINE else ics.location(event))
    values["subject"] = " ".join((subject % {**values, "event": event.title if event else ""}).split())
    message = EmailMultiAlternatives(
        subject=values["subject"],
        body=re.sub(r"\n{3,}", "\n\n", render_to_string(f"emails/{template}.txt", values)).strip() + "\n",
        to=[to],
        headers={"Auto-Submitted": "auto-generated", "Content-Language": values["language"], **(headers or {})},
    )
    message.attach_alternative(render_to_string(f"emails/{template}.html", values), "text/html")
    return message


def without_typed_words(registration: Registration) -> Registration:
    """The registration, not to be saved, as mails may tell of it: where its address is not confirmed, without a word
    that was typed, for anybody can have typed it and the address. Its language is then the contact's."""
    if not registration.has_verified_address:
        for name in TYPED:
            setattr(registration, name, "")
        registration.language = registration.mail_language
    return registration


class Letter:
    """A mail to a registrant about all seats of one registration, as they stand.

    Whatever it says comes from `without_typed_words`, so no kind of mail can forget that.
    """

    def __init__(self, registration):
        self.registration = registration = without_typed_words(registration)
        self.event, self.contact = registration.event, registration.contact
        self.seats = list(registration.seats.with_position().select_related("part").order_by("part__number"))
        for seat in self.seats:
            seat.registration, seat.part.event = registration, self.event
        self.active = [seat for seat in self.seats if seat.state in Seat.ACTIVE_STATES]
        self.confirmed = [seat for seat in self.seats if seat.state == Seat.State.CONFIRMED]

    @classmethod
    def to(cls, key):
        """The letter for the registration with this primary key, or None where nobody is to be written to any more."""
        registrations = Registration.objects.filter(erased_at__isnull=True).select_related("contact", "event__place")
        verified = Answer.objects.filter(registration__address_verified_at__isnull=False).select_related("question")
        answers = Prefetch("answers", verified.prefetch_related("choices"))
        registration = registrations.prefetch_related("event__parts", answers).filter(pk=key).first()
        return registration and cls(registration)

    def language(self):
        """The registrant's language, for a with statement."""
        return translation.override(self.registration.language)

    def _address(self, name, *numbers):
        return settings.SITE_URL + reverse(f"events:{name}", args=[self.registration.token, *numbers])

    def address_to_register(self):
        """Where somebody new registers for the event."""
        return settings.SITE_URL + reverse("events:register", args=[self.event.slug])

    def cancelled(self, keys):
        """Those of the seats that are (still) given up."""
        return [seat for seat in self.seats if seat.pk in keys and seat.state == Seat.State.CANCELLED]

    def others(self, seats):
        """The active seats beside these, of parts that may still be held."""
        return [seat for seat in self.active if seat not in seats and not seat.part.is_cancelled]

    def headline(self):
        """What the subject says first; the name of the event fills %(event)s."""
        if self.active and all(seat.part.is_postponed_or_cancelled for seat in self.active):
            return gettext("Your registration: %(event)s")
        if self.active and all(seat.state == Seat.State.REQUESTED for seat in self.active):
            return gettext("You have asked for a place: %(event)s")
        if any(seat.hold_expires_at for seat in self.confirmed):
            return gettext("Keep your place: %(event)s")
        if not self.confirmed:
            return gettext("You are on the waiting list: %(event)s")
        if len(self.confirmed) < len(self.active):
            return gettext("You are registered: %(event)s")
        return ngettext(
            "Your place is confirmed: %(event)s", "Your places are confirmed: %(event)s", len(self.confirmed)
        )

    def message(self, template, subject, *, context=None, requests=(), cancels=(), headers=None):
        """The message in text and HTML, with one calendar attachment a seat (one UID each, RFC 5546).

        Nobody is asked into a part that is off at the moment. `context` goes to the template, and into the subject.
        """
        registration = self.registration
        for seat in self.confirmed:
            if seat.part.is_online and not seat.part.is_postponed_or_cancelled:
                seat.join_link = self._address("join", seat.part_id)
        requests = [seat for seat in requests if not seat.part.is_postponed_or_cancelled]
        values = {
            "registration": registration,
            "event": self.event,
            "several": self.event.has_several_parts,
            "seats": self.active,
            "link": self._address("registration"),
            "site": settings.SITE_URL,
            "language": registration.language,
            "has_entries": any(ics.has_calendar_entry(seat.part) for seat in requests),
            "removes_entries": any(ics.has_calendar_entry(seat.part) for seat in cancels),
            "to_confirm": bool(self.active) and not registration.has_verified_address,
            "is_held": any(seat.hold_expires_at for seat in self.active),
            **(context or {}),
        }
        message = render_message(template, subject, values, to=registration.contact.email, headers=headers)
        for method, seats in (("REQUEST", requests), ("CANCEL", cancels)):
            for seat in seats:
                if ics.has_calendar_entry(seat.part):
                    name = "invite" if method == "REQUEST" else "cancel"
                    name = f"{name}-{seat.part.number}.ics" if self.event.has_several_parts else f"{name}.ics"
                    data = ics.seat_calendar(seat=seat, method=method)
                    message.attach(name, data, f"text/calendar; method={method}")
        return message
