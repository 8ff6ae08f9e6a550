from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.uploads import stored_in


class OrganizationsConfig(AppConfig):
    name = "organizations"
    verbose_name = _("Organizations")

    def ready(self):
        stored_in("organizations", "organizations.Organization", "picture")
        stored_in("cases", "organizations.BestPractice", "picture")
        stored_in("resources", "organizations.Resource", "file")
        # Importing the module registers its periodic job with the worker.
        from .domain import inquiry  # noqa: F401
