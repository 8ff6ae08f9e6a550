from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, IntegerField, OuterRef, Prefetch, Subquery, Value
from django.db.models.functions import Coalesce
from django.forms.models import BaseInlineFormSet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from translated_fields import to_attribute

from wego_portal.foundation.content_admin import (
    PUBLICATION_FIELDSET,
    ContentAdminMixin,
    PicturePreviewMixin,
    PublicationAdminMixin,
    TranslatedLabelsMixin,
    language_fieldsets,
)
from wego_portal.foundation.partial_dates import format_partial
from wego_portal.foundation.upload_admin import UploadAdminMixin

from ..domain.audience import has_audience_limits, mark_outsiders
from ..models import Event, EventAudience, EventOrganization, Follows, Part, Registration, Seat
from .attendance_report import AttendanceReportAdminMixin
from .invite_tool import InviteTool
from .locked_fields import EventForm, PartForm, parts_with_registrants
from .mixins import LockPartsAdminMixin
from .part_seats import PartSeatsAdminMixin, reassign_and_report
from .preview_tool import EventToolsAdminMixin
from .question import QuestionInline
from .reschedule_tool import RescheduleTool
from .retention_tool import RetentionAdminMixin, RetentionTool

# What every event needs is open; all else is collapsed, so that the parts below are near.
IN_ENGLISH, *IN_OTHER_LANGUAGES = language_fieldsets("title", "summary")
AUDIENCE_FIELDS = {"access", "audience_network", "audience_countries"}
COUNTED_STATES = (Seat.State.CONFIRMED, Seat.State.WAITING, Seat.State.REQUESTED)


class EventOrganizationInline(admin.TabularInline):
    model = EventOrganization
    autocomplete_fields = ["organization"]
    fields = ["role", "organization", "order"]
    extra = 0


class EventAudienceInline(admin.TabularInline):
    model = EventAudience
    extra = 0


class FollowsInline(admin.TabularInline):
    model = Follows
    fk_name = "event"
    autocomplete_fields = ["earlier"]
    extra = 0


class PartFormSet(BaseInlineFormSet):
    """The parts of an event. An event that takes registrations needs one with an hour and a zone."""

    def clean(self):
        super().clean()
        if any(self.errors):
            return
        forms = [form for form in self.forms if form.cleaned_data and form not in self.deleted_forms]
        if not self.instance.takes_registrations:
            return
        if any(form.cleaned_data.get("start_time") and form.cleaned_data.get("time_zone") for form in forms):
            return
        if not forms:
            raise ValidationError(
                gettext("An event that takes registrations needs a part with a start and a time zone.")
            )
        for field in ("start_time", "time_zone"):
            if not forms[0].cleaned_data.get(field):
                forms[0].add_error(field, gettext("Needed, since the event takes registrations."))


