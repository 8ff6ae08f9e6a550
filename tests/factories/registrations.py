"""Registrations, made by the portal's own verb, and what a form is filled with."""

from events.domain.address_verification import verify_address
from events.domain.registration import register
from events.domain.registration_details import RegistrationDetails


def details(number=1, **changes):
    """What the observer with this number says of herself."""
    given = {
        "email": f"observer{number}@city.example",
        "name": f"Observer {number}",
        "organization_name": "City of Example",
        "sector": "municipal",
        "country": "JP",
        "position": "Head of unit",
        "language": "en",
        "privacy_text": "I agree.",
    }
    given |= changes
    given["answers"] = {question: _value(question, texts) for question, texts in given.get("answers", {}).items()}
    return RegistrationDetails(**given)


def _value(question, texts):
    """An answer as the form gives it, from a list of texts: choices by their English words."""
    if question.kind == "text":
        return texts[0]
    return [choice for choice in question.choices.all() if choice.label_en in texts]


def registered(part_or_parts, *, now, number=1, verified=False, **changes):
    """Register an observer for one part or several of an event; returns the registration.

    With `verified` she has opened the link in her mail and pressed the button there.
    """
    parts = part_or_parts if isinstance(part_or_parts, list) else [part_or_parts]
    given = details(number, **changes)
    register(event=parts[0].event, parts=parts, details=given, now=now)
    registration = parts[0].event.registrations.get(contact__email=given.email.lower())
    if verified:
        verify_address(registration=registration, now=now, with_preferences=True)
        registration.contact.refresh_from_db()
    return registration
