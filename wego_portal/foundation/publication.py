"""Publication: the one rule for who may see a row, used by pages, feeds, files, sitemaps and search.

Here because organizations and events both publish content.
"""

import datetime
import functools
from typing import ClassVar, Self, TypeVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .fold import FoldedModel, FoldedQuerySet

PublishedRow = TypeVar("PublishedRow", bound="PublishedModel", covariant=True)
RelatedRow = TypeVar("RelatedRow", bound="PublishedModel")


class Publication(models.TextChoices):
    """How far a text is on its way to the public. Says nothing of whether an event takes place."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    SCHEDULED = "scheduled", _("Scheduled")
    PUBLISHED = "published", _("Published")
    WITHDRAWN = "withdrawn", _("Withdrawn")


def published_q(now: datetime.datetime, path: str = "") -> Q:
    """The condition that the row at `path` (such as "event__") is visible at the aware datetime `now`."""
    return Q(**{f"{path}publication": Publication.PUBLISHED}) | Q(
        **{f"{path}publication": Publication.SCHEDULED, f"{path}publish_at__lte": now}
    )


class PublishedQuerySet(FoldedQuerySet[PublishedRow]):
    """A QuerySet whose model names, in `publication_ancestors`, the relations that must be visible too."""

    def published(self, now: datetime.datetime) -> Self:
        """Rows the public may see at the aware datetime `now`: visible themselves, and so are their ancestors."""
        condition = published_q(now)
        for path in self.model.publication_ancestors:
            condition &= published_q(now, f"{path}__")
        return self.filter(condition)


class PublishedModel(FoldedModel):
    """A row with a publication state. `publication_ancestors` names required relations that must be visible as well."""

    publication_ancestors: tuple[str, ...] = ()

    publication = models.CharField(
        _("publication"),
        max_length=10,
        choices=Publication,
        default=Publication.DRAFT,
        help_text=_("The public sees only what is published, or scheduled for a time that has come."),
    )
    publish_at = models.DateTimeField(
        _("publish at"), null=True, blank=True, help_text=_("Needed when scheduled; time in Seoul.")
    )

    objects: ClassVar = PublishedQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=~Q(publication=Publication.SCHEDULED) | Q(publish_at__isnull=False),
                name="%(app_label)s_%(class)s_scheduled_has_time",
                violation_error_message=_("Say when it is to be published."),
            )
        ]

    def is_published(self, now: datetime.datetime) -> bool:
        """Whether the public may see this row, the same rule as `published(now)`. Reads its ancestors."""
        if self.publication == Publication.SCHEDULED:
            is_visible = self.publish_at is not None and self.publish_at <= now
        else:
            is_visible = self.publication == Publication.PUBLISHED
        paths = self.publication_ancestors if is_visible else ()
        ancestors = (functools.reduce(getattr, path.split("__"), self) for path in paths)
        return is_visible and all(ancestor.is_published(now) for ancestor in ancestors)


def published_or_none(row: RelatedRow | None, now: datetime.datetime) -> RelatedRow | None:
    """The row at the other end of a relation, or None if there is none or the public may not see it at `now`."""
    return row if row is not None and row.is_published(now) else None
