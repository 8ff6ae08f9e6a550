"""The tool by which staff grants or declines requests for a place, or confirms seats over capacity."""

import dataclasses
from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ..domain.seat import confirm_over_capacity, decline_seat, grant_seat, waitlist_report
from ..models import Seat
from .part_seats import seat_counts_text
from .preview_tool import ActionTool
from .seat_cancellation import ReasonForm


class DeclineForm(ReasonForm):
    """The reason of a refusal, which is required."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = True
        self.fields["reason"].help_text = _("Stands in the mail as it is, in every language.")


class OverCapacityForm(ReasonForm):
    """The reason, and the explicit choice to give more places than there are."""

    although_full = forms.BooleanField(
        label=_("Confirm although full"),
        help_text=_("Ahead of the waiting list and beyond the capacity. It is recorded, and shown beside the seat."),
    )
    field_order = ["although_full", "reason"]


@dataclasses.dataclass(frozen=True)
class Decision:
    """What is decided about a seat: the verb, its form and what the page is called."""

    verb: Callable[..., Seat | None]
    form_class: type[ReasonForm]
    title: Promise


DECISIONS = {
    "grant": Decision(grant_seat, ReasonForm, _("Grant the places asked for")),
    "decline": Decision(decline_seat, DeclineForm, _("Decline the places asked for")),
    "confirm": Decision(confirm_over_capacity, OverCapacityForm, _("Confirm over capacity")),
}


class SeatDecisionTool(ActionTool[ReasonForm]):
    """Decides on seats one by one, and says how many were left as they are. What was seen is their primary keys."""

    preview_template = "admin/events/seat_decision.html"

    def __init__(
        self, model_admin: admin.ModelAdmin, request: HttpRequest, *, action: str, seats: QuerySet[Seat]
    ) -> None:
        super().__init__(model_admin, request, action=action)
        self.decision = DECISIONS[action]
        self.title = self.decision.title
        if self.seen is not None:
            seats = model_admin.get_queryset(request).filter(pk__in=self.seen)
        self.seats = list(seats.select_related("registration", "part__event").order_by("part", "waitlist_number", "pk"))

    def make_form(self) -> ReasonForm:
        """The form of the decision, sent with the confirmation."""
        return self.decision.form_class(self.request.POST if self.seen is not None else None)

    def describe(self, form: ReasonForm) -> dict:
        """The seats, with who asks and how full their part is."""
        parts = {seat.part for seat in self.seats}
        counts = {part.pk: seat_counts_text(waitlist_report(part, now=self.now)) for part in parts}
        return {
            "seen": [seat.pk for seat in self.seats],
            "rows": [(seat, origin_text(seat), counts[seat.part_id]) for seat in self.seats],
        }

    def carry_out(self, form: ReasonForm) -> HttpResponse:
        """Decide on each seat, say how many were decided on and how many not, and return to the list."""
        reason = form.cleaned_data["reason"]
        decided = [seat for seat in self.seats if self.decision.verb(seat=seat, reason=reason, now=self.now)]
        for seat in decided:
            self.model_admin.log_change(self.request, seat, f"{self.title}.")
        if decided:
            said = ngettext(
                "%(count)s seat was decided on, and its registrant is notified by email.",
                "%(count)s seats were decided on, and their registrants are notified by email.",
                len(decided),
            )
            messages.success(self.request, said % {"count": len(decided)})
        if left := len(self.seats) - len(decided):
            said = ngettext(
                "%(count)s seat was left as it is: its state is another, or its part has begun or does not take place.",
                "%(count)s seats were left as they are: their state is another, or their part has begun or does not"
                " take place.",
                left,
            )
            messages.warning(self.request, said % {"count": left})
        return self.return_to_list()


def origin_text(seat: Seat) -> str:
    """Sector and country as given in the form, and whether that is outside the event's audience."""
    registration = seat.registration
    words = f"{registration.get_sector_display()}{gettext(', ')}{registration.country.name}"
    if registration.outside_audience:
        return gettext("%(origin)s (outside the audience)") % {"origin": words}
    return words
