from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.uploads import register_upload_owner


class OrganizationsConfig(AppConfig):
    name = "organizations"
    verbose_name = _("Organizations")

    def ready(self):
        register_upload_owner("organizations", "organizations.Organization", "picture")
        register_upload_owner("cases", "organizations.BestPractice", "picture")
        register_upload_owner("resources", "organizations.Resource", "file")
        # Importing the module registers its periodic job with the worker.
        from .domain import inquiry  # noqa: F401
