"""The mail that invites."""

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation import outbox

from ..models import Event, Invitation, Suppression
from .letter import render_message

INVITATION = "invitation"


def queue_invitation(invitation, *, now):
    """An invitation, at most one mail for each time it is made or renewed."""
    version = invitation.link_version
    parameters = {"invitation": invitation.pk, "version": version}
    outbox.queue(kind=INVITATION, cause=f"{INVITATION}:{invitation.pk}:{version}", parameters=parameters, now=now)


@outbox.renders(INVITATION, _("Invitation"))
def invitation(mail):
    """The invitation in the contact's language. None where it has ended, is used, or its receiver wants none."""
    now = mail.rendered_at
    rows = Invitation.objects.filter(pk=mail.parameters["invitation"], link_version=mail.parameters["version"])
    rows = rows.filter(registration__isnull=True, event__in=Event.objects.published(now))
    invited = rows.select_related("contact", "event__place").prefetch_related("event__parts").first()
    if invited is None or not invited.is_valid(now):
        return None
    contact = invited.contact
    if Suppression.stops(contact.email):
        return None
    with translation.override(contact.language):
        stop = settings.SITE_URL + reverse("events:unsubscribe", args=[contact.stop_token])
        values = {
            "invitation": invited,
            "event": invited.event,
            "several": invited.event.has_several_parts,
            "parts": invited.event.parts.all(),
            "link": settings.SITE_URL + reverse("events:invitation", args=[invited.token]),
            "stop": stop,
            "site": settings.SITE_URL,
            "language": contact.language,
        }
        # One press in the mail program stops invitations (RFC 8058).
        headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        return render_message("invitation", gettext("Invitation: %(event)s"), values, to=contact.email, headers=headers)
