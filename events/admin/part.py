from django.contrib import admin, messages
from django.db.models import Count, Exists, IntegerField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import TextAdminMixin, TranslatedLabelsMixin, language_fieldsets
from wego_portal.foundation.upload_admin import UploadAdminMixin

from ..domain.later_parts import places_changed
from ..domain.part_times import date_words, hour_words
from ..domain.seat import line_of
from ..models import AgendaItem, Handout, Part, Recording, Seat, Transcript
from .agenda_item import AgendaItemForm
from .locked_fields import PartForm, held_parts
from .locking import LockingAdminMixin
from .transcript import TranscriptForm


class AgendaItemInline(TranslatedLabelsMixin, admin.StackedInline):
    model = AgendaItem
    form = AgendaItemForm
    extra = 0
    show_change_link = True
    readonly_fields = ["people"]
    fields = [("order", "kind", "start_time"), ("title_en", "title_ja", "title_ko"), "people"]
    verbose_name_plural = _("agenda (speakers and cases: “Change”)")

    def get_queryset(self, request):
        """Items with those who appear in them."""
        return super().get_queryset(request).prefetch_related("appearances__person", "appearances__organization")

    @admin.display(description=_("who appears"))
    def people(self, item):
        """The names of who appears, which are edited on the item's own page."""
        if item.pk is None:
            return gettext("Save first, then “Change” adds who appears.")
        return ", ".join(str(appearance) for appearance in item.appearances.all()) or "-"


class RecordingInline(TranslatedLabelsMixin, admin.StackedInline):
    model = Recording
    extra = 0
    autocomplete_fields = ["language"]
    fields = [
        ("title_en", "title_ja", "title_ko"),
        ("language", "source", "duration_seconds"),
        ("url", "file"),
        ("publication", "publish_at", "is_sample"),
    ]


class TranscriptInline(TranslatedLabelsMixin, admin.StackedInline):
    model = Transcript
    form = TranscriptForm
    extra = 0
    show_change_link = True
    autocomplete_fields = ["language"]
    fields = [("language", "kind", "recording"), "file", "note", ("publication", "publish_at", "is_sample")]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Only recordings of this part can be chosen."""
        if db_field.name == "recording":
            part = request.resolver_match.kwargs.get("object_id")
            recordings = Recording.objects.filter(part=part) if part else Recording.objects.none()
            kwargs["queryset"] = recordings.select_related("part__event")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class HandoutInline(TranslatedLabelsMixin, admin.StackedInline):
    model = Handout
    extra = 0
    autocomplete_fields = ["language"]
    fields = [
        ("title_en", "title_ja", "title_ko"),
        "language",
        ("url", "file"),
        ("publication", "publish_at", "is_sample"),
    ]


@admin.register(Part)
class PartAdmin(UploadAdminMixin, LockingAdminMixin, TranslatedLabelsMixin, TextAdminMixin, admin.ModelAdmin):
    """One meeting of an event: its agenda and what is left of it. Usually reached from the event."""

    list_display = ["__str__", "when", "status", "capacity", "not_confirmed"]
    list_filter = ["status", "event__kind", "event__series"]
    search_fields = ["event__folded__contains", "folded__contains"]
    autocomplete_fields = ["event"]
    form = PartForm
    readonly_fields = ["back", "plans", "line", "not_confirmed"]
    inlines = [AgendaItemInline, RecordingInline, TranscriptInline, HandoutInline]
    save_on_top = True
    fieldsets = [
        (None, {"fields": ["event", "back", ("number", "status")]}),
        (
            _("When"),
            {
                "fields": ["plans", ("date", "precision", "start_time", "time_zone"), ("end_date", "end_time")],
                "description": _("Say only what is known. Without an hour and a zone nobody can register."),
            },
        ),
        *language_fieldsets("title", "summary"),
        (
            _("Places and registration"),
            {
                "fields": [
                    ("capacity", "has_waitlist"),
                    "line",
                    "not_confirmed",
                    ("registration_opens_at", "registration_closes_at"),
                    "room_url",
                ],
                "description": _(
                    "Who has a place enters the room by a personal link. Its address is shown nowhere else."
                ),
            },
        ),
    ]

    def get_queryset(self, request):
        """Parts with their event, which their names begin with."""
        parts = super().get_queryset(request).select_related("event__place").order_by("-earliest", "pk")
        return with_told(parts, request)

    def get_readonly_fields(self, request, obj=None):
        """A part stays with its event, since its seats belong to the event's registrations."""
        return [*self.readonly_fields, *(["event"] if obj else [])]

    def save_model(self, request, obj, form, change):
        """Where there are more places now, the first in line get them; a new part seats who asked for later ones."""
        super().save_model(request, obj, form, change)
        fill_places(request, obj.event, resized={obj.pk} if "capacity" in form.changed_data else set())

    @admin.display(description=_("date"), ordering="earliest")
    def when(self, part):
        """The known date and hours."""
        return ", ".join(filter(None, [date_words(part), hour_words(part)]))

    @admin.display(description=_("plans"))
    def plans(self, part):
        """Where the dates of a part with registrations are changed."""
        return plans_link(part)

    @admin.display(description=_("seats"))
    def line(self, part):
        """How many sit and wait, and why nobody moves up."""
        if part.pk is None:
            return "-"
        return line_words(line_of(part, now=timezone.now()))

    @admin.display(description=_("addresses not confirmed"))
    def not_confirmed(self, part):
        """How many places are not confirmed yet."""
        return unverified_words(part)

    @admin.display(description=_("event's page"))
    def back(self, part):
        """A link back to the event."""
        if part.pk is None:
            return "-"
        address = reverse("admin:events_event_change", args=[part.event_id])
        return format_html('<a href="{}">{}</a>', address, gettext("Back to the event"))

    def view_on_site(self, part):
        """The part on the event's public page."""
        return f"{part.event.get_absolute_url()}#part-{part.number}"


