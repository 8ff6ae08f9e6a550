"""The tool by which staff cancels seats of others: it names whose and how many people are notified, then does it."""

from collections.abc import Iterable

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from ..domain.registration import cancel_seats, cancellable_seats
from ..models import Registration, Seat
from ..models.seat import SeatQuerySet
from .preview_tool import ActionTool


class ReasonForm(forms.Form):
    """The reason of a decision about seats, which stands in the mail to the registrant."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        help_text=_("Stands in the mail as it is, in every language. May be left empty."),
    )


class SeatCancellationTool(ActionTool[ReasonForm]):
    """Cancels the seats, and ends registrations for all later parts.

    What was seen is the primary keys of the seats and of these registrations, so that nothing else is cancelled.
    """

    preview_template = "admin/events/seat_cancellation.html"

    def __init__(
        self,
        model_admin: admin.ModelAdmin,
        request: HttpRequest,
        *,
        action: str,
        title: str | Promise,
        seats: SeatQuerySet,
        later_parts_of: Iterable[Registration] = (),
    ) -> None:
        super().__init__(model_admin, request, action=action)
        self.title = title
        if self.seen is not None:
            seat_pks, registration_pks = self.seen
            seats = Seat.objects.with_position().filter(pk__in=seat_pks)
            later_parts_of = Registration.objects.filter(pk__in=registration_pks)
        self.seats, self.later_parts_of = cancellable_seats(seats, now=self.now), list(later_parts_of)

    def make_form(self) -> ReasonForm:
        """The form of the reason, sent with the confirmation."""
        return ReasonForm(self.request.POST if self.seen is not None else None)

    def preview_page(self, form: ReasonForm) -> HttpResponse:
        """The preview; the list, with a message, where nothing can be cancelled."""
        if self.seats or self.later_parts_of:
            return super().preview_page(form)
        messages.warning(self.request, gettext("There is no seat here that can be cancelled."))
        return self.return_to_list()

    def describe(self, form: ReasonForm) -> dict:
        """Whose seats are cancelled, and how many people are notified."""
        described = {
            "seen": [_pks(self.seats), _pks(self.later_parts_of)],
            "later_parts": len(self.later_parts_of),
            "people": len({seat.registration.contact_id for seat in self.seats}),
            "places": sum(seat.state == Seat.State.CONFIRMED for seat in self.seats),
            "seats": self.seats,
        }
        return described if self.seats else {**described, "adminform": []}  # without a mail no reason is asked for

    def carry_out(self, form: ReasonForm) -> HttpResponse:
        """Cancel the seats, say how many people are notified, and return to the list."""
        reason = form.cleaned_data["reason"]
        cancelled = cancel_seats(seats=self.seats, later_parts_of=self.later_parts_of, reason=reason, now=self.now)
        registrations = {seat.registration_id: seat.registration for seat in cancelled}
        for registration in registrations.values():
            self.model_admin.log_change(self.request, registration, gettext("Cancelled."))
        people = len({registration.contact_id for registration in registrations.values()})
        seats_text = ngettext("%(count)s seat was cancelled.", "%(count)s seats were cancelled.", len(cancelled))
        people_text = ngettext(
            "%(count)s person is notified by email.", "%(count)s people are notified by email.", people
        )
        words = f"{seats_text % {'count': len(cancelled)}} {people_text % {'count': people}}"
        messages.add_message(self.request, messages.SUCCESS if cancelled else messages.WARNING, words)
        return self.return_to_list()


def _pks(rows: Iterable[Seat] | Iterable[Registration]) -> list[int]:
    return [row.pk for row in rows]
