"""What all pages behind a personal link have in common."""

import datetime
import functools

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from ..domain.address_verification import verify_address
from ..models import Registration, Seat


def private(view):
    """Decorator of pages behind a personal link: not cached, not indexed, not sent to other sites as the referrer.

    Not `no-referrer`: under it browsers send forms with the origin `null`, which the CSRF protection refuses.
    """

    @functools.wraps(view)
    @never_cache
    @sensitive_variables("token")
    @sensitive_post_parameters()
    def wrapped(request, token, **kwargs):
        try:
            response = view(request, token, **kwargs)
        except Http404:
            response = render(request, "events/registration_not_found.html", status=404)
        response["Referrer-Policy"] = "same-origin"
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        return response

    return wrapped


def registration_of(
    request: HttpRequest, token: str, *, now: datetime.datetime, with_preferences: bool = False
) -> Registration:
    """The registration of a personal link, its event and parts. Two queries, more for the first POST. Raises Http404.

    The first POST, whatever it asks for, verifies the address, since only mails to it contain the link.
    `with_preferences` is passed on to `verify_address`.
    """
    registrations = Registration.objects.select_related("event__place", "contact", "organization", "invitation")
    registration = Registration.get_by_token(token, registrations.prefetch_related("event__parts"))
    if registration is None:
        raise Http404
    if request.method == "POST" and not registration.has_verified_address:
        verify_address(registration=registration, now=now, with_preferences=with_preferences)
    return registration


def seat_of_part(seats: QuerySet[Seat], *, part: int | None = None, number: int | None = None) -> Seat:
    """The seat in the part with this primary key or, as old links have it, this number. Raises Http404."""
    seat = seats.filter(**({"part": part} if part is not None else {"part__number": number})).first()
    if seat is None:
        raise Http404
    return seat
