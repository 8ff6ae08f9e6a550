from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.translated import has_text, translated

from .event import Event
from .registration import Registration


class Question(models.Model):
    """An additional question on an event's registration form."""

    class Kind(models.TextChoices):
        """How it is answered."""

        TEXT = "text", _("Text")
        CHOICE = "choice", _("One of several")
        CHOICES = "choices", _("Any of several")

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="questions")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.TEXT)
    label = translated(models.CharField(_("question"), max_length=200, blank=True))
    required = models.BooleanField(_("required"), default=False)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions of the form")
        ordering = ["event", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=has_text("label"),
                name="events_question_has_label",
                violation_error_message=_("Write the question in one language at least."),
            )
        ]

    def __str__(self) -> str:
        return self.label

    def choices_to_offer(self, chosen: "list[Choice] | None" = None) -> "list[Choice]":
        """The choices to offer: the current ones, and those of `chosen` that were withdrawn since."""
        return [choice for choice in self.choices.all() if choice.is_offered or choice in (chosen or [])]


class Choice(models.Model):
    """One choice of a question. Answers refer to it, so its label can be corrected and translated later."""

    question = models.ForeignKey(Question, verbose_name=_("question"), on_delete=models.CASCADE, related_name="choices")
    order = models.PositiveSmallIntegerField(_("order"))
    label = translated(models.CharField(_("choice"), max_length=2000, blank=True))
    is_offered = models.BooleanField(
        _("offered"), default=True, help_text=_("Untick it to withdraw a choice; who chose it keeps it.")
    )

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        ordering = ["order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=has_text("label"),
                name="events_choice_has_label",
                violation_error_message=_("Write the choice in one language at least."),
            )
        ]

    def __str__(self) -> str:
        return self.label


class Answer(models.Model):
    """A registrant's answer to a question: a text, or choices. Personal data.

    Neither a question nor a choice can be deleted while an answer refers to it.
    """

    registration = models.ForeignKey(
        Registration, verbose_name=_("registration"), on_delete=models.CASCADE, related_name="answers"
    )
    question = models.ForeignKey(Question, verbose_name=_("question"), on_delete=models.PROTECT, related_name="answers")
    text = models.TextField(_("answer"), blank=True)
    choices = models.ManyToManyField(
        Choice, verbose_name=_("choices"), through="AnswerChoice", related_name="answers", blank=True
    )

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["question__order", "question"]
        constraints = [models.UniqueConstraint(fields=["registration", "question"], name="events_answer_unique")]

    def __str__(self) -> str:
        # Without what was answered: the admin's log keeps this text for good.
        return gettext("Answer %(number)s") % {"number": self.pk}

    @property
    def value(self) -> str | list[Choice]:
        """The text, or the choices in their order."""
        return self.text if self.question.kind == Question.Kind.TEXT else list(self.choices.all())

    @property
    def texts_for_display(self) -> list[str]:
        """The text, or each choice in the active language."""
        return [self.text] if self.text else [str(choice.label) for choice in self.choices.all()]

    @property
    def text_for_display(self) -> str:
        """The answer as one text in the active language."""
        return ", ".join(self.texts_for_display)


class AnswerChoice(models.Model):
    """The link from an answer to a choice."""

    answer = models.ForeignKey(Answer, verbose_name=_("answer"), on_delete=models.CASCADE, related_name="+")
    choice = models.ForeignKey(Choice, verbose_name=_("choice"), on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = _("chosen choice")
        verbose_name_plural = _("chosen choices")
        constraints = [models.UniqueConstraint(fields=["answer", "choice"], name="events_answer_choice_unique")]

    def __str__(self) -> str:
        return gettext("Answer %(number)s") % {"number": self.answer_id}
