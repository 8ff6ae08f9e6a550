from django.apps import AppConfig
from django.db.models.signals import pre_save
from django.utils.translation import gettext_lazy as _


class FoundationConfig(AppConfig):
    name = "wego_portal.foundation"
    label = "foundation"
    verbose_name = _("Outgoing mail")

    def ready(self) -> None:
        from .clean_text import clean_row

        pre_save.connect(clean_row, dispatch_uid="clean text")
