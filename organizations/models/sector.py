from django.db import models
from django.utils.translation import gettext_lazy as _


class Sector(models.TextChoices):
    """The one list of sectors, shared by organizations, audiences of events and registrants."""

    MINISTRY = "ministry", _("Ministry")
    PREFECTURAL = "prefectural", _("Prefectural government")
    MUNICIPAL = "municipal", _("Municipal government")
    AGENCY = "agency", _("Agency")
    MULTINATIONAL = "multinational", _("Multinational company")
    SME = "sme", _("Small or medium company")
    ACADEMIA = "academia", _("Academia")
    INSTITUTION = "institution", _("Institution")
    NETWORK = "network", _("Network")
    INTERGOVERNMENTAL = "intergovernmental", _("Intergovernmental organization")
