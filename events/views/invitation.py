"""The page of an invitation, which asks for the invited address."""

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from ..domain.invitation import is_invitation_used, open_invitation_for
from ..forms import InvitedAddressForm
from ..models import Event, Invitation
from .personal_link import private
from .registration import render_registration_form


@private
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_detail(request, token):
    """What one is invited to. The right address leads to the form; the page names neither person nor address.

    A GET changes nothing, since mail scanners open every link. 410 where the invitation has ended or is used.
    """
    now = timezone.now()
    invited = Invitation.get_by_token(token, Invitation.objects.select_related("contact"))
    events = Event.objects.published(now).select_related("place").prefetch_related("parts")
    event = invited and events.filter(pk=invited.event_id).first()
    if event is None:
        raise Http404
    if not invited.is_valid(now):
        return _render_expired(
            request, event, Invitation.State.WITHDRAWN if invited.withdrawn_at else Invitation.State.EXPIRED
        )
    form = InvitedAddressForm(request.POST if request.method == "POST" else None, now=now)
    if form.is_valid() and form.passes(request):
        if not open_invitation_for(invitation=invited, address=form.cleaned_data["email"], now=now):
            form.add_error(
                "email", gettext("This invitation is to another address. Enter the one that our mail went to.")
            )
        elif is_invitation_used(invited):
            return _render_expired(request, event, Invitation.State.REGISTERED)
        else:
            return render_registration_form(request, event, invited, now)
    context = {"event": event, "form": form, "invitation": invited, "several": event.has_several_parts}
    return render(request, "events/invitation_detail.html", context, status=422 if form.errors else 200)


def _render_expired(request, event, state):
    return render(request, "events/invitation_expired.html", {"event": event, "state": state}, status=410)
