"""What a registrant says, and keeping it on the registration and its contact."""

import dataclasses

from organizations.domain.organization import organization_named

from ..models import Answer, AnswerChoice, Contact, Registration
from .contact import resume_invitations


@dataclasses.dataclass(frozen=True)
class RegistrationDetails:
    """What a registrant says. Both consents are the texts as they were shown; `invite_text` is "" where not given.

    `answers` is {Question: the text or the list of Choice} of the questions that were asked, "" or [] where unanswered.
    `request` says why somebody from outside the audience asks for a place.
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
    answers: dict = dataclasses.field(default_factory=dict)


def matching_organization(registration, details, *, now):
    """The organization of the directory that goes by the name in the details, or None. No query for the same name."""
    if registration is not None and registration.organization_name == details.organization_name:
        return registration.organization
    return organization_named(details.organization_name, now=now)


def set_details(registration, details, organization):
    """Write the details on the registration, unsaved; returns whether any is another than before."""
    before = [getattr(registration, name) for name in Registration.DETAIL_FIELDS]
    for name in Registration.DETAIL_FIELDS:
        setattr(registration, name, getattr(details, name))
    registration.organization = organization
    return before != [getattr(registration, name) for name in Registration.DETAIL_FIELDS]


def set_answers(registration: Registration, details: RegistrationDetails, *, is_new: bool) -> bool:
    """Keep the answers of a saved registration; returns whether any is another than before.

    Questions that were not asked keep their answers. No query without questions.
    """
    before = {}
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
            AnswerChoice(answer=answer, choice=choice)
            for question, answer in answers.items()
            if not answer.text
            for choice in changed[question]
        ]
    )
    return True


def get_or_create_contact(address, language, now):
    """(contact, whether it was known) of a normalised address, locked. Two who bring the same new one get the same row.

    A new one has neither registrations nor invitations.
    """
    while True:  # once more only where the known one was erased between the two statements
        if contact := Contact.create_if_new(email=address, language=language, now=now):
            return contact, False
        if contact := Contact.objects.select_for_update().filter(email=address).first():
            return contact, True


def discard_pending_consent(registration: Registration) -> bool:
    """Let the owner's own choice stand instead of what was ticked before, unsaved; returns whether something was."""
    was_pending = registration.pending_consent_at is not None
    registration.pending_consent_at, registration.pending_consent_text = None, ""
    return was_pending


def set_invite_consent(contact, details, now):
    """Write a consent given or taken back on its owner's page, unsaved; returns whether it is another than before."""
    if bool(contact.invite_consent_at) == bool(details.invite_text):
        return False
    if details.invite_text:
        resume_invitations(contact.email)
    contact.invite_consent_at = now if details.invite_text else None
    contact.invite_consent_text = details.invite_text
    return True
