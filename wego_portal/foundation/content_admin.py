"""The admin of content: texts in three languages, and rich text under the content security policy.

Here because the admins of both apps edit such texts, and without these lines no rich text editor loads and nothing says
so.
"""

from typing import Any, Protocol

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Field, QuerySet
from django.db.models.fields.files import FieldFile
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from translated_fields import to_attribute

from .admin_bases import AdminBase, AnyAdminBase, FieldsetOptions
from .email_address import normalise_address
from .fold import fold
from .lazy_text import LazyText
from .publication import Publication, PublishedModel


class TranslatedLabelsMixin(AnyAdminBase):
    """For a ModelAdmin or an inline, before it in the list of bases: says in which language each text is wanted."""

    def formfield_for_dbfield(self, db_field: Field, request: HttpRequest, **kwargs: Any) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        for code, name in settings.LANGUAGES:
            base_name = db_field.name.rpartition("_")[0]
            if field and base_name and db_field.name == to_attribute(base_name, code):
                field.label = _("%(label)s (%(language)s)") % {
                    "label": capfirst(db_field.verbose_name),
                    "language": _(str(name)),
                }
                field.widget.attrs["lang"] = code
        return field


class ContentAdminMixin(TranslatedLabelsMixin, AdminBase):
    """For a ModelAdmin whose form or inlines hold rich text; comes before ModelAdmin in the list of bases.

    The editor finds its modules through an import map, which is an inline script, and draws its cursor with a style
    element. So this one page gets a nonce for the former and is allowed the latter; all other pages stay strict.
    """

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        media = context["media"]
        # Only media with an import map know nonces; a form without an editor has plain ones and needs none.
        if hasattr(media, "with_nonce"):
            nonce = request.csp_nonce  # type: ignore[attr-defined]  # added by django-csp
            context["media"] = media.with_nonce(str(nonce))
        response = super().render_change_form(request, context, *args, **kwargs)
        vars(response)["_csp_update"] = {"style-src": ["'unsafe-inline'"]}  # where django-csp looks for it
        return response


PUBLICATION_FIELDSET: tuple[LazyText, FieldsetOptions] = (
    gettext_lazy("Publication"),
    {
        "fields": ["publication", "publish_at"],
        "description": gettext_lazy("The public sees only what is published, or scheduled for a time that has come."),
    },
)


def language_fieldsets(*names: str) -> list[tuple[str | LazyText, FieldsetOptions]]:
    """One fieldset a language with the translated fields `names`; all but the first language are folded."""
    return [
        (
            language,
            {
                "fields": [to_attribute(name, code) for name in names],
                "classes": ["collapse"] if number else [],
                "description": gettext_lazy("What is left empty is shown in the language it was first written in.")
                if number
                else gettext_lazy("At least one language needs a text."),
            },
        )
        for number, (code, language) in enumerate(settings.LANGUAGES)
    ]


class TextAdminMixin(AdminBase):
    """For a ModelAdmin, before it in the list of bases: searches folded columns.

    `search_fields` name columns such as "folded__contains" and "event__folded__contains"; others hold ASCII only.
    """

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """What is found by the folded term."""
        return super().get_search_results(request, queryset, fold(search_term))


class AddressSearchMixin(TextAdminMixin):
    """For a ModelAdmin that searches addresses too, before it in the list of bases: finds them in any spelling."""

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """As the admin does it, with each address in the term in the spelling under which it is kept."""
        term = " ".join(_as_kept(word) for word in search_term.split(" "))
        return super().get_search_results(request, queryset, term)


def _as_kept(word: str) -> str:
    """A word of a search: an address, or the end of one from its @ on, as it is kept; any other word as it is."""
    if "@" not in word and "\uff20" not in word:
        return word
    is_end = word[0] in "@\uff20"
    try:
        return normalise_address(f"a{word}")[1:] if is_end else normalise_address(word)
    except ValidationError:
        return word


class PublicationAdminMixin(TextAdminMixin):
    """For a ModelAdmin of a PublishedModel: publish and withdraw in bulk, and a link to the page while there is one."""

    actions = ["publish", "withdraw"]

    @admin.action(permissions=["change"], description=gettext_lazy("Publish the selected %(verbose_name_plural)s"))
    def publish(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._move(request, queryset, Publication.PUBLISHED)

    @admin.action(permissions=["change"], description=gettext_lazy("Withdraw the selected %(verbose_name_plural)s"))
    def withdraw(self, request: HttpRequest, queryset: QuerySet) -> None:
        self._move(request, queryset, Publication.WITHDRAWN)

    def _move(self, request: HttpRequest, queryset: QuerySet, publication: Publication) -> None:
        moved = list(queryset.exclude(publication=publication))
        for row in moved:
            row.publication = publication
            row.save(update_fields=["publication"])
            self.log_change(request, row, [{"changed": {"fields": ["publication"]}}])
        message = ngettext("%(count)d is now: %(state)s.", "%(count)d are now: %(state)s.", len(moved))
        messages.success(request, message % {"count": len(moved), "state": publication.label.lower()})

    def get_view_on_site_url(self, obj: PublishedModel | None = None) -> str | None:
        """The public page, which a draft does not have, nor what belongs to one."""
        if obj is not None and not obj.is_published(timezone.now()):
            return None
        return super().get_view_on_site_url(obj)


class HasPicture(Protocol):
    """A row with a picture, or without."""

    picture: FieldFile


class PicturePreviewMixin:
    """For a ModelAdmin or an inline whose model has a `picture`: the read-only field `preview` shows it."""

    @admin.display(description=gettext_lazy("preview"))
    def preview(self, obj: HasPicture) -> str:
        if not obj.picture:
            return "-"
        return format_html('<img src="{}" alt="" width="240">', obj.picture.url)
