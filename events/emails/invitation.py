"""The mail that invites, and the mail that withdraws invitations to a cancelled event."""

import datetime
from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

from ..models import Event, Invitation, ScheduleChange, Suppression
from .registration_mail import render_message, unsubscribe_headers, unsubscribe_url

INVITATION, INVITATION_CANCELLED = "invitation", "invitation_cancelled"


def invitation_key(invitation: Invitation) -> str:
    """Return the deduplication key of the mail that invites, a new one each time the invitation is renewed."""
    return f"{INVITATION}:{invitation.pk}:{invitation.link_version}"


def queue_invitation(invitation: Invitation, *, now: datetime.datetime) -> None:
    """Queue the mail that invites, one each time the invitation is created or renewed."""
    parameters = {"invitation": invitation.pk, "version": invitation.link_version}
    outbox.queue(kind=INVITATION, deduplication_key=invitation_key(invitation), parameters=parameters, now=now)


def queue_invitations_cancelled(
    change: ScheduleChange, invitations: Iterable[Invitation], *, now: datetime.datetime
) -> None:
    """Queue one mail for each invitation to an event that the saved change cancelled."""
    parameters = {
        f"{INVITATION_CANCELLED}:{each.pk}:{each.link_version}": {
            "change": change.pk,
            "invitation": each.pk,
            "version": each.link_version,
        }
        for each in invitations
    }
    outbox.queue_many(kind=INVITATION_CANCELLED, parameters_by_key=parameters, now=now)


@outbox.mail_renderer(INVITATION, _("Invitation"))
def render_invitation(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """The invitation in the contact's language. None if it is not open any more, or the event was cancelled."""
    invitation = _open_invitation(queued)
    if invitation is None or all(part.is_cancelled for part in invitation.event.parts.all()):
        return None
    with translation.override(invitation.contact.language):
        link = settings.SITE_URL + reverse("events:invitation_detail", args=[invitation.token])
        return _message("invitation", gettext("Invitation: %(event)s"), invitation, {"link": link})


@outbox.mail_renderer(INVITATION_CANCELLED, _("Invitation: event cancelled"))
def render_invitation_cancelled(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """That the event was cancelled. None if the invitation was never sent or is not open any more."""
    invitation = _open_invitation(queued)
    change = ScheduleChange.objects.filter(pk=queued.parameters["change"]).first()
    if invitation is None or change is None or any(not part.is_cancelled for part in invitation.event.parts.all()):
        return None
    # Sent mails are deleted from the outbox after a while, so an invitation with no mail there was sent.
    mails = OutboxMail.objects.filter(deduplication_key=invitation_key(invitation))
    if mails.exclude(state=OutboxMail.State.SENT).exists():
        return None
    with translation.override(invitation.contact.language):
        subject = gettext("Cancelled by the organizers: %(event)s")
        return _message("invitation_cancelled", subject, invitation, {"message": change.message})


def _open_invitation(queued: OutboxMail) -> Invitation | None:
    """The invitation of a mail, with event and contact. None if it expired, was used, or must not be mailed."""
    rows = Invitation.objects.filter(pk=queued.parameters["invitation"], link_version=queued.parameters["version"])
    rows = rows.filter(registration__isnull=True, event__in=Event.objects.published(queued.rendered_at))
    invitation = rows.select_related("contact", "event__place").prefetch_related("event__parts").first()
    if invitation is None or not invitation.is_valid(queued.rendered_at):
        return None
    return None if Suppression.is_suppressed(invitation.contact.email) else invitation


def _message(template: str, subject: str, invitation: Invitation, context: dict[str, object]) -> EmailMultiAlternatives:
    contact, event = invitation.contact, invitation.event
    url = unsubscribe_url(contact)
    context = {
        "invitation": invitation,
        "event": event,
        "has_several_parts": event.has_several_parts,
        "parts": event.parts.all(),
        "unsubscribe_url": url,
        "site": settings.SITE_URL,
        "language": contact.language,
        **context,
    }
    return render_message(template, subject, context, to=contact.email, headers=unsubscribe_headers(url))
