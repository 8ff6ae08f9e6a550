"""What a registrant entered in the form, and the functions that write it on the registration and its contact."""

import dataclasses
import datetime

from organizations.domain.organization import organization_named
from organizations.models import Organization

from ..models import Answer, AnswerChoice, Choice, Contact, Question, Registration
from .contact import resume_invitations

AnswerValue = str | list[Choice]


@dataclasses.dataclass(frozen=True)
class RegistrationDetails:
    """What a registrant entered.

    `privacy_text` and `invite_text` are the consents as they were shown; `invite_text` is "" if it was not given.
    `request` says why somebody outside the audience asks for a place. `answers` has the questions that were asked, each
    with its text or its choices ("" or [] if unanswered).
    """

    email: str
    name: str
    organization_name: str
    sector: str
    country: str
    position: str
    language: str
    privacy_text: str
    invite_text: str = ""
    later_parts: bool = False
    request: str = ""
    answers: dict[Question, AnswerValue] = dataclasses.field(default_factory=dict)


def matching_organization(
    registration: Registration | None, details: RegistrationDetails, *, now: datetime.datetime
) -> Organization | None:
    """Return the published organization whose name was entered, or None. No query if the name has not changed."""
    if registration is not None and registration.organization_name == details.organization_name:
        return registration.organization
    return organization_named(details.organization_name, now=now)


def set_details(registration: Registration, details: RegistrationDetails, organization: Organization | None) -> bool:
    """Set the details on the registration without saving it; returns whether any of them changed."""
    before = [getattr(registration, name) for name in Registration.DETAIL_FIELDS]
    for name in Registration.DETAIL_FIELDS:
        setattr(registration, name, getattr(details, name))
    registration.organization = organization
    return before != [getattr(registration, name) for name in Registration.DETAIL_FIELDS]


def set_answers(registration: Registration, details: RegistrationDetails, *, is_new: bool) -> bool:
    """Save the answers of a saved registration; returns whether any of them changed.

    Questions that were not asked keep their answers. No query if there are no questions.
    """
    before: dict[int, AnswerValue] = {}
    if details.answers and not is_new:
        rows = registration.answers.select_related("question").prefetch_related("choices")
        before = {answer.question_id: answer.value for answer in rows}
    changed = {
        question: value
        for question, value in details.answers.items()
        if (value or None) != (before.get(question.pk) or None)
    }
    if not changed:
        return False
    if before:
        registration.answers.filter(question__in=changed).delete()
    answers = {
        question: Answer(registration=registration, question=question, text=value if isinstance(value, str) else "")
        for question, value in changed.items()
        if value
    }
    Answer.objects.bulk_create(list(answers.values()))
    AnswerChoice.objects.bulk_create(
        [
            AnswerChoice(answer=answers[question], choice=choice)
            for question, value in changed.items()
            if isinstance(value, list)
            for choice in value
        ]
    )
    return True


def get_or_create_contact(address: str, language: str, now: datetime.datetime) -> tuple[Contact, bool]:
    """Return the contact with a normalised address, locked, and whether it existed before.

    Two requests that bring the same new address at the same time get the same row.
    """
    while True:  # repeats only if the existing contact is erased between the two statements
        if contact := Contact.create_if_new(email=address, language=language, now=now):
            return contact, False
        if contact := Contact.objects.select_for_update().filter(email=address).first():
            return contact, True


def discard_pending_consent(registration: Registration) -> bool:
    """Clear a consent that waits for the address to be verified, unsaved; returns whether there was one.

    For changes on the personal page, where the owner's own choice counts instead.
    """
    was_pending = registration.pending_consent_at is not None
    registration.pending_consent_at, registration.pending_consent_text = None, ""
    return was_pending


def set_invite_consent(contact: Contact, details: RegistrationDetails, now: datetime.datetime) -> bool:
    """Set a consent given or withdrawn on the personal page, unsaved; returns whether it changed."""
    if bool(contact.invite_consent_at) == bool(details.invite_text):
        return False
    if details.invite_text:
        resume_invitations(contact.email)
    contact.invite_consent_at = now if details.invite_text else None
    contact.invite_consent_text = details.invite_text
    return True
