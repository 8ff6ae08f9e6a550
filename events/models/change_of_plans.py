from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .event import Event
from .part import Part


class ChangeOfPlans(models.Model):
    """That staff moved, postponed or cancelled an event or a part, and how many were told. Holds no personal data."""

    class Kind(models.TextChoices):
        """What was done."""

        RESCHEDULED = "rescheduled", _("Rescheduled")
        POSTPONED = "postponed", _("Postponed")
        CANCELLED = "cancelled", _("Cancelled")

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="changes_of_plans")
    part = models.ForeignKey(
        Part, verbose_name=_("part"), on_delete=models.CASCADE, null=True, blank=True, related_name="changes_of_plans"
    )
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    before = models.CharField(_("before"), max_length=200, blank=True)
    after = models.CharField(_("after"), max_length=200, blank=True)
    message = models.TextField(_("message to those registered"), max_length=1000, blank=True)
    told = models.PositiveIntegerField(_("people told"))
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("by"), on_delete=models.SET_NULL, null=True, related_name="+"
    )
    changed_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("change of plans")
        verbose_name_plural = _("changes of plans")
        ordering = ["-changed_at"]

    def __str__(self):
        return f"{self.get_kind_display()}: {self.event}"
