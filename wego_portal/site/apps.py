from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "wego_portal.site"
    label = "site"
