"""The registration form and the form on the personal page. They validate; the verbs in domain/ decide and write."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.http import QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, get_language_info, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from organizations.form_fields import CountryField, SectorField
from wego_portal.foundation.abuse_guard import GuardedForm, Limits
from wego_portal.foundation.bounds import BoundedCharField, BoundedChoiceField, BoundedMultipleChoiceField
from wego_portal.foundation.email_address import AddressField
from wego_portal.foundation.text_fields import LinesField, SingleLineField

from .domain.availability import Availability
from .domain.registration_details import AnswerValue, RegistrationDetails
from .domain.registration_page import PartChoice
from .models import Choice, Event, Invitation, Part, Question, Registration

MAX_SEEN_LENGTH = 40  # characters of a time in ISO 8601

PRIVACY = _("I agree that WeGO keeps these details for this event")
INVITE = _("Invite me to later events")


def retention_words(months: int) -> str:
    """What happens to a registration after the event, as the form says it and the registration keeps it."""
    return ngettext(
        "Deleted %(months)s month after the event.", "Deleted %(months)s months after the event.", months
    ) % {"months": months}


class CheckboxesWithPresence(forms.CheckboxSelectMultiple):
    """Boxes to tick, drawn with a hidden empty value before them: it says that they were shown where none is ticked."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return [value for value in super().value_from_datadict(data, files, name) if value]


def question_field(question: Question, chosen: list[Choice] | None) -> forms.Field:
    """The field of an extra question; it gives back a text, or the primary keys of choices.

    `chosen` are the choices chosen before, which are shown even where they are no longer offered.
    """
    words = {"label": question.label, "required": question.required}
    if question.kind == Question.Kind.TEXT:
        missing = {"required": _("Answer this question.")}
        return LinesField(**words, max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), error_messages=missing)
    choices = [(str(choice.pk), choice.label) for choice in question.choices_to_offer(chosen)]
    if question.kind == Question.Kind.CHOICE:
        none = [] if question.required else [("", _("No answer"))]
        choices, missing = [*none, *choices], {"required": _("Choose one.")}
        return BoundedChoiceField(**words, choices=choices, widget=forms.RadioSelect, error_messages=missing)
    missing = {"required": _("Choose one or more.")}
    return BoundedMultipleChoiceField(**words, choices=choices, widget=CheckboxesWithPresence, error_messages=missing)


