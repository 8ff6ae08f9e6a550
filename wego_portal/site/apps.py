from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin_apps
from django.db.models.signals import post_migrate


class SiteConfig(AppConfig):
    name = "wego_portal.site"
    label = "site"

    def ready(self):
        from . import sessions  # noqa: F401 - registers its periodic job
        from .roles import update_roles

        # Of the apps whose permissions the roles name, events is migrated last; this app has no models to wait for.
        post_migrate.connect(update_roles, sender=apps.get_app_config("events"), dispatch_uid="roles")


class PortalAdminConfig(admin_apps.AdminConfig):
    """Django's admin with the portal's name, its lists in the order of the work."""

    default = False
    default_site = "wego_portal.site.admin_site.PortalAdminSite"
