import datetime
from collections.abc import Iterable
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_countries.fields import Country, CountryField

from organizations.models import Initiative, Language, Organization, Place, Sector, Topic
from wego_portal.foundation.fold import FoldedField
from wego_portal.foundation.pictures import PictureField
from wego_portal.foundation.publication import PublishedModel, PublishedQuerySet
from wego_portal.foundation.rich_text import rich_text_field
from wego_portal.foundation.slugs import SluggedModel
from wego_portal.foundation.translated import has_text, in_languages, original_language_field, translated

from .series import Series

# For how many months registrations can be kept after the event: minimum and maximum.
RETENTION_MONTHS_RANGE = (1, 60)


class EventQuerySet(PublishedQuerySet):
    def with_span(self) -> Self:
        """Add `earliest` and `latest` (aware datetimes): the bounds of all parts of the event."""
        from .part import Part

        parts = Part.objects.filter(event=OuterRef("pk"))
        return self.annotate(
            earliest=Subquery(parts.order_by("earliest").values("earliest")[:1]),
            latest=Subquery(parts.order_by("-latest").values("latest")[:1]),
        )

    def upcoming(self, now: datetime.datetime) -> Self:
        """Events not yet past at the aware datetime `now`, the next one first."""
        return self.with_span().filter(latest__gt=now).order_by("earliest", "pk")

    def past(self, now: datetime.datetime) -> Self:
        """Events whose latest possible moment has passed at `now`, the newest first."""
        return self.with_span().filter(latest__lte=now).order_by("-latest", "-pk")


