from django.contrib import admin
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext, ngettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.content_admin import AddressSearchMixin
from wego_portal.foundation.staff_tasks import register_staff_task

from ..domain.part_times import moment_words
from ..models import Part, Seat
from .seat_cancellation import SeatCancellationTool
from .seat_decision import SeatDecisionTool, origin_text


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


class DecisionFilter(admin.SimpleListFilter):
    """Seats that staff can decide on now."""

    title = _("decision")
    parameter_name = "decide"

    def lookups(self, request, model_admin):
        """One choice beside all seats."""
        return [("now", _("Asked for, in parts ahead"))]

    def queryset(self, request, queryset):
        """Seats that are asked for where a place can still be had."""
        return queryset.awaiting_decision(timezone.now()) if self.value() == "now" else queryset


class AddressFilter(admin.SimpleListFilter):
    """Seats by whether a button behind a link in a mail to the address was pressed."""

    title = _("address")
    parameter_name = "address"

    def lookups(self, request, model_admin):
        """Confirmed or not."""
        return [("no", _("Not confirmed yet")), ("yes", pgettext_lazy("address", "Confirmed"))]

    def queryset(self, request, queryset):
        """Seats whose address is confirmed, or those that are held or wanted by one that is not."""
        if self.value() == "no":
            return queryset.unverified()
        return queryset.filter(registration__address_verified_at__isnull=False) if self.value() == "yes" else queryset


@register_staff_task(
    Seat,
    words=ngettext_lazy("%(count)s request for a place", "%(count)s requests for a place", "count"),
    query="decide=now",
)
def count_open_requests(now):
    """Places that somebody from outside an audience waits to be granted."""
    return Seat.objects.awaiting_decision(now).filter(registration__erased_at__isnull=True).count()


@admin.register(Seat)
class SeatAdmin(AddressSearchMixin, admin.ModelAdmin):
    """Confirmed, waitlisted and requested seats, by part, in the order of the waitlist. They change by actions only."""

    list_display = ["name", "organization", "origin", "event", "number", "standing", "request"]
    list_display_links = None
    list_filter = [
        ("registration__event", admin.RelatedOnlyFieldListFilter),
        PartFilter,
        DecisionFilter,
        AddressFilter,
        "state",
        "over_capacity",
        "registration__outside_audience",
    ]
    list_select_related = ["registration", "part__event"]
    list_per_page = 100
    show_full_result_count = False
    search_fields = [
        "registration__folded_name__contains",
        "registration__contact__email",
        "registration__folded_organization__contains",
    ]
    ordering = ["-part", "state", "waitlist_number", "pk"]
    fields = readonly_fields = (
        "registration",
        "part",
        "state",
        "waitlist_number",
        "over_capacity",
        "reason",
        "changed_at",
    )
    actions = ["grant", "decline", "confirm", "cancel_seats"]

    def get_queryset(self, request):
        """Seats of people with their positions on the waitlist; what is left of those who were erased only counts."""
        return super().get_queryset(request).with_position().filter(registration__erased_at__isnull=True)

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        """It is cancelled instead: what stays keeps “this and all later parts” from seating somebody in it again."""
        return False

    @admin.display(description=_("name"), ordering="registration__name")
    def name(self, seat):
        """Who registered."""
        return seat.registration.name

    @admin.display(description=_("organization"), ordering="registration__organization_name")
    def organization(self, seat):
        """As given in the form."""
        return seat.registration.organization_name

    @admin.display(description=_("sector and country"))
    def origin(self, seat):
        """As given in the form, too, and whether that is outside the event's audience."""
        return origin_text(seat)

    @admin.display(description=_("state"), ordering="state")
    def standing(self, seat):
        """The state in full: waitlist position, over capacity, a cancelled part, an unverified address, a hold."""
        words = seat.staff_text
        if seat.part.is_cancelled:
            words = f"{words} ({seat.part.get_status_display()})"
        if seat.hold_expires_at:
            values = {"state": words, "when": moment_words(seat.hold_expires_at)}
            return gettext("%(state)s; address not confirmed, held until %(when)s") % values
        if not seat.registration.has_verified_address:
            return gettext("%(state)s; address not confirmed") % {"state": words}
        return words

    @admin.display(description=_("why a place is asked for"))
    def request(self, seat):
        """The beginning of it; the page before a decision has all of it."""
        return Truncator(seat.registration.request).chars(60)

    @admin.display(description=_("event"))
    def event(self, seat):
        """The event, in a column that wraps."""
        return str(seat.part.event)

    @admin.display(description=_("part"), ordering="part__number")
    def number(self, seat):
        """The number of the part."""
        return seat.part.number

    @admin.action(permissions=["change"], description=_("Cancel the selected seats…"))
    def cancel_seats(self, request, queryset):
        """Cancel each of the seats, after a preview; the first on the waitlist get the places."""
        title = _("Cancel seats")
        return SeatCancellationTool(self, request, action="cancel_seats", title=title, seats=queryset).respond()

    @admin.action(permissions=["change"], description=_("Grant the places asked for…"))
    def grant(self, request, queryset):
        """A place where one is free, else the end of the waitlist."""
        return SeatDecisionTool(self, request, action="grant", seats=queryset).respond()

    @admin.action(permissions=["change"], description=_("Decline the places asked for, with a reason…"))
    def decline(self, request, queryset):
        """No place, and why."""
        return SeatDecisionTool(self, request, action="decline", seats=queryset).respond()

    @admin.action(permissions=["change"], description=_("Confirm waiting or requested seats over capacity…"))
    def confirm(self, request, queryset):
        """A place ahead of the waitlist, beyond the capacity if need be."""
        return SeatDecisionTool(self, request, action="confirm", seats=queryset).respond()
