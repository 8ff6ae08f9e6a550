import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.fold import FoldedField
from wego_portal.foundation.partial_dates import precision_field
from wego_portal.foundation.publication import PublishedModel, published_q
from wego_portal.foundation.slugs import ProposedSlugModel
from wego_portal.foundation.translated import translated

from .organization import Organization


class Person(ProposedSlugModel, PublishedModel):
    """A person who speaks at events or holds a position, named in public in that role."""

    slug_sources = ("name", "native_name")

    slug = models.SlugField(_("code"), max_length=120, unique=True, blank=True)
    name = models.CharField(_("name"), max_length=150)
    native_name = models.CharField(_("native name"), max_length=150, blank=True)
    source_url = models.URLField(_("source"), max_length=500, blank=True)

    folded = FoldedField(["name", "native_name"])

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name"]
        constraints = [*PublishedModel.Meta.constraints]

    def __str__(self) -> str:
        return self.name


class PositionQuerySet(models.QuerySet):
    def published(self, now: datetime.datetime) -> Self:
        """Positions whose person and organization the public may see at the aware datetime `now`."""
        return self.filter(published_q(now, "person__"), published_q(now, "organization__"))


class Position(models.Model):
    """A person's title at an organization, with the time it is known for."""

    person = models.ForeignKey(Person, verbose_name=_("person"), on_delete=models.CASCADE, related_name="positions")
    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.CASCADE, related_name="positions"
    )
    title = translated(models.CharField(_("title"), max_length=150, blank=True))
    since = models.DateField(_("since"), null=True, blank=True)
    since_precision = precision_field(_("since, known to the"))
    until = models.DateField(_("until"), null=True, blank=True)
    until_precision = precision_field(_("until, known to the"))
    known_for = models.CharField(
        _("known for"),
        max_length=100,
        blank=True,
        help_text=_("What the source says, such as “in office October 2021”."),
    )

    objects = PositionQuerySet.as_manager()

    class Meta:
        verbose_name = _("position")
        verbose_name_plural = _("positions")
        ordering = ["organization", "-since"]
        constraints = [
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
                name="organizations_position_until_after_since",
                violation_error_message=_("The end lies before the beginning."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.title}"
