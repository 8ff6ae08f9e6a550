"""One neutral slug an object; an old slug redirects to the object, wherever it lives now.

Here because every public object of both apps has an address.
"""

from django.db import models
from django.http import Http404
from django.utils.translation import gettext_lazy as _


class OldSlug(models.Model):
    """A slug that an object had before. `kind` is the model's label, such as "events.Event"."""

    kind = models.CharField(_("kind"), max_length=60)
    slug = models.SlugField(_("slug"), max_length=120)
    object_id = models.BigIntegerField(_("object"))

    class Meta:
        verbose_name = _("old address")
        verbose_name_plural = _("old addresses")
        constraints = [models.UniqueConstraint(fields=["kind", "slug"], name="foundation_oldslug_unique")]

    def __str__(self):
        return f"{self.kind} {self.slug}"


class SluggedModel(models.Model):
    """A row with an address. Saving a changed slug keeps the old one as a redirect."""

    slug = models.SlugField(
        _("address"),
        max_length=120,
        unique=True,
        help_text=_("Last part of the page's address, the same in every language. Old addresses go on working."),
    )

    class Meta:
        abstract = True

    @classmethod
    def from_db(cls, db, field_names, values):
        instance = super().from_db(db, field_names, values)
        instance._loaded_slug = instance.__dict__.get("slug")
        return instance

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        kind = self._meta.label
        loaded = getattr(self, "_loaded_slug", None)
        if loaded and loaded != self.slug:
            OldSlug.objects.update_or_create(kind=kind, slug=loaded, defaults={"object_id": self.pk})
            OldSlug.objects.filter(kind=kind, slug=self.slug).delete()
        self._loaded_slug = self.slug


class Moved(Exception):
    """The object of an old slug: `destination` is the object as it is now."""

    def __init__(self, destination):
        super().__init__(destination.slug)
        self.destination = destination


def get_by_slug(queryset, slug):
    """The object with this slug. Raises Moved for an old slug of a visible object, Http404 otherwise."""
    found = queryset.filter(slug=slug).first()
    if found:
        return found
    old = OldSlug.objects.filter(kind=queryset.model._meta.label, slug=slug).first()
    moved = old and queryset.filter(pk=old.object_id).first()
    if moved:
        raise Moved(moved)
    raise Http404
