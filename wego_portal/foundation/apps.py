from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "wego_portal.foundation"
    label = "foundation"
    verbose_name = "Foundation"
