"""The page that unsubscribes an address from invitations."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ..domain.contact import stop_invitations
from ..models import Contact
from .personal_link import private


@csrf_exempt  # Mail programs send the one press of RFC 8058 without a page or a cookie; the token is the proof.
@private
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request, token):
    """Asks whether to stop invitations; a POST, from the page or by a mail program, does it."""
    key = Contact.key_from_unsubscribe_token(token)
    if key is None:
        raise Http404
    if request.method == "POST":
        contact = Contact.get_by_key(key)
        if contact:
            stop_invitations(contact=contact, now=timezone.now())
    return render(request, "events/unsubscribe.html", {"done": request.method == "POST", "token": token})
