from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_countries.fields import Country, CountryField

from wego_portal.foundation.fold import FoldedField, FoldedModel
from wego_portal.foundation.partial_dates import precision_field
from wego_portal.foundation.pictures import PictureField
from wego_portal.foundation.publication import PublishedModel
from wego_portal.foundation.rich_text import rich_text_field
from wego_portal.foundation.slugs import SluggedModel
from wego_portal.foundation.translated import has_text, in_languages, original_language_field, translated

from .place import Place
from .sector import Sector
from .topic import Topic


class Organization(SluggedModel, PublishedModel):
    """Any body: WeGO itself, a city government, a ministry, a company, a university, a network, an agency."""

    class State(models.TextChoices):
        """Whether the body exists yet, or still."""

        ACTIVE = "active", _("Active")
        PLANNED = "planned", _("Planned")
        ENDED = "ended", _("Ended")

    slug_sources = (*in_languages("name"), "short_name", "native_name")

    name = translated(models.CharField(_("name"), max_length=200, blank=True))
    short_name = models.CharField(_("short name"), max_length=60, blank=True, help_text=_("Such as WeGO or SCI-J."))
    native_name = models.CharField(
        _("native name"), max_length=200, blank=True, help_text=_("As the body writes it in its own language.")
    )
    sector = models.CharField(_("sector"), max_length=20, choices=Sector)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ACTIVE)
    place = models.ForeignKey(
        Place,
        verbose_name=_("place"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organizations",
        help_text=_("The city it governs or has its seat in; empty when not known."),
    )
    country: "models.Field[str | Country, Country]" = CountryField(
        _("country"),
        blank=True,
        help_text=_("Taken from the place where one is given. Empty for a body of many countries."),
    )
    founded = models.DateField(_("founded"), null=True, blank=True)
    founded_precision = precision_field(_("founded, known to the"))
    website = models.URLField(_("website"), max_length=500, blank=True)
    summary = translated(models.TextField(_("summary"), max_length=400, blank=True))
    body = translated(rich_text_field(_("text")))
    original_language = original_language_field()
    picture = PictureField(_("picture"), upload_to="organizations/", blank=True)
    picture_alt = translated(models.CharField(_("description of the picture"), max_length=200, blank=True))
    topics = models.ManyToManyField(Topic, verbose_name=_("topics"), blank=True, related_name="organizations")
    source_url = models.URLField(_("source"), max_length=500, blank=True, help_text=_("Where these facts were read."))

    folded = FoldedField([*in_languages("name"), "short_name", "native_name"])

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["name_en", "slug"]
        indexes = [
            models.Index(fields=["sector"], name="organizations_org_sector"),
            models.Index(fields=["country"], name="organizations_org_country"),
        ]
        constraints = [
            *PublishedModel.Meta.constraints,
            models.CheckConstraint(
                condition=has_text("name"),
                name="organizations_organization_has_name",
                violation_error_message=_("Write the name in at least one language."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.place:
            self.country = self.place.country
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("organizations:organization_detail", args=[self.slug])

    @property
    def is_planned(self) -> bool:
        return self.state == self.State.PLANNED


class Alias(FoldedModel):
    """Another name under which an organization is searched for and matched: a former, native or short form."""

    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.CASCADE, related_name="aliases"
    )
    name = models.CharField(_("name"), max_length=200)

    folded = FoldedField(["name"])

    class Meta:
        verbose_name = _("other name")
        verbose_name_plural = _("other names")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                name="organizations_alias_unique",
                violation_error_message=_("This name is listed already."),
            )
        ]

    def __str__(self) -> str:
        return self.name
