from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_countries.filters import CountryFilter

from wego_portal.foundation.content_admin import (
    PUBLICATION_FIELDSET,
    ContentAdminMixin,
    PicturePreviewMixin,
    PublicationAdminMixin,
    TranslatedLabelsMixin,
    language_fieldsets,
)
from wego_portal.foundation.upload_admin import UploadAdminMixin

from ..models import Alias, Membership, Organization, ReportedFigure


class AliasInline(admin.TabularInline):
    model = Alias
    extra = 0


class MembershipInline(admin.TabularInline):
    """What the organization belongs to; who belongs to it has a list of its own."""

    model = Membership
    fk_name = "member"
    verbose_name = _("membership in a group")
    verbose_name_plural = _("belongs to")
    autocomplete_fields = ["group"]
    fields = [
        "group",
        "member_class",
        "office",
        "state",
        "since",
        "since_precision",
        "until",
        "until_precision",
        "note",
    ]
    extra = 0


class ReportedFigureInline(TranslatedLabelsMixin, admin.StackedInline):
    model = ReportedFigure
    classes = ["collapse"]
    fields = [
        ("value", "number"),
        ("label_en", "label_ja", "label_ko"),
        ("as_of", "as_of_precision"),
        "source_url",
    ]
    extra = 0


@admin.register(Organization)
class OrganizationAdmin(
    UploadAdminMixin, ContentAdminMixin, PublicationAdminMixin, PicturePreviewMixin, admin.ModelAdmin
):
    list_display = ["__str__", "short_name", "sector", "place", "country", "state", "publication"]
    list_filter = ["publication", "sector", "state", ("country", CountryFilter), "topics"]
    list_select_related = ["place"]
    search_fields = ["folded__contains", "aliases__folded__contains", "slug"]
    autocomplete_fields = ["place", "topics"]
    prepopulated_fields = {"slug": ["name_en"]}
    readonly_fields = ["preview", "members"]
    inlines = [AliasInline, MembershipInline, ReportedFigureInline]
    fieldsets = [
        (
            None,
            {
                "fields": ["short_name", "native_name", "sector", "state", "slug"],
                "description": _("The names in English, Japanese and Korean follow below."),
            },
        ),
        *language_fieldsets("name", "summary", "body", "picture_alt"),
        (
            _("Where and since when"),
            {"fields": ["place", "country", ("founded", "founded_precision"), "website", "members"]},
        ),
        (
            _("Picture and topics"),
            {
                "fields": ["picture", "preview", "topics"],
                "description": _("Without a picture a drawn skyline is shown. Describe the picture in each language."),
            },
        ),
        (_("Where this comes from"), {"fields": ["original_language", "source_url"]}),
        PUBLICATION_FIELDSET,
    ]

    @admin.display(description=_("who belongs to it"))
    def members(self, obj):
        """A link to the memberships in this organization, which may be many."""
        if obj.pk is None:
            return "-"
        address = reverse("admin:organizations_membership_changelist")
        return format_html('<a href="{}?group__id__exact={}">{}</a>', address, obj.pk, _("See and edit its members"))
