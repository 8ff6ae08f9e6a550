import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.partial_dates import precision_field
from wego_portal.foundation.publication import published_q

from .organization import Organization


class MembershipQuerySet(models.QuerySet):
    def active(self) -> Self:
        """Memberships that count."""
        return self.filter(state=Membership.State.ACTIVE)

    def published(self, now: datetime.datetime) -> Self:
        """Memberships whose two ends the public may see at the aware datetime `now`."""
        return self.filter(published_q(now, "member__"), published_q(now, "group__"))

    def count_members(self) -> int:
        """How many different organizations are members here, in whatever number of groups."""
        return self.aggregate(members=models.Count("member", distinct=True))["members"]


class Membership(models.Model):
    """A member in a group: WeGO, a network, a platform. One relation for members, partners, pilot cities, observers."""

    class MemberClass(models.TextChoices):
        """As what the member belongs to the group."""

        MEMBER = "member", _("Member")
        ASSOCIATE = "associate", _("Associate member")
        PARTNER = "partner", _("Partner")
        PILOT_CITY = "pilot_city", _("Pilot city")
        OBSERVER = "observer", _("Observer")

    class Office(models.TextChoices):
        """An office the member holds in the group."""

        PRESIDENT = "president", _("President city")
        VICE_PRESIDENT = "vice_president", _("Vice-president city")
        REGIONAL_OFFICE = "regional_office", _("Regional office")

    class State(models.TextChoices):
        """Only active memberships are counted. Unconfirmed: a source names it, whether it still holds is not known."""

        PROSPECTIVE = "prospective", _("Prospective")
        ACTIVE = "active", _("Active")
        UNCONFIRMED = "unconfirmed", _("Not confirmed")
        ENDED = "ended", _("Ended")

    member = models.ForeignKey(
        Organization, verbose_name=_("member"), on_delete=models.CASCADE, related_name="memberships"
    )
    group = models.ForeignKey(
        Organization, verbose_name=_("group"), on_delete=models.PROTECT, related_name="group_memberships"
    )
    member_class = models.CharField(_("class"), max_length=10, choices=MemberClass, default=MemberClass.MEMBER)
    office = models.CharField(_("office"), max_length=16, choices=Office, blank=True)
    state = models.CharField(_("state"), max_length=11, choices=State, default=State.ACTIVE)
    since = models.DateField(_("since"), null=True, blank=True)
    since_precision = precision_field(_("since, known to the"))
    until = models.DateField(_("until"), null=True, blank=True)
    until_precision = precision_field(_("until, known to the"))
    note = models.CharField(
        _("note"), max_length=300, blank=True, help_text=_("Shown to staff only, such as what was not checked.")
    )
    source_url = models.URLField(_("source"), max_length=500, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        ordering = ["group", "member"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "group"],
                condition=~Q(state="ended"),
                name="organizations_membership_unique",
                violation_error_message=_("This organization is in that group already."),
            ),
            models.CheckConstraint(
                condition=~Q(member=F("group")),
                name="organizations_membership_not_itself",
                violation_error_message=_("Nobody is a member of itself."),
            ),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
                name="organizations_membership_until_after_since",
                violation_error_message=_("The end lies before the beginning."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} - {self.group}"