class Event(SluggedModel, PublishedModel):
    """What people register for: one or more parts under one title. Dates and status are those of the parts."""

    class Kind(models.TextChoices):
        """What sort of meeting it is."""

        WEBINAR = "webinar", _("Webinar")
        WORKSHOP = "workshop", _("Workshop")
        CONFERENCE = "conference", _("Conference")
        MEETING = "meeting", _("Meeting")
        GOVERNANCE = "governance", _("Governance meeting")
        ASSEMBLY = "assembly", _("General assembly")
        TRAINING = "training", _("Training")
        STUDY_SESSION = "study_session", _("Study session")
        BRIEFING = "briefing", _("Briefing")
        CEREMONY = "ceremony", _("Ceremony")
        ANNOUNCEMENT = "announcement", _("Announcement")

    class Mode(models.TextChoices):
        """Where people meet."""

        ONLINE = "online", _("Online")
        ONSITE = "onsite", _("On site")
        HYBRID = "hybrid", _("On site and online")

    class Access(models.TextChoices):
        """Who may take a place."""

        OPEN = "open", _("Open to everyone")
        AUDIENCE = "audience", _("For the audience named below")
        INVITATION = "invitation", _("By invitation")

    slug_sources = tuple(in_languages("title"))

    title = translated(models.CharField(_("title"), max_length=250, blank=True))
    summary = translated(models.TextField(_("summary"), max_length=500, blank=True))
    body = translated(rich_text_field(_("text")))
    original_language = original_language_field()
    kind = models.CharField(_("kind"), max_length=13, choices=Kind)
    mode = models.CharField(_("mode"), max_length=6, choices=Mode, blank=True)
    series = models.ForeignKey(
        Series, verbose_name=_("series"), on_delete=models.SET_NULL, null=True, blank=True, related_name="events"
    )
    series_number = models.PositiveSmallIntegerField(
        _("number in the series"), null=True, blank=True, help_text=_("Only where the organizer counts them.")
    )
    initiative = models.ForeignKey(
        Initiative,
        verbose_name=_("initiative"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="events",
    )
    place = models.ForeignKey(
        Place, verbose_name=_("place"), on_delete=models.PROTECT, null=True, blank=True, related_name="events"
    )
    venue = models.CharField(_("venue"), max_length=200, blank=True)
    follows = models.ManyToManyField(
        "self",
        verbose_name=_("follows from"),
        through="Follows",
        through_fields=("event", "earlier"),
        symmetrical=False,
        blank=True,
        related_name="followed_by",
    )
    replaced_by = models.ForeignKey(
        "self", verbose_name=_("replaced by"), on_delete=models.SET_NULL, null=True, blank=True, related_name="replaces"
    )
    organizations = models.ManyToManyField(
        Organization, through="EventOrganization", verbose_name=_("organizations"), related_name="events"
    )
    topics = models.ManyToManyField(Topic, verbose_name=_("topics"), blank=True, related_name="events")
    spoken_languages = models.ManyToManyField(
        Language, verbose_name=_("spoken languages"), blank=True, related_name="events_spoken"
    )
    interpreted_languages = models.ManyToManyField(
        Language, verbose_name=_("interpreted into"), blank=True, related_name="events_interpreted"
    )
    access = models.CharField(_("who may register"), max_length=10, choices=Access, default=Access.OPEN)
    audience_network = models.ForeignKey(
        Organization,
        verbose_name=_("audience: members of"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="events_for_members",
        help_text=_("The network through which the event is offered."),
    )
    audience_countries: "models.Field[Iterable[str | Country], list[Country]]" = CountryField(
        _("audience: countries"), multiple=True, blank=True
    )
    takes_registrations = models.BooleanField(
        _("takes registrations"),
        default=False,
        help_text=_("Offer the registration form on the event's page. Needs a part with a start hour and a time zone."),
    )
    is_sample = models.BooleanField(_("sample"), default=False, help_text=_("Marked as a sample wherever it is shown."))
    retention_months = models.PositiveSmallIntegerField(
        _("keep registrations for (months)"),
        default=12,
        help_text=_("After the end of the event; then personal data is erased. Shown in the form."),
    )
    hold_hours = models.PositiveSmallIntegerField(
        _("hold a place for (hours)"),
        default=24,
        help_text=_(
            "Until an address is confirmed by the link in its mail, in parts with limited places; then the first on the"
            " waiting list gets it. 0: until the start. What is held already keeps its time."
        ),
    )
    picture = PictureField(_("picture"), upload_to="events/", blank=True)
    picture_alt = translated(models.CharField(_("description of the picture"), max_length=200, blank=True))
    source_url = models.URLField(_("source"), max_length=500, blank=True, help_text=_("Where these facts were read."))

    folded = FoldedField([*in_languages("title", "summary"), "venue"])

    objects: ClassVar = EventQuerySet.as_manager()

    # Added by queries of domain/.
    host_roles: "list[EventOrganization]"

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-pk"]
        constraints = [
            *PublishedModel.Meta.constraints,
            models.CheckConstraint(
                condition=has_text("title"),
                name="events_event_has_title",
                violation_error_message=_("Write the title in at least one language."),
            ),
            models.CheckConstraint(
                condition=Q(replaced_by__isnull=True) | ~Q(replaced_by=F("id")),
                name="events_event_not_replaced_by_itself",
                violation_error_message=_("An event cannot replace itself."),
            ),
            models.CheckConstraint(
                condition=Q(retention_months__range=RETENTION_MONTHS_RANGE),
                name="events_event_retention_range",
                violation_error_message=_("Registrations can be kept for 1 to 60 months."),
            ),
            models.CheckConstraint(
                condition=Q(hold_hours__range=(0, 336)),
                name="events_event_hold_range",
                violation_error_message=_("A place can be held for 0 to 336 hours (14 days)."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("events:event_detail", args=[self.slug])

    def slug_kind(self) -> str:
        """The kind of meeting."""
        return self.kind or super().slug_kind()

    @property
    def has_several_parts(self) -> bool:
        """Whether parts are shown with their numbers. No query if the parts are prefetched."""
        return len(self.parts.all()) > 1


class EventAudience(models.Model):
    """A sector that an event is held for."""

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="audience_sectors")
    sector = models.CharField(_("sector"), max_length=20, choices=Sector)

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audience: sectors")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "sector"],
                name="events_audience_unique",
                violation_error_message=_("This sector is in the audience already."),
            )
        ]

    def __str__(self) -> str:
        return self.get_sector_display()


class EventOrganization(models.Model):
    """An organization in a role at an event. Editorial: never derived from registrations."""

    class Role(models.TextChoices):
        """What the organization is at the event."""

        HOST = "host", _("Host")
        CO_HOST = "co_host", _("Co-host")
        PARTNER = "partner", _("Partner")
        SUPPORTER = "supporter", _("Supporter")
        OBSERVER = "observer", _("Listed observer")

    # Named as its hosts wherever an event is shown.
    HOSTING_ROLES = (Role.HOST, Role.CO_HOST)

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="roles")
    organization = models.ForeignKey(
        Organization, verbose_name=_("organization"), on_delete=models.PROTECT, related_name="event_roles"
    )
    role = models.CharField(_("role"), max_length=9, choices=Role)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("organization at an event")
        verbose_name_plural = _("organizations and their roles")
        ordering = ["order", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "organization", "role"],
                name="events_role_unique",
                violation_error_message=_("This organization has that role already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.organization} ({self.get_role_display()})"


class Follows(models.Model):
    """The link from an event to an earlier one that it follows."""

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="earlier_links")
    earlier = models.ForeignKey(
        Event, verbose_name=_("earlier event"), on_delete=models.CASCADE, related_name="later_links"
    )

    class Meta:
        verbose_name = _("earlier event")
        verbose_name_plural = _("follows from")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "earlier"],
                name="events_follows_unique",
                violation_error_message=_("This earlier event is listed already."),
            ),
            models.CheckConstraint(
                condition=~Q(event=F("earlier")),
                name="events_follows_not_itself",
                violation_error_message=_("An event cannot follow from itself."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.earlier} → {self.event}"