class DetailsForm(forms.Form):
    """What both forms ask: the parts, who comes, and the event's own questions.

    `part_choices` are the parts as they are drawn. Why somebody asks for a place is a field only once that is asked.
    """

    parts = BoundedMultipleChoiceField(
        label=_("Which parts?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one part."), "invalid_choice": _("This part is not offered.")},
    )
    later_parts = forms.BooleanField(
        label=_("Also register me for all later parts"),
        required=False,
        help_text=_(
            "We will add you to every later part, including parts announced later, while places last, and email you"
            " each time."
        ),
    )
    name = SingleLineField(
        label=_("Name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": _("Enter your name.")},
    )
    organization_name = SingleLineField(
        label=_("Organization"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "organization", "list": "organization-names"}),
        error_messages={"required": _("Enter the name of your organization.")},
    )
    sector = SectorField()
    country = CountryField()
    position = SingleLineField(
        label=_("Position"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "organization-title"}),
    )
    language = BoundedChoiceField(label=_("Email language"), error_messages={"required": _("Choose a language.")})
    invite = forms.BooleanField(
        label=INVITE,
        required=False,
        help_text=_("You can withdraw this at any time; your place does not depend on it."),
    )

    data: QueryDict

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        event: Event,
        part_choices: list[PartChoice],
        chosen: Mapping[int, list[Choice]] | None = None,
        **kwargs: Any,
    ) -> None:
        """`chosen` is {primary key of a question: its choices} of the answers given before."""
        super().__init__(data, **kwargs)
        self.event = event
        self.part_choices = part_choices
        self.chosen = chosen or {}
        questions = event.questions.prefetch_related("choices")
        self.questions = {f"question_{question.pk}": question for question in questions if self._can_be_asked(question)}
        for name, question in self.questions.items():
            self.fields[name] = question_field(question, self.chosen.get(question.pk))
        if not event.has_several_parts:
            del self.fields["later_parts"]
        if "request" in self.data:
            self.ask_reason()
        last = [name for name in ("privacy", "invite") if name in self.fields]
        self.order_fields([*(name for name in self.fields if name not in last), *last])
        self._choice_field("parts").choices = [(str(choice.part.number), choice.part.number) for choice in part_choices]
        self._choice_field("language").choices = [
            (code, get_language_info(code)["name_local"]) for code, _name in settings.LANGUAGES
        ]
        self.fields["organization_name"].widget.attrs["data-suggest"] = reverse("organizations:organization_suggest")

    def _choice_field(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return field

    def offered(self) -> list[PartChoice]:
        """The parts as they are drawn: with what was typed, where something was."""
        if not self.is_bound:
            return self.part_choices
        typed = self.data.getlist("parts")
        return [
            choice if choice.disabled else dataclasses.replace(choice, ticked=str(choice.part.number) in typed)
            for choice in self.part_choices
        ]

    def ask_reason(self) -> None:
        """Ask who is outside the audience why they want a place."""
        self.fields["request"] = LinesField(
            label=_("Why would you like to attend?"),
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("In a sentence or two. Only the organizers read it."),
            error_messages={"required": _("Say in a sentence or two why you ask for a place.")},
        )

    def add_outsider_error(self, audience: Iterable[str]) -> None:
        """Say whom the event is for (a text for each limit), and ask why the sender wants a place all the same."""
        self.ask_reason()
        text = gettext("This event is for: %(audience)s. You can ask for a place all the same: say why.")
        self.add_error("request", text % {"audience": gettext("; ").join(audience)})

    @property
    def uses_checkboxes(self) -> bool:
        """Whether the parts are drawn as boxes to tick; a part that alone can be had is not."""
        return len(self.part_choices) > 1

    @property
    def question_fields(self) -> list[BoundField]:
        """The fields of the event's own questions, as they are drawn."""
        return [self[name] for name in self.questions]

    def _can_be_asked(self, question: Question) -> bool:
        return question.kind == Question.Kind.TEXT or bool(question.choices_to_offer(self.chosen.get(question.pk)))

    def _answers(self) -> dict[Question, AnswerValue]:
        """What was answered to the questions that the sender saw; others stay as they are."""
        shown = {question: self.cleaned_data[name] for name, question in self.questions.items() if name in self.data}
        return {question: self._answer(question, given) for question, given in shown.items()}

    def _answer(self, question: Question, given: str | list[str]) -> AnswerValue:
        if question.kind == Question.Kind.TEXT and isinstance(given, str):
            return given
        keys = given if isinstance(given, list) else [given]
        return [choice for choice in question.choices.all() if str(choice.pk) in keys]

    def clean_parts(self) -> list[Part]:
        chosen = [choice for choice in self.part_choices if str(choice.part.number) in self.cleaned_data["parts"]]
        wrong = {choice.part: choice.availability for choice in chosen if choice.disabled and not choice.seat}
        if wrong:
            raise ValidationError(self.unavailable_messages(wrong))
        return [choice.part for choice in chosen]

    def unavailable_messages(self, answers: Mapping[Part, Availability]) -> list[str]:
        """One message for each part of `answers` ({part: Availability}) that says why it cannot be chosen."""
        if len(self.part_choices) == 1:
            text = gettext("You cannot register for this event: %(why)s.")
        else:
            text = gettext("Part %(number)s cannot be chosen: %(why)s.")
        return [text % {"number": part.number, "why": answer.unavailable_reason} for part, answer in answers.items()]

    def _details(self, *, email: str, privacy_text: str) -> RegistrationDetails:
        """The details as entered, for the verbs. The text of a consent is the one that the page showed."""
        entered = self.cleaned_data
        names = ("name", "organization_name", "sector", "country", "position", "language")
        return RegistrationDetails(
            **{name: entered[name] for name in names},
            email=email,
            privacy_text=privacy_text,
            invite_text=str(INVITE) if entered["invite"] else "",
            later_parts=entered.get("later_parts", False),
            request=entered.get("request", ""),
            answers=self._answers(),
        )


class LostLinkForm(GuardedForm):
    """Asks for the address whose personal links are to be mailed again."""

    limits = Limits("lost_link", by_address=3, by_network=30)

    email = AddressField(label=_("Work email"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))


class InvitedAddressForm(GuardedForm):
    """Asks for the address that an invitation went to."""

    limits = Limits("invitation", by_address=5, by_network=30)

    email = AddressField(
        label=_("The address that was invited"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


class RegistrationForm(GuardedForm, DetailsForm):
    """Registers somebody for parts of an event."""

    # A whole ministry behind one address registers within ten minutes without being asked anything.
    limits = Limits("registration", by_address=10, by_network=150)

    email = AddressField(label=_("Work email"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    privacy = forms.BooleanField(
        label=PRIVACY,
        error_messages={"required": _("Please agree so that we can register you.")},
    )
    field_order = ["parts", "later_parts", "name", "email"]

    def __init__(self, data: QueryDict | None = None, *, invitation: Invitation | None = None, **kwargs: Any) -> None:
        """With an `invitation` the form is bound to its address, which cannot be typed."""
        language = invitation.contact.language if invitation else get_language()
        super().__init__(data, initial={"language": language}, **kwargs)
        self.bound_address = invitation.contact.email if invitation else ""
        if invitation:
            del self.fields["email"]
        self.fields["privacy"].help_text = format_html(
            '{} <a href="{}">{}</a>',
            retention_words(self.event.retention_months),
            reverse("privacy"),
            gettext("How we treat personal data"),
        )

    def clean(self) -> None:
        """The address, where it is not typed."""
        if self.bound_address:
            self.cleaned_data["email"] = self.bound_address

    def details(self) -> RegistrationDetails:
        """The details as entered, for `register`."""
        shown = f"{PRIVACY}. {retention_words(self.event.retention_months)}"
        return self._details(email=self.cleaned_data["email"], privacy_text=shown)


class ChangeForm(DetailsForm):
    """Changes a registration on its personal page; parts that have begun are shown and left alone.

    `seen` says how the registration stood when the form was drawn, so that one that is sent late undoes nothing.
    """

    uses_checkboxes = True  # who saves a detail must not take part again by it

    seen = BoundedCharField(max_length=MAX_SEEN_LENGTH, required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, registration: Registration, **kwargs: Any) -> None:
        contact = registration.contact
        assert contact is not None, "an erased registration has no page"
        initial = {name: getattr(registration, name) for name in Registration.DETAIL_FIELDS}
        chosen = {answer.question_id: list(answer.choices.all()) for answer in registration.answers.all()}
        for answer in registration.answers.all():
            keys = [str(choice.pk) for choice in chosen[answer.question_id]]
            is_one = answer.question.kind == Question.Kind.CHOICE
            initial[f"question_{answer.question_id}"] = answer.text or (keys[0] if is_one and keys else keys)
        initial["invite"] = any((contact.invite_consent_at, registration.pending_consent_at))
        super().__init__(data, initial=initial, event=registration.event, chosen=chosen, **kwargs)
        self.current_version = initial["seen"] = registration.changed_at.isoformat()
        self.bound_address = contact.email
        self.privacy_text = registration.privacy_consent_text
        # Browsers send no disabled boxes, so nothing need be ticked if a part with a seat has begun, or there is none.
        with_seat = [choice for choice in self.part_choices if choice.ticked]
        self.fields["parts"].required = bool(with_seat) and not any(choice.disabled for choice in with_seat)
        self.fields["parts"].error_messages["required"] = _(
            "Keep at least one part. To cancel all your places, cancel the registration below."
        )

    def clean(self) -> None:
        """Refuse what was typed into a form that was drawn before the registration changed."""
        if self.data.get("seen", self.current_version) != self.current_version:
            self.data = self.data.copy()
            self.data["seen"] = self.current_version
            raise ValidationError(gettext("This was changed meanwhile. Look over how it stands now and send it again."))
        has_any = self.cleaned_data.get("parts") != [] or any(choice.ticked for choice in self.part_choices)
        if self.cleaned_data.get("later_parts") and not has_any:
            self.add_error("later_parts", gettext("Select at least one part first."))

    def details(self) -> RegistrationDetails:
        """The details as entered, for `change`; address and consent to privacy stay."""
        return self._details(email=self.bound_address, privacy_text=self.privacy_text)
