from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from organizations.models import BestPractice, Organization, Person
from wego_portal.foundation.fold import FoldedField, FoldedModel
from wego_portal.foundation.translated import has_text, in_languages, translated

from .part import Part


class AgendaItem(FoldedModel):
    """An item on the agenda of a part. `start_time` is local to the part's time zone."""

    class Kind(models.TextChoices):
        """What sort of item it is."""

        TALK = "talk", _("Talk")
        RECORDED_MESSAGE = "recorded_message", _("Recorded message")
        PANEL = "panel", _("Panel")
        QUESTIONS = "questions", _("Questions")
        BREAK = "break", _("Break")

    part = models.ForeignKey(Part, verbose_name=_("part"), on_delete=models.CASCADE, related_name="agenda")
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind, default=Kind.TALK)
    title = translated(models.CharField(_("title"), max_length=250, blank=True))
    summary = translated(models.TextField(_("summary"), max_length=600, blank=True))
    start_time = models.TimeField(_("start"), null=True, blank=True, help_text=_("Local time; empty when not known."))
    cases = models.ManyToManyField(BestPractice, verbose_name=_("cases shown"), blank=True, related_name="agenda_items")

    folded = FoldedField(in_languages("title"))

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda")
        ordering = ["part", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=has_text("title"),
                name="events_agendaitem_has_title",
                violation_error_message=_("Write the title in at least one language."),
            )
        ]

    def __str__(self) -> str:
        return self.title


class Appearance(models.Model):
    """A person or an organization in an agenda item, with the title held at the time."""

    class Role(models.TextChoices):
        """What they do in the item."""

        SPEAKER = "speaker", _("Speaker")
        MODERATOR = "moderator", _("Moderator")
        PANELIST = "panelist", _("Panelist")

    item = models.ForeignKey(
        AgendaItem, verbose_name=_("agenda item"), on_delete=models.CASCADE, related_name="appearances"
    )
    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, null=True, blank=True, related_name="appearances"
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appearances",
    )
    role = models.CharField(_("role"), max_length=9, choices=Role, default=Role.SPEAKER)
    title_then = translated(models.CharField(_("title at the time"), max_length=150, blank=True))
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("appearance")
        verbose_name_plural = _("who appears")
        ordering = ["item", "order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(organization__isnull=False),
                name="events_appearance_of_somebody",
                violation_error_message=_("Name a person or an organization."),
            )
        ]

    def __str__(self) -> str:
        return str(self.person or self.organization)
