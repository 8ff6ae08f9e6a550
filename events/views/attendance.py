from csp.decorators import csp_update
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from ..domain.attendance import record_entry, room_access
from .personal_link import private, registration_of, seat_of_part


# A browser holds `form-action` against where the answer to a form leads, too; the room is at another site, which may
# send on to a third.
@csp_update({"form-action": ["https:", "http:"]})
@private
@require_http_methods(["GET", "HEAD", "POST"])
def enter_room(request, token, **part):
    """The page from which a registrant enters the room of a part; only a POST records it.

    `part` is as for `seat_of_part`.
    """
    now = timezone.now()
    registration = registration_of(request, token, now=now, with_preferences=True)
    seat = seat_of_part(registration.seats.with_position(), **part)
    seat.part = next(part for part in registration.event.parts.all() if part.pk == seat.part_id)
    if request.method == "POST" and (room := record_entry(seat=seat, now=now)):
        return HttpResponseRedirect(room, status=303)
    context = {
        "registration": registration,
        "event": registration.event,
        "seat": seat,
        "part": seat.part,
        "several": registration.event.has_several_parts,
        "is_public": registration.event.is_published(now),
        "opens_at": seat.part.room_opens_at(now),
        "room_access": room_access(seat, now=now),
    }
    return render(request, "events/room_closed.html", context, status=409 if request.method == "POST" else 200)
