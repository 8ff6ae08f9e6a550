from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_countries.fields import Country, CountryField

from wego_portal.foundation.fold import FoldedField, FoldedModel
from wego_portal.foundation.partial_dates import validate_time_zone
from wego_portal.foundation.translated import has_text, in_languages, translated


class Place(FoldedModel):
    """A city on the map: country, coordinates (degrees, WGS 84) and time zone (IANA name)."""

    name = translated(models.CharField(_("name"), max_length=120, blank=True))
    country: "models.Field[str | Country, Country]" = CountryField(_("country"))
    latitude = models.DecimalField(_("latitude"), max_digits=7, decimal_places=4, null=True, blank=True)
    longitude = models.DecimalField(_("longitude"), max_digits=7, decimal_places=4, null=True, blank=True)
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[validate_time_zone],
        help_text=_("IANA name such as Asia/Seoul. Clocks of co-hosting cities are shown in it."),
    )
    geonames_id = models.PositiveBigIntegerField(
        _("GeoNames number"), null=True, blank=True, unique=True, help_text=_("Where the coordinates come from.")
    )

    folded = FoldedField(in_languages("name"))

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        ordering = ["name_en"]
        constraints = [
            models.UniqueConstraint(
                fields=["name_en", "country"],
                condition=~Q(name_en=""),
                name="organizations_place_unique",
                violation_error_message=_("This place is in the list already."),
            ),
            models.CheckConstraint(
                condition=has_text("name"),
                name="organizations_place_has_name",
                violation_error_message=_("Write the name in at least one language."),
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="organizations_place_on_earth",
                violation_error_message=_("Give both coordinates, in degrees, or neither."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.country.name}"
