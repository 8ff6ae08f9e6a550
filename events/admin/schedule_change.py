from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import TextAdminMixin

from .. import ics
from ..domain.part_times import date_words, hour_words
from ..models import Part, ScheduleChange


@admin.register(ScheduleChange)
class ScheduleChangeAdmin(TextAdminMixin, admin.ModelAdmin):
    """What was moved, postponed or cancelled, when and by whom, to look at. A change is made from the event."""

    list_display = ["event_title", "number", "kind", "was", "became", "notified_count", "changed_by", "changed_at"]
    list_filter = ["kind", ("event", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["event__place", "part", "changed_by"]
    list_per_page = 50
    date_hierarchy = "changed_at"
    ordering = ["-changed_at", "-pk"]
    search_fields = ["event__folded__contains", "folded__contains"]
    fields = readonly_fields = (
        "event",
        "number",
        "kind",
        "was",
        "became",
        "place",
        "message",
        "notified_count",
        "changed_by",
        "changed_at",
    )

    def has_add_permission(self, request):
        """A change is made from the event, which it is about."""
        return False

    def has_change_permission(self, request, obj=None):
        """What was done stays said."""
        return False

    def has_delete_permission(self, request, obj=None):
        """It goes with its event only."""
        return False

    @admin.display(description=_("event"), ordering="event")
    def event_title(self, change):
        """The event, in a column that wraps."""
        return str(change.event)

    @admin.display(description=_("part"))
    def number(self, change):
        """The number of the part, or that it was the whole event."""
        return change.part.number if change.part else _("the whole event")

    @admin.display(description=_("before"))
    def was(self, change):
        """Status and date of each part as they were."""
        return _words(change, change.before)

    @admin.display(description=_("after"))
    def became(self, change):
        """Status and date of each part as they became."""
        return _words(change, change.after)

    @admin.display(description=_("place"))
    def place(self, change):
        """The place before and after, where that was changed."""
        events = [change.event_as_of(kept, change.event) for kept in (change.before, change.after)]
        return " → ".join(ics.location(event) or "-" for event in events if event) or "-"


def _words(change, kept):
    parts = [change.part_as_of(kept, Part(pk=key, event=change.event)) for key in change.part_keys]
    return format_html_join("", "{}: {}<br>", ((part.number, schedule_words(part)) for part in parts))


def schedule_words(part):
    """The status of a part with its date and hours."""
    return ", ".join(filter(None, [part.get_status_display(), date_words(part), hour_words(part)]))
