"""Exporting and erasing the data about a person, and mailing a lost personal link again.

A personal link belongs to one registration and is valid as long as that. What concerns all events of a person needs
another link, which is mailed on request and valid for an hour.
"""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from ..domain.personal_data import personal_data_export, send_data_link
from ..domain.privacy import erase_person
from ..domain.registration import send_lost_links
from ..forms import LostLinkForm
from ..models import Contact, Registration
from .personal_link import private, registration_of


@private
@require_http_methods(["GET", "HEAD", "POST"])
def request_data_link(request: HttpRequest, token: str) -> HttpResponse:
    """Asks whether to mail a link to all that is kept about the person, and mails it when asked to."""
    now = timezone.now()
    registration = registration_of(request, token, now=now)
    if request.method == "POST" and registration.contact:
        send_data_link(contact=registration.contact, now=now)
        return redirect(f"{reverse('events:request_data_link', args=[token])}?sent=1")
    context = {"registration": registration, "is_sent": "sent" in request.GET}
    return render(request, "events/request_data_link.html", context)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def redirect_to_data_link(request: HttpRequest, token: str) -> HttpResponse:
    """Redirect an old link to the page that offers to mail a new one."""
    registration_of(request, token, now=timezone.now())
    return redirect("events:request_data_link", token=token)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def personal_data(request: HttpRequest, token: str) -> HttpResponse:
    """What is kept about the owner of an address, and its erasure; a GET changes nothing."""
    contact = Contact.get_by_data_token(token)
    if contact is None:
        return render(request, "events/data_link_expired.html", status=404)
    if request.method == "POST":
        erase_person(contact=contact, now=timezone.now())
        return render(request, "events/personal_data_erased.html")
    registrations = Registration.objects.filter(contact=contact).select_related("event").order_by("registered_at", "pk")
    return render(
        request, "events/personal_data.html", {"token": token, "contact": contact, "registrations": registrations}
    )


@private
@require_safe
def personal_data_file(request: HttpRequest, token: str) -> HttpResponse:
    """Everything that is kept about the person, as a file."""
    contact = Contact.get_by_data_token(token)
    if contact is None:
        return render(request, "events/data_link_expired.html", status=404)
    response = JsonResponse(personal_data_export(contact), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="wego-personal-data.json"'
    return response


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def lost_link(request):
    """Asks for the address; the answer is the same for every address."""
    now = timezone.now()
    form = LostLinkForm(request.POST if request.method == "POST" else None, now=now)
    if form.is_valid() and form.passes(request):
        send_lost_links(address=form.cleaned_data["email"], now=now)
        return redirect("events:lost_link_sent")
    return render(request, "events/lost_link.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_safe
def lost_link_sent(request):
    """What happens next, for whoever has registered."""
    return render(request, "events/lost_link_sent.html")
