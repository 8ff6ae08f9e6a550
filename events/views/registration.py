"""The registration form, what was registered, and the personal page that is reached by the link in a mail."""

import datetime

from django.core import signing
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from wego_portal.foundation.bounds import sent_text
from wego_portal.foundation.publication import published_q
from wego_portal.foundation.slugs import get_by_slug

from .. import ics
from ..domain import registration as registrations
from ..domain.audience import Audience, audience_descriptions, has_limited_audience
from ..domain.availability import State, availability_of, event_availability
from ..domain.invitation import invitation_binding, invitation_from_binding
from ..domain.registration import OutsideAudienceError, PartsUnavailableError, cancel, change
from ..domain.registration_page import has_calendar_file, part_choices, registration_page
from ..forms import ChangeForm, RegistrationForm
from ..models import Event, EventOrganization, Part, Seat, SeatsOutcome
from .personal_link import private, registration_of, seat_of_part

OFFERS_SALT = "events.booked.held"
MAX_BINDING_LENGTH = 300  # characters
OFFERS_PAGE_SECONDS = 3600  # seconds that the page after registering can be seen

# A form that may come or come back is in conflict with the present state (409); one for others is forbidden (403); one
# that will not come back is gone (410).
UNAVAILABLE_STATUS = {
    State.INVITATION: 403,
    State.NOT_YET_OPEN: 409,
    State.FULL: 409,
    State.POSTPONED: 409,
    State.NONE: 404,
}


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def registration_form(request, slug):
    """The form of an event; what is wrong is said beside each field and keeps what was typed (status 422)."""
    now = timezone.now()
    events = Event.objects.published(now).select_related("place").prefetch_related("parts")
    event = get_by_slug(events, slug)
    binding = sent_text(request.POST, "invitation", MAX_BINDING_LENGTH)
    invitation = invitation_from_binding(binding, event=event, now=now) if binding else None
    return render_registration_form(
        request, event, invitation, now, data=request.POST if request.method == "POST" else None
    )


def render_registration_form(request, event, invitation, now, *, data=None):
    """The form of a published event with its parts prefetched, bound to the invitation if there is one.

    With `data`, what was typed, registers, or says what is wrong.
    """
    answers = availability_of(event.parts.all(), now=now, invited=invitation is not None)
    availability = event_availability(event, answers)
    if not availability.takes_registrations:
        return _render_unavailable(request, event, availability)
    choices = part_choices(event, answers)
    form = RegistrationForm(data, event=event, part_choices=choices, invitation=invitation, now=now)
    if form.is_valid() and form.passes(request):
        chosen, details = form.cleaned_data["parts"], form.details()
        try:
            offers = registrations.register(event=event, parts=chosen, details=details, now=now, invitation=invitation)
        except PartsUnavailableError as refused:
            # Somebody else was faster, or the event changed, between drawing the form and the lock.
            form.add_error("parts", form.unavailable_messages(refused.answers))
        except OutsideAudienceError:
            form.add_outsider_error(audience_descriptions(event, now=now))
        else:
            return redirect("events:registration_received", slug=event.slug, token=_sign_offers(event, offers))
    context = {
        "event": event,
        "form": form,
        "hosts": _published_hosts(event, now),
        "availability": availability,
        "several": event.has_several_parts,
        "audience": audience_descriptions(event, now=now) if has_limited_audience(event) and not invitation else [],
        "binding": invitation_binding(invitation) if invitation else "",
    }
    return render(request, "events/registration_form.html", context, status=422 if form.errors else 200)


def _published_hosts(event, now):
    roles = EventOrganization.objects.filter(
        published_q(now, "organization__"),
        event=event,
        role__in=EventOrganization.HOSTING_ROLES,
    )
    return [role.organization for role in roles.select_related("organization")]


def _render_unavailable(request, event, availability):
    status = UNAVAILABLE_STATUS.get(availability.state, 410)
    context = {"event": event, "availability": availability}
    return render(request, "events/registration_unavailable.html", context, status=status)


def _sign_offers(event, offers):
    """The offers as a signed token for the page after registering, which shows nothing else: no word of the person."""
    rows = [
        [
            offer.part.number,
            offer.state.value,
            offer.position,
            offer.hold_expires_at and offer.hold_expires_at.isoformat(timespec="seconds"),
        ]
        for offer in offers
    ]
    return signing.dumps([event.pk, rows], salt=OFFERS_SALT, compress=True)


