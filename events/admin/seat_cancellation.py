"""Places that staff gives up for others, shown before it is done: whose, and how many people are told."""

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME, AdminForm
from django.core import signing
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from wego_portal.foundation.admin_bases import AdminBase

from ..domain.registration import cancel_seats, cancellable_seats
from ..models import Registration, Seat
from .decision import DecisionForm

SEEN_SALT = "events.admin.seat_cancellation"


class SeatCancellationMixin(AdminBase):
    """For an admin whose action gives seats up: a page that names them, then the deed, of what was seen and no more."""

    def cancel_seats(self, request, seats, *, action, title, wishes=()):
        """What the action `action` answers for the seats of this queryset, read with their position, and for
        registrations whose wish for later parts ends."""
        now = timezone.now()
        seen = _seen(request)
        form = DecisionForm(request.POST if seen else None)
        if seen:
            seats = Seat.objects.with_position().filter(pk__in=seen[0])
            wishes = Registration.objects.filter(pk__in=seen[1])
            if form.is_valid():
                return self._give_up_seen(request, seats, wishes, form.cleaned_data["reason"], now)
        found = cancellable_seats(seats, now=now)
        if not found and not wishes:
            self.message_user(request, gettext("There is no seat here that can be given up."), messages.WARNING)
            return None
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "action": action,
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME)[:1],
            "seen": signing.dumps([_keys(found), _keys(wishes)], salt=SEEN_SALT, compress=True),
            "adminform": AdminForm(form, [(None, {"fields": ["reason"]})], {}),
            "errors": form.errors,
            "wishes": len(wishes),
            "people": len({seat.registration.contact_id for seat in found}),
            "places": sum(seat.state == Seat.State.CONFIRMED for seat in found),
            "rows": [(seat, seat.staff_text) for seat in found],
        }
        return TemplateResponse(request, "admin/events/giving_up.html", context)

    def _give_up_seen(self, request, seats, wishes, reason, now):
        given_up = cancel_seats(seats=cancellable_seats(seats, now=now), later_parts_of=wishes, reason=reason, now=now)
        changed = {seat.registration_id: seat.registration for seat in given_up}
        for registration in changed.values():
            self.log_change(request, registration, gettext("Cancelled."))
        said = ngettext("%(count)s seat was given up.", "%(count)s seats were given up.", len(given_up))
        people = len({registration.contact_id for registration in changed.values()})
        told = ngettext("%(count)s person is told by mail.", "%(count)s people are told by mail.", people)
        words = f"{said % {'count': len(given_up)}} {told % {'count': people}}"
        self.message_user(request, words, messages.SUCCESS if given_up else messages.WARNING)


def _seen(request):
    """The keys of the seats and of the wishes that the page named; none where it was not shown yet."""
    try:
        return signing.loads(request.POST.get("seen", ""), salt=SEEN_SALT)
    except signing.BadSignature:
        return None


def _keys(rows):
    return [row.pk for row in rows]
