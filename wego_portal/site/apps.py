from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class SiteConfig(AppConfig):
    name = "wego_portal.site"
    label = "site"


class DeskConfig(admin_apps.AdminConfig):
    """Django's admin with the portal's name, its lists in the order of the work."""

    default = False
    default_site = "wego_portal.site.desk.Desk"