@never_cache
@require_safe
def registration_received(request, slug, token):
    """What was registered, shown for an hour. The same whether the address was new or not; the truth is in the mail."""
    events = Event.objects.published(timezone.now()).select_related("place").prefetch_related("parts")
    event = get_by_slug(events, slug)
    try:
        key, rows = signing.loads(token, salt=OFFERS_SALT, max_age=OFFERS_PAGE_SECONDS)
    except signing.BadSignature:
        key, rows = None, []
    if key != event.pk:
        return render(request, "events/registration_received_expired.html", {"event": event}, status=404)
    parts = {part.number: part for part in event.parts.all()}
    seats = [
        _unsaved_seat(parts[number], state, position, hold_expires_at)
        for number, state, position, hold_expires_at in rows
        if number in parts
    ]
    states = {seat.state for seat in seats}
    context = {
        "event": event,
        "seats": seats,
        "several": event.has_several_parts,
        "headline": SeatsOutcome.from_seats(seats).headline(len(seats)),
        "any_waiting": Seat.State.WAITING in states,
        "all_requested": states == {Seat.State.REQUESTED},
        "any_on_hold": any(seat.hold_expires_at for seat in seats),
    }
    return render(request, "events/registration_received.html", context)


def _unsaved_seat(part: Part, state: str, position: int | None, hold_expires_at: str | None) -> Seat:
    """The seat that a row of the token promises; the stored one is never shown here."""
    expires_at = datetime.datetime.fromisoformat(hold_expires_at) if hold_expires_at else None
    seat = Seat(part=part, state=state, hold_expires_at=expires_at)
    seat.position = position
    return seat


@private
@require_http_methods(["GET", "HEAD", "POST"])
def registration_detail(request, token):
    """The personal page: see, keep, change and cancel. A GET changes nothing, since mail scanners open every link."""
    now = timezone.now()
    wanted = request.POST.get("do")
    registration = registration_of(request, token, now=now, with_preferences=wanted == "keep")
    prefetch_related_objects([registration], "answers__question", "answers__choices")
    seats = {seat.part_id: seat for seat in registration.seats.with_position()}
    answers = availability_of(registration.event.parts.all(), now=now, invited=registration.is_invited)
    page = registration_page(registration, seats, answers, now=now)
    if wanted == "keep":
        return _redirect_back(registration, "kept")
    if wanted == "cancel":
        cancel(registration=registration, now=now)
        return _redirect_back(registration, "cancelled")
    form = ChangeForm(
        request.POST if wanted == "change" else None, registration=registration, part_choices=page.choices
    )
    if form.is_valid():
        try:
            made = change(registration=registration, parts=form.cleaned_data["parts"], details=form.details(), now=now)
        except PartsUnavailableError as refused:
            form.add_error(
                "parts", form.unavailable_messages(refused.answers) or form.fields["parts"].error_messages["required"]
            )
        except OutsideAudienceError:
            form.add_outsider_error(audience_descriptions(registration.event, now=now))
        else:
            return _redirect_back(registration, "changed" if made else "unchanged")
    return render(
        request,
        "events/registration_detail.html",
        {
            "registration": registration,
            "event": registration.event,
            "form": form,
            "page": page,
            "several": registration.event.has_several_parts,
            "is_outside": not Audience(registration.event).includes_registrant(registration),
            "done": page.confirmed_outcome(request.GET.get("done", "")),
        },
        status=422 if form.errors else 200,
    )


def _redirect_back(registration, done):
    return redirect(f"{reverse('events:registration_detail', args=[registration.token])}?done={done}")


@private
@require_safe
def registration_calendar(request, token, **part):
    """The registrant's own calendar entry of one part, the same as in the mail, so that it is not there twice."""
    registration = registration_of(request, token, now=timezone.now())
    seat = seat_of_part(registration.seats.select_related("part"), **part)
    if not has_calendar_file(seat, now=timezone.now()):
        raise Http404
    seat.registration, seat.part.event = registration, registration.event
    response = HttpResponse(ics.seat_calendar(seat=seat, method="REQUEST"), content_type=ics.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{registration.event.slug}-{seat.part.number}.ics"'
    response["Content-Language"] = get_language()
    return response