class PartInline(PartSeatsAdminMixin, TranslatedLabelsMixin, admin.StackedInline):
    model = Part
    formset = PartFormSet
    extra = 0
    form = PartForm
    readonly_fields = ["more", "reschedule", "unverified_seats"]
    fieldsets = [
        (None, {"fields": ["more", ("number", "status"), ("title_en", "title_ja", "title_ko")]}),
        (
            _("When"),
            {"fields": ["reschedule", ("date", "precision", "start_time", "time_zone"), ("end_date", "end_time")]},
        ),
        (
            _("Places and registration"),
            {
                "classes": ["collapse"],
                "fields": [
                    ("capacity", "has_waitlist"),
                    "unverified_seats",
                    ("registration_opens_at", "registration_closes_at"),
                    "room_url",
                ],
            },
        ),
    ]

    def get_extra(self, request, obj=None, **kwargs):
        """A new event offers the form of its first part, so that no script is needed; left empty, no part is saved."""
        return 0 if obj else 1

    @admin.display(description=_("what belongs to this part"))
    def more(self, part):
        """A link to the part's own page."""
        if part.pk is None:
            return gettext(
                "Save the event first; then the agenda, recordings, transcripts and handouts are added here."
            )
        address = reverse("admin:events_part_change", args=[part.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("Agenda, recordings, transcripts, handouts"))


class RegistrationsFilter(admin.SimpleListFilter):
    """Events by whether they offer the form."""

    title = _("registration")
    parameter_name = "registration"

    def lookups(self, request, model_admin):
        """Whether the form is offered, or anybody has registered."""
        return [("offered", _("Form offered")), ("none", _("No form")), ("used", _("Somebody registered"))]

    def queryset(self, request, queryset):
        """The events of the chosen kind."""
        if self.value() == "used":
            return queryset.filter(pk__in=Registration.objects.values("event"))
        if self.value() in ("offered", "none"):
            return queryset.filter(takes_registrations=self.value() == "offered")
        return queryset


class NewestFirst(ChangeList):
    """Events by date, what lies ahead and the newest first, until staff sorts by a column."""

    def _get_default_ordering(self):
        return ["-latest", "-pk"]


@admin.register(Event)
class EventAdmin(
    UploadAdminMixin,
    EventToolsAdminMixin,
    AttendanceReportAdminMixin,
    RetentionAdminMixin,
    LockPartsAdminMixin,
    ContentAdminMixin,
    PublicationAdminMixin,
    PicturePreviewMixin,
    admin.ModelAdmin,
):
    """An event with its organizations, audience and parts; each part leads to what happens in it."""

    event_pk_attribute = "pk"
    event_tools = [RescheduleTool, InviteTool, RetentionTool]
    list_display = ["__str__", "when", "registrations", "publication", "kind", "series_title", "is_sample"]
    list_filter = ["publication", "kind", RegistrationsFilter, "access", "series", "is_sample"]
    list_select_related = ["series"]
    list_per_page = 50
    search_fields = ["folded__contains", "slug", "series__folded__contains", "parts__folded__contains"]
    search_help_text = _("Titles of events, parts and series, in any language.")
    autocomplete_fields = [
        "series",
        "initiative",
        "place",
        "audience_network",
        "replaced_by",
        "topics",
        "spoken_languages",
        "interpreted_languages",
    ]
    form = EventForm
    prepopulated_fields = {"slug": ["title_en"]}
    readonly_fields = ["preview", "attendance", "retention"]
    inlines = [PartInline, EventOrganizationInline, EventAudienceInline, QuestionInline, FollowsInline]
    save_on_top = True
    fieldsets = [
        IN_ENGLISH,
        (_("What it is"), {"fields": [("kind", "mode"), "takes_registrations"]}),
        *IN_OTHER_LANGUAGES,
        (
            _("Text of the page"),
            {"fields": [to_attribute("body", code) for code, _language in settings.LANGUAGES], "classes": ["collapse"]},
        ),
        (
            _("Series, topics and languages"),
            {
                "fields": [
                    ("series", "series_number"),
                    "initiative",
                    "topics",
                    ("spoken_languages", "interpreted_languages"),
                ],
                "classes": ["collapse"],
            },
        ),
        (
            _("Where"),
            {
                "fields": ["place", "venue"],
                "classes": ["collapse"],
                "description": _("Empty for a meeting that is online only."),
            },
        ),
        (
            _("Who may come"),
            {
                "fields": [
                    "access",
                    "audience_network",
                    "audience_countries",
                    "hold_hours",
                    "retention",
                    "attendance",
                ],
                "classes": ["collapse"],
                "description": _(
                    "Sectors of the audience are listed below. Others can ask for a place, which you grant or decline"
                    " in the list of seats. Places are counted by part."
                ),
            },
        ),
        (
            _("Picture"),
            {
                "fields": [
                    "picture",
                    "preview",
                    *[to_attribute("picture_alt", code) for code, _language in settings.LANGUAGES],
                ],
                "classes": ["collapse"],
                "description": _("Without a picture a drawn skyline is shown. Describe the picture in each language."),
            },
        ),
        (
            _("Address and origin"),
            {
                "fields": ["slug", "original_language", "source_url", "replaced_by", "is_sample"],
                "classes": ["collapse"],
            },
        ),
        PUBLICATION_FIELDSET,
    ]

    def get_changelist(self, request, **kwargs):
        """A list in the order of time, which needs what the query below adds."""
        return NewestFirst

    def get_queryset(self, request):
        """Events with their dates and, in the list, the number of seats by state, without a query for each."""
        events = super().get_queryset(request).with_span()
        for state in COUNTED_STATES:
            seats = Seat.objects.filter(part__event=OuterRef("pk"), state=state).order_by()
            count = Subquery(seats.values("part__event").annotate(n=Count("pk")).values("n"), IntegerField())
            events = events.annotate(**{f"{state.value}_count": Coalesce(count, 0)})
        unverified = Seat.objects.unverified().filter(part__event=OuterRef("pk")).order_by()
        count = Subquery(unverified.values("part__event").annotate(n=Count("pk")).values("n"), IntegerField())
        events = events.annotate(unverified_count=Coalesce(count, 0))
        may_see = self.admin_site.get_model_admin(Registration).has_view_permission(request)
        events = events.annotate(
            has_registrants=Exists(parts_with_registrants(timezone.now()).filter(event=OuterRef("pk"))),
            may_see_registrations=Value(may_see),
            may_change_retention=Value(request.user.has_perm(RetentionTool.permission)),
        )
        return events.prefetch_related(Prefetch("parts", Part.objects.order_by("earliest"), to_attr="parts_in_time"))

    def save_related(self, request, form, formsets, change):
        """Save the parts, then promote from the waitlist where capacity grew, and seat who asked for later parts."""
        super().save_related(request, form, formsets, change)
        forms = [each for formset in formsets if formset.model is Part for each in formset.forms]
        event = form.instance
        reassign_and_report(
            request, event, resized={each.instance.pk for each in forms if "capacity" in each.changed_data}
        )
        sectors = [formset for formset in formsets if formset.model is EventAudience]
        if AUDIENCE_FIELDS.intersection(form.changed_data) or any(formset.has_changed() for formset in sectors):
            mark_outsiders(event=event)
        if event.access == Event.Access.AUDIENCE and not has_audience_limits(event):
            self.message_user(request, gettext("No audience is named, so everybody can register."), messages.WARNING)

    @admin.display(description=_("date"), ordering="earliest")
    def when(self, event):
        """The known date of the first part."""
        parts = event.parts_in_time
        if not parts:
            return gettext("No part yet")
        more = f" (+{len(parts) - 1})" if len(parts) > 1 else ""
        return f"{format_partial(parts[0].date, parts[0].precision)}{more}"

    @admin.display(description=_("series"), ordering="series__title_en")
    def series_title(self, event):
        """The series, in a column that wraps."""
        return event.series or "-"

    @admin.display(description=_("seats"))
    def registrations(self, event):
        """How many seats are confirmed, waiting and requested, each number leading who may see them to the people; and
        how many of all belong to addresses that are not confirmed yet."""
        counted = [(state, getattr(event, f"{state.value}_count")) for state in COUNTED_STATES]
        counted = [(state, count) for state, count in counted if count]
        unverified = gettext("with an address not confirmed")
        if not event.may_see_registrations:
            words = [f"{count} {state.label}" for state, count in counted]
            return (
                ", ".join([*words, *([f"{event.unverified_count} {unverified}"] if event.unverified_count else [])])
                or "-"
            )
        links = [(_registrations(event, state), count, state.label) for state, count in counted]
        if event.unverified_count:
            links.append((_unverified_seats(event), event.unverified_count, unverified))
        return format_html_join(", ", '<a href="{}">{} {}</a>', links) or "-"


def _unverified_seats(event):
    """The list of the event's seats of addresses that are not confirmed yet."""
    query = {"registration__event__id__exact": event.pk, "address": "no"}
    return f"{reverse('admin:events_seat_changelist')}?{urlencode(query)}"


def _registrations(event, state):
    """The list of the event's registrations with a seat in the state."""
    query = {"event__id__exact": event.pk, "seats__state__exact": state.value}
    return f"{reverse('admin:events_registration_changelist')}?{urlencode(query)}"
