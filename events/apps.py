from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.uploads import register_upload_owner


class EventsConfig(AppConfig):
    name = "events"
    verbose_name = _("Events")

    def ready(self) -> None:
        register_upload_owner("events", "events.Event", "picture")
        register_upload_owner("handouts", "events.Handout", "file")
        register_upload_owner("recordings", "events.Recording", "file")
        register_upload_owner("transcripts", "events.Transcript", "file")
        register_upload_owner("news", "events.StoryPicture", "picture")
        from organizations.filters import OrganizationFilter

        from .filters import RoleFilter

        OrganizationFilter.add("role", RoleFilter())
        # Importing these modules registers mail renderers with the outbox and periodic jobs with the worker.
        from . import emails  # noqa: F401
        from .domain import later_parts, privacy, release, reminders, thanks  # noqa: F401
        from .models.seat_count import install_seat_count_triggers

        post_migrate.connect(install_seat_count_triggers, sender=self, dispatch_uid="seat counts")
