from django.contrib import admin, messages
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from ..domain.registration import cancel
from ..models import Part, Seat


class PartFilter(admin.SimpleListFilter):
    """Parts of the chosen event; without an event there would be hundreds."""

    title = _("part")
    parameter_name = "part"

    def lookups(self, request, model_admin):
        """The numbers of the event's parts."""
        event = request.GET.get("registration__event__id__exact", "")
        parts = Part.objects.filter(event=event).order_by("number") if event.isdecimal() else []
        return [(str(part.number), str(part.number)) for part in parts]

    def queryset(self, request, queryset):
        """Seats in parts of that number."""
        return queryset.filter(part__number=self.value()) if (self.value() or "").isdecimal() else queryset


@admin.register(Seat)
class SeatAdmin(admin.ModelAdmin):
    """Who sits and who waits, by part, in the order of the line. Seats change by actions only."""

    list_display = ["name", "organization", "event", "number", "state", "line_number", "changed_at"]
    list_display_links = None
    list_filter = [("registration__event", admin.RelatedOnlyFieldListFilter), PartFilter, "state"]
    list_select_related = ["registration", "part__event"]
    list_per_page = 100
    show_full_result_count = False
    search_fields = ["registration__name", "registration__contact__email", "registration__organization_name"]
    ordering = ["-part", "state", "line_number", "pk"]
    actions = ["give_up"]

    def get_queryset(self, request):
        """Seats of people; what is left of those who were erased only counts."""
        return super().get_queryset(request).filter(registration__erased_at__isnull=True)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        """Only with its registration, once it is given up."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and obj is not None and obj.state not in Seat.ACTIVE_STATES

    @admin.display(description=_("name"), ordering="registration__name")
    def name(self, seat):
        """Who registered."""
        return seat.registration.name

    @admin.display(description=_("organization"), ordering="registration__organization_name")
    def organization(self, seat):
        """As given in the form."""
        return seat.registration.organization_name

    @admin.display(description=_("event"))
    def event(self, seat):
        """The event, in a column that wraps."""
        return str(seat.part.event)

    @admin.display(description=_("part"), ordering="part__number")
    def number(self, seat):
        """The number of the part."""
        return seat.part.number

    @admin.action(permissions=["change"], description=_("Give up the selected seats and tell the registrants"))
    def give_up(self, request, queryset):
        """Cancel each of the seats; the first in line get the places."""
        count = 0
        for seat in queryset.select_related("registration", "part"):
            count += len(cancel(registration=seat.registration, parts=[seat.part], now=timezone.now()))
        said = ngettext("%(count)s seat was given up.", "%(count)s seats were given up.", count) % {"count": count}
        self.message_user(request, said, messages.SUCCESS if count else messages.WARNING)
