"""What a person may ask of what is kept about them, by the personal link; and another link where it was lost."""

from django.http import JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from ..domain.personal_data import kept_about
from ..domain.privacy import erase_person
from ..domain.registration import send_lost_links
from ..forms import LostLinkForm
from ..models import Registration
from .personal_link import private, registration_of


@private
@require_safe
def personal_data(request, token):
    """Everything that is kept about the person, as a file."""
    registration = registration_of(token)
    response = JsonResponse(kept_about(registration.contact), json_dumps_params={"ensure_ascii": False, "indent": 2})
    response["Content-Disposition"] = 'attachment; filename="wego-personal-data.json"'
    return response


@private
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request, token):
    """Says what is erased, and erases it when asked to."""
    contact = registration_of(token).contact
    if request.method == "POST":
        erase_person(contact=contact, now=timezone.now())
        return render(request, "events/erased.html")
    registrations = Registration.objects.filter(contact=contact).select_related("event").order_by("registered_at")
    return render(request, "events/erase.html", {"token": token, "contact": contact, "registrations": registrations})


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
