"""What the bare form saves: one row of what a registrant says."""

from django.conf import settings
from django.db import models

from organizations.models import Sector


class Registrant(models.Model):
    """One row with nothing behind it: no event, no part, no capacity, no second table, no index but its key."""

    name = models.CharField(max_length=150)
    email = models.EmailField()
    organization = models.CharField(max_length=200)
    sector = models.CharField(max_length=20, choices=Sector)
    country = models.CharField(max_length=2)
    position = models.CharField(max_length=150, blank=True)
    language = models.CharField(max_length=2, choices=settings.LANGUAGES)
    privacy = models.BooleanField()

    class Meta:
        app_label = "bench"

    def __str__(self) -> str:
        return str(self.pk)
