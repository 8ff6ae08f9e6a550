from django.core.exceptions import ValidationError
from django.db import models
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from translated_fields import to_attribute

from wego_portal.foundation.translated import INTERFACE_LANGUAGES, has_text, translated

from .event import Event
from .registration import Registration


class Question(models.Model):
    """An extra question of an event's registration form."""

    class Kind(models.TextChoices):
        """How it is answered."""

        TEXT = "text", _("Text")
        CHOICE = "choice", _("One of several")
        CHOICES = "choices", _("Any of several")

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="questions")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.TEXT)
    label = translated(models.CharField(_("question"), max_length=200, blank=True))
    options = translated(
        models.TextField(
            _("choices"), max_length=2000, blank=True, help_text=_("One a line, in the same order in each language.")
        )
    )
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

    def __str__(self):
        return self.label

    def clean(self):
        """Choices are two or more, different, and as many in each language in which there are any."""
        lines = {language: _lines(getattr(self, to_attribute("options", language))) for language in INTERFACE_LANGUAGES}
        written = {language: found for language, found in lines.items() if found}
        if self.kind == Question.Kind.TEXT:
            if written:
                first = to_attribute("options", next(iter(written)))
                raise ValidationError({first: _("A question for a text has no choices.")})
            return
        if not written:
            raise ValidationError({to_attribute("options", INTERFACE_LANGUAGES[0]): _("Give two choices or more.")})
        number = len(next(iter(written.values())))
        for language, found in written.items():
            field = to_attribute("options", language)
            if len(found) < 2 or len(set(found)) < len(found):
                raise ValidationError({field: _("Give two choices or more, each once.")})
            if len(found) != number:
                raise ValidationError({field: _("Give as many choices in each language, in the same order.")})

    @property
    def choices(self):
        """[(as an answer keeps it, as the reader reads it)]: kept in one language, so that answers can be counted."""
        with translation.override(INTERFACE_LANGUAGES[0]):
            kept = _lines(self.options)
        shown = _lines(self.options)
        return list(zip(kept, shown if len(shown) == len(kept) else kept, strict=True))


def _lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


class Answer(models.Model):
    """What a registrant answered: a text, or the choices as `Question.choices` keeps them. Personal data.

    The texts outlast a change of the question's choices; the question itself cannot be deleted while it has answers.
    """

    registration = models.ForeignKey(
        Registration, verbose_name=_("registration"), on_delete=models.CASCADE, related_name="answers"
    )
    question = models.ForeignKey(Question, verbose_name=_("question"), on_delete=models.PROTECT, related_name="answers")
    values = models.JSONField(_("answer"), default=list, help_text=_("A list of texts."))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["question__order", "question"]
        constraints = [models.UniqueConstraint(fields=["registration", "question"], name="events_answer_unique")]

    def __str__(self):
        return self.words

    @property
    def words(self):
        """The answer as the reader reads it: choices in the active language where they are still offered."""
        shown = dict(self.question.choices)
        return ", ".join(shown.get(value, value) for value in self.values)
