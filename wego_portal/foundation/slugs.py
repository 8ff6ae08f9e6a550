"""One neutral slug an object; an old slug redirects to the object, wherever it lives now.

Here because every public object of both apps has an address. How a slug is proposed, and which are refused, is told in
docs/decisions/0023-one-fold-for-comparing.md.
"""

import datetime
import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from urllib.parse import urlsplit

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.http import Http404
from django.urls import NoReverseMatch, resolve
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from .fold import fold

MAX_PROPOSED_LENGTH = 80  # characters, before the number that makes it unique
MAX_NUMBER_SUFFIX_LENGTH = 6
_WORD = re.compile("[a-z]{3}")  # what a proposal has to have, so that "第3回" does not become "3"


class OldSlug(models.Model):
    """A slug that an object had before. `kind` is the model's label, such as "events.Event"."""

    kind = models.CharField(_("kind"), max_length=60)
    slug = models.SlugField(_("slug"), max_length=120)
    object_id = models.BigIntegerField(_("object"))

    class Meta:
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="foundation_oldslug_unique")]

    def __str__(self) -> str:
        return f"{self.kind} {self.slug}"


class ProposedSlugModel(models.Model):
    """A row with a slug that is proposed where none is given: from `slug_sources`, else from its kind and a date."""

    slug_sources: tuple[str, ...] = ()
    slug: "models.SlugField[str, str]"

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        self.slug = self.slug or self._proposed_slug()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.slug = self.slug or self._proposed_slug()
        super().save(*args, **kwargs)

    def slug_kind(self) -> str:
        """What stands in a slug where no title has Latin letters, such as "webinar"."""
        return self._meta.model_name or ""

    def slug_date(self) -> datetime.date:
        """The date that stands beside it; today, where the row has none of its own."""
        return timezone.localdate()

    def _proposed_slug(self) -> str:
        column = cast("models.SlugField[str, str]", self._meta.get_field("slug"))
        longest = min(MAX_PROPOSED_LENGTH, (column.max_length or MAX_PROPOSED_LENGTH) - MAX_NUMBER_SUFFIX_LENGTH)
        texts = (slugify(fold(getattr(self, name)))[:longest].strip("-_") for name in self.slug_sources)
        words = next((text for text in texts if _WORD.search(text)), "")
        words = words or f"{self.slug_kind().replace('_', '-')}-{self.slug_date():%Y-%m-%d}"
        others: models.QuerySet = type(self)._base_manager.exclude(pk=self.pk)
        taken = set(others.filter(slug__startswith=words).values_list("slug", flat=True))
        taken |= set(
            OldSlug.objects.filter(kind=self._meta.label, slug__startswith=words).values_list("slug", flat=True)
        )
        number, proposal = 1, words
        while proposal in taken or self.is_reserved(proposal):
            number += 1
            proposal = f"{words}-{number}"
        return proposal

    def is_reserved(self, slug: str) -> bool:
        """Whether the portal needs the slug for something else."""
        return False


class SluggedModel(ProposedSlugModel):
    """A row with an address. Saving a changed slug keeps the old one as a redirect."""

    slug = models.SlugField(
        _("address"),
        max_length=120,
        unique=True,
        blank=True,
        help_text=_(
            "Last part of the page's address, the same in every language. Old addresses go on working. Left empty, it"
            " is made from the title in Latin letters, or from the kind and a date."
        ),
    )

    _loaded_slug: str | None

    class Meta:
        abstract = True

    if TYPE_CHECKING:

        def get_absolute_url(self) -> str: ...

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **kwargs: Any) -> Self:
        instance = super().from_db(db, field_names, values)
        instance._loaded_slug = instance.__dict__.get("slug")
        return instance

    def clean(self) -> None:
        """Refuse a slug at whose address the portal has something else, such as `feed`."""
        self.slug = self.slug or getattr(self, "_loaded_slug", None) or ""
        super().clean()
        if self.is_reserved(self.slug):
            message = _("The portal uses this address itself. Choose another one.")
            raise ValidationError({"slug": ValidationError(message, code="reserved")})

    def is_reserved(self, slug: str) -> bool:
        """Whether another page of the portal is at the address that the row would have with this slug."""
        return self._view_with(slug) != self._view_with("a-slug-of-no-page")

    def _view_with(self, slug: str) -> str:
        given, self.slug = self.slug, slug
        try:
            return resolve(urlsplit(self.get_absolute_url()).path).view_name
        except (NoReverseMatch, ObjectDoesNotExist):  # the form says what is wrong with the slug, or missing
            return ""
        finally:
            self.slug = given

    def save(self, *args: Any, **kwargs: Any) -> None:
        super().save(*args, **kwargs)
        kind = self._meta.label
        loaded = getattr(self, "_loaded_slug", None)
        if loaded and loaded != self.slug:
            OldSlug.objects.update_or_create(kind=kind, slug=loaded, defaults={"object_id": self.pk})
            OldSlug.objects.filter(kind=kind, slug=self.slug).delete()
        self._loaded_slug = self.slug


class MovedError(Exception):
    """The object of an old slug: `destination` is the object as it is now."""

    def __init__(self, destination: "SluggedModel") -> None:
        super().__init__(destination.slug)
        self.destination = destination


Slugged = TypeVar("Slugged", bound=SluggedModel)


def get_by_slug(queryset: models.QuerySet[Slugged], slug: str) -> Slugged:
    """The object with this slug. Raises MovedError for an old slug of a visible object, Http404 otherwise."""
    found = queryset.filter(slug=slug).first()
    if found:
        return found
    old = OldSlug.objects.filter(kind=queryset.model._meta.label, slug=slug).first()
    moved = old and queryset.filter(pk=old.object_id).first()
    if moved:
        raise MovedError(moved)
    raise Http404
