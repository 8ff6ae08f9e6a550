import datetime
from typing import Self

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from .contact import Contact
from .event import Event
from .personal_link import PersonalLink
from .registration import Registration, new_reference


class InvitationQuerySet(models.QuerySet):
    def valid(self, now: datetime.datetime) -> Self:
        """Invitations that can be used at the aware datetime `now`; `Invitation.is_valid` for one row."""
        return self.filter(withdrawn_at__isnull=True, expires_at__gt=now)

    def with_state(self, now: datetime.datetime) -> Self:
        """Add `state`, an Invitation.State, as it is at the aware datetime `now`."""
        state = Invitation.State
        return self.annotate(
            state=Case(
                When(registration__isnull=False, then=Value(state.REGISTERED)),
                When(withdrawn_at__isnull=False, then=Value(state.WITHDRAWN)),
                When(expires_at__lte=now, then=Value(state.EXPIRED)),
                When(opened_at__isnull=False, then=Value(state.OPENED)),
                default=Value(state.SENT),
                output_field=models.CharField(),
            )
        )


class Invitation(PersonalLink):
    """An event offered to one contact, for whose address alone it can be used until it expires."""

    class State(models.TextChoices):
        """What became of it. Derived (`with_state`), stored nowhere."""

        SENT = "sent", _("Sent")
        OPENED = "opened", _("Opened")
        REGISTERED = "registered", _("Registered")
        EXPIRED = "expired", _("Expired")
        WITHDRAWN = "withdrawn", pgettext_lazy("invitation", "Withdrawn")

        @property
        def ended_heading(self) -> str:
            """The heading of the page behind an invitation that was used (REGISTERED), withdrawn or has expired."""
            return {
                type(self).REGISTERED: gettext("This invitation has been used"),
                type(self).WITHDRAWN: gettext("This invitation was withdrawn"),
            }.get(self, gettext("This invitation has expired"))

        @property
        def ended_explanation(self) -> str:
            """The sentence below it."""
            return {
                type(self).REGISTERED: gettext(
                    "The email about your registration lists your places and has a personal link to view, change or"
                    " cancel them."
                ),
                type(self).WITHDRAWN: gettext("The organizers took it back, so it gives no place any more."),
            }.get(
                self,
                gettext("It was valid for some time only. If you still want to come, write to the secretariat."),
            )

    event = models.ForeignKey(Event, verbose_name=_("event"), on_delete=models.CASCADE, related_name="invitations")
    contact = models.ForeignKey(
        Contact, verbose_name=_("contact"), on_delete=models.CASCADE, related_name="invitations"
    )
    registration = models.OneToOneField(
        Registration,
        verbose_name=_("registration"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="invitation",
    )
    reference = models.CharField(_("reference"), max_length=16, unique=True, default=new_reference, editable=False)
    link_version = models.PositiveSmallIntegerField(_("version of the link"), default=1, editable=False)
    number = models.PositiveIntegerField(_("number"), help_text=_("Counted per event, named in the mail."))
    created_at = models.DateTimeField(_("invited at"))
    expires_at = models.DateTimeField(_("valid until"))
    opened_at = models.DateTimeField(_("opened at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["event", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "contact"],
                name="events_invitation_unique",
                violation_error_message=_("This address is invited already."),
            ),
            models.UniqueConstraint(fields=["event", "number"], name="events_invitation_number_unique"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="events_invitation_valid_for_a_while",
                violation_error_message=_("The invitation would end before it begins."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event}, {self.number}"

    def is_valid(self, now: datetime.datetime) -> bool:
        """Whether it can be used at the aware datetime `now`."""
        return self.withdrawn_at is None and self.expires_at > now