def with_told(parts, request):
    """Adds what `plans_link` reads: whether people were told of the part, and whether this user changes plans; and what
    `unverified_words` reads: how many places and numbers in the line belong to addresses that are not confirmed."""
    told = Exists(held_parts(timezone.now()).filter(pk=OuterRef("pk")))
    may_change = Value(request.user.has_perm("events.change_event"))
    return parts.annotate(
        is_told=told,
        may_change_plans=may_change,
        unverified_places=_count(Seat.objects.unverified().confirmed()),
        unverified_waiting=_count(Seat.objects.unverified().waiting()),
    )


def _count(seats):
    """How many of the seats are in the part of a query."""
    counted = seats.filter(part=OuterRef("pk")).order_by().values("part").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, IntegerField()), 0)


def unverified_words(part):
    """How many places, and numbers in the line, belong to addresses that are not confirmed yet."""
    if part.pk is None:
        return "-"
    words = gettext("%(places)s of the places, %(waiting)s of those who wait")
    return words % {"places": part.unverified_places, "waiting": part.unverified_waiting}


def plans_link(part):
    """What staff is told of the dates of a part: that they change by the plans tool once somebody has a seat."""
    if part.pk and not part.may_change_plans:
        return "-"
    if not getattr(part, "is_told", False):
        return gettext("Nobody has registered: dates can be changed here.")
    return format_html(
        '{} <a href="{}?part={}">{}</a>',
        gettext("People have registered, so dates are changed where they are told:"),
        reverse("admin:events_event_plans", args=[part.event_id]),
        part.pk,
        gettext("Change plans…"),
    )


def line_words(line):
    """How many sit and wait, and why nobody moves up."""
    counts = gettext(
        "%(confirmed)s confirmed (%(over)s of them over capacity), %(waiting)s waiting, %(requested)s requested."
    )
    counts %= {
        "confirmed": line.confirmed,
        "over": line.over_capacity,
        "waiting": line.waiting,
        "requested": line.requested,
    }
    return f"{counts} {line.standstill.label}" if line.standstill else counts


def fill_places(request, event, *, resized):
    """Give away the places that saved parts of the event have, and say what came of it; `resized` are the primary keys
    of those with another number of places."""
    changed = places_changed(event=event, resized=resized, now=timezone.now())
    for part, seats in changed.moved_up.items():
        if seats:
            said = ngettext("%(count)s moved up and is told.", "%(count)s moved up and are told.", len(seats))
            messages.success(request, f"{part}: {said % {'count': len(seats)}}")
    for part, standstill in changed.standstills.items():
        messages.warning(request, f"{part}: {standstill.label}")
    if changed.seated:
        said = ngettext(
            "%(count)s seat went to somebody who asked for all later parts, who is told.",
            "%(count)s seats went to people who asked for all later parts, who are told.",
            len(changed.seated),
        )
        messages.success(request, said % {"count": len(changed.seated)})
