from django.db import models
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.translated import has_text, translated

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
        constraints = [models.CheckConstraint(condition=has_text("label"), name="events_question_has_label")]

    def __str__(self):
        return self.label


class Answer(models.Model):
    """What a registrant answered: texts, or choices as they read when they were made. Personal data."""

    registration = models.ForeignKey(
        Registration, verbose_name=_("registration"), on_delete=models.CASCADE, related_name="answers"
    )
    question = models.ForeignKey(Question, verbose_name=_("question"), on_delete=models.CASCADE, related_name="answers")
    values = models.JSONField(_("answer"), default=list, help_text=_("A list of texts."))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        ordering = ["question__order", "question"]
        constraints = [models.UniqueConstraint(fields=["registration", "question"], name="events_answer_unique")]

    def __str__(self):
        return ", ".join(self.values)
