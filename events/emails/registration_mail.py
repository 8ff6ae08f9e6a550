"""How mails are built: text and HTML from a pair of templates, calendar files, and what a registrant's mail may say."""

import re
from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Prefetch
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from .. import ics
from ..models import Answer, Contact, Event, Registration, Seat, SeatsOutcome


def render_message(
    template: str, subject: str, context: dict[str, object], *, to: str, headers: dict[str, str] | None = None
) -> EmailMultiAlternatives:
    """Return a message in text and HTML, in the active language.

    `context` is for both templates and for the placeholders in `subject`; "language" is required. If it has an
    "event", that is also named in the subject, and "where" becomes its location.
    """
    event = context.get("event")
    if isinstance(event, Event):
        context.setdefault("where", "" if event.mode == Event.Mode.ONLINE else ics.location(event))
    title = event.title if isinstance(event, Event) else ""
    context["subject"] = " ".join((subject % {**context, "event": title}).split())
    message = EmailMultiAlternatives(
        subject=str(context["subject"]),
        body=re.sub(r"\n{3,}", "\n\n", render_to_string(f"emails/{template}.txt", context)).strip() + "\n",
        to=[to],
        headers={"Auto-Submitted": "auto-generated", "Content-Language": str(context["language"]), **(headers or {})},
    )
    message.attach_alternative(render_to_string(f"emails/{template}.html", context), "text/html")
    return message


def unsubscribe_headers(url: str) -> dict[str, str]:
    """Return the headers with which one click in the mail program unsubscribes (RFC 8058)."""
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def unsubscribe_url(contact: Contact) -> str:
    """Return the address of the page that stops invitations to the contact."""
    return settings.SITE_URL + reverse("events:unsubscribe", args=[contact.unsubscribe_token])


def without_free_text(registration: Registration) -> Registration:
    """Blank all free text of the registration if its address is not verified; returns it, not to be saved.

    Anybody could have typed both the text and the address, so a mail to that address must not repeat the text. For the
    same reason its language becomes the contact's.
    """
    if not registration.has_verified_address:
        for name in Registration.FREE_TEXT_FIELDS:
            setattr(registration, name, "")
        registration.language = registration.mail_language
    return registration


class RegistrationMail:
    """A mail to a registrant about the current seats of a registration.

    It reads the registration through `without_free_text`, so that every kind of mail keeps that rule.
    """

    def __init__(self, registration: Registration, contact: Contact) -> None:
        self.registration = without_free_text(registration)
        self.event, self.contact = registration.event, contact
        seats = registration.seats.with_position().select_related("part").order_by("part__number")
        self.seats: list[Seat] = list(seats)
        for seat in self.seats:
            seat.registration, seat.part.event = registration, self.event
        self.active_seats = [seat for seat in self.seats if seat.state in Seat.ACTIVE_STATES]
        self.confirmed_seats = [seat for seat in self.seats if seat.state == Seat.State.CONFIRMED]

    @classmethod
    def for_registration(cls, key: int) -> "RegistrationMail | None":
        """The mail to the registration with this primary key; None if it was erased or deleted."""
        registrations = Registration.objects.filter(erased_at__isnull=True).select_related("contact", "event__place")
        verified = Answer.objects.filter(registration__address_verified_at__isnull=False).select_related("question")
        answers = Prefetch("answers", verified.prefetch_related("choices"))
        registration = registrations.prefetch_related("event__parts", answers).filter(pk=key).first()
        if registration is None or registration.contact is None:
            return None
        return cls(registration, registration.contact)

    @classmethod
    def for_seat(cls, key: int) -> "RegistrationMail | None":
        """The mail to the registration of the seat with this primary key; None if it was erased or deleted."""
        registration = Seat.objects.filter(pk=key).values_list("registration", flat=True).first()
        return cls.for_registration(registration) if registration else None

    def seat(self, key: int) -> Seat | None:
        """The seat with this primary key, if it is one of the registration."""
        return next((seat for seat in self.seats if seat.pk == key), None)

    def override_language(self) -> AbstractContextManager[None]:
        """Activate the registrant's language in a `with` statement."""
        return translation.override(self.registration.language)

    def _url(self, name: str, *arguments: int) -> str:
        return settings.SITE_URL + reverse(f"events:{name}", args=[self.registration.token, *arguments])

    @property
    def form_url(self) -> str:
        """The address of the event's registration form."""
        return settings.SITE_URL + reverse("events:registration_form", args=[self.event.slug])

    def cancelled_seats(self, keys: Collection[int]) -> list[Seat]:
        """The seats with these primary keys that are (still) cancelled."""
        return [seat for seat in self.seats if seat.pk in keys and seat.state == Seat.State.CANCELLED]

    def other_seats(self, seats: Collection[Seat]) -> list[Seat]:
        """The active seats except these, and except those in cancelled parts."""
        return [seat for seat in self.active_seats if seat not in seats and not seat.part.is_cancelled]

    def subject_by_seats(self) -> str:
        """The subject that fits the active seats; %(event)s is the title of the event."""
        if self.active_seats and all(seat.part.is_postponed_or_cancelled for seat in self.active_seats):
            return gettext("Your registration: %(event)s")
        return SeatsOutcome.from_seats(self.active_seats).mail_subject(len(self.active_seats))

    def headline_by_seats(self) -> str:
        """The heading of a mail about the active seats, the same as that of the page after registering."""
        return SeatsOutcome.from_seats(self.active_seats).headline(len(self.active_seats))

    def message(
        self,
        template: str,
        subject: str,
        *,
        context: dict[str, object] | None = None,
        requests: Iterable[Seat] = (),
        cancels: Iterable[Seat] = (),
        headers: dict[str, str] | None = None,
    ) -> EmailMultiAlternatives:
        """Return the message, with one calendar file for each seat in `requests` and `cancels`.

        Each file has one UID, as RFC 5546 asks for. `requests` in postponed or cancelled parts are left out. `context`
        is for the templates and the placeholders in `subject`.
        """
        registration = self.registration
        for seat in self.confirmed_seats:
            if seat.part.is_online and not seat.part.is_postponed_or_cancelled:
                seat.join_url = self._url("enter_room", seat.part_id)
        files = [("REQUEST", seat) for seat in requests if not seat.part.is_postponed_or_cancelled]
        files += [("CANCEL", seat) for seat in cancels]
        files = [(method, seat) for method, seat in files if ics.has_calendar_entry(seat.part)]
        methods = {method for method, _seat in files}
        message = render_message(
            template,
            subject,
            {
                "registration": registration,
                "event": self.event,
                "has_several_parts": self.event.has_several_parts,
                "seats": self.active_seats,
                "link": self._url("registration_detail"),
                "site": settings.SITE_URL,
                "language": registration.language,
                "has_calendar_requests": "REQUEST" in methods,
                "has_calendar_cancels": "CANCEL" in methods,
                "needs_verification": bool(self.active_seats) and not registration.has_verified_address,
                "has_hold": any(seat.hold_expires_at for seat in self.active_seats),
                **(context or {}),
            },
            to=self.contact.email,
            headers=headers,
        )
        for method, seat in files:
            name = "invite" if method == "REQUEST" else "cancel"
            name = f"{name}-{seat.part.number}.ics" if self.event.has_several_parts else f"{name}.ics"
            message.attach(name, ics.seat_calendar(seat=seat, method=method), f"text/calendar; method={method}")
        return message
