"""The mail that invites, and the one that takes an invitation back because the event does not take place."""

import datetime
from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation import outbox

from ..models import Event, Invitation, ScheduleChange, Suppression
from .letter import render_message

INVITATION, INVITATION_CANCELLED = "invitation", "invitation_cancelled"


def invitation_cause(invitation: Invitation) -> str:
    """The outbox's cause of the mail that invites, another each time the invitation is renewed."""
    return f"{INVITATION}:{invitation.pk}:{invitation.link_version}"


def queue_invitation(invitation, *, now):
    """An invitation, at most one mail for each time it is made or renewed."""
    parameters = {"invitation": invitation.pk, "version": invitation.link_version}
    outbox.queue(kind=INVITATION, cause=invitation_cause(invitation), parameters=parameters, now=now)


def queue_invitations_cancelled(
    change: ScheduleChange, invitations: Iterable[Invitation], *, now: datetime.datetime
) -> None:
    """That the event of these invitations was cancelled by the saved change, one mail each."""
    parameters = {
        f"{INVITATION_CANCELLED}:{each.pk}:{each.link_version}": {
            "change": change.pk,
            "invitation": each.pk,
            "version": each.link_version,
        }
        for each in invitations
    }
    outbox.queue_many(kind=INVITATION_CANCELLED, parameters_by_cause=parameters, now=now)


@outbox.mail_renderer(INVITATION, _("Invitation"))
def invitation(mail):
    """The invitation in the contact's language. None where it has ended or is used, its receiver wants none, or the
    event does not take place."""
    invited = _open_invitation(mail)
    if invited is None or all(part.is_cancelled for part in invited.event.parts.all()):
        return None
    with translation.override(invited.contact.language):
        link = settings.SITE_URL + reverse("events:invitation", args=[invited.token])
        return _message("invitation", gettext("Invitation: %(event)s"), invited, link=link)


@outbox.mail_renderer(INVITATION_CANCELLED, _("Invitation: event cancelled"))
def invitation_cancelled(mail: outbox.OutboxMail) -> EmailMessage | None:
    """That the event does not take place. None where the invitation never left, or is of no use any more."""
    invited = _open_invitation(mail)
    change = ScheduleChange.objects.filter(pk=mail.parameters["change"]).first()
    if invited is None or change is None or any(not part.is_cancelled for part in invited.event.parts.all()):
        return None
    # The outbox forgets what it sent after a while; what it still has and did not send was never read.
    mails = outbox.OutboxMail.objects.filter(cause=invitation_cause(invited))
    if mails.exclude(state=outbox.OutboxMail.State.SENT).exists():
        return None
    with translation.override(invited.contact.language):
        subject = gettext("Cancelled by the organizers: %(event)s")
        return _message("invitation_cancelled", subject, invited, message=change.message)


def _open_invitation(mail: outbox.OutboxMail) -> Invitation | None:
    """The invitation that a mail is about, with what it shows; None where it has ended, is used, or is not wanted."""
    rows = Invitation.objects.filter(pk=mail.parameters["invitation"], link_version=mail.parameters["version"])
    rows = rows.filter(registration__isnull=True, event__in=Event.objects.published(mail.rendered_at))
    invited = rows.select_related("contact", "event__place").prefetch_related("event__parts").first()
    if invited is None or not invited.is_valid(mail.rendered_at) or Suppression.is_suppressed(invited.contact.email):
        return None
    return invited


def _message(template: str, subject: str, invited: Invitation, **values: object) -> EmailMessage:
    """A mail to who is invited, which one press in the mail program stops (RFC 8058)."""
    contact, event = invited.contact, invited.event
    stop = settings.SITE_URL + reverse("events:unsubscribe", args=[contact.unsubscribe_token])
    values = {
        "invitation": invited,
        "event": event,
        "several": event.has_several_parts,
        "parts": event.parts.all(),
        "stop": stop,
        "site": settings.SITE_URL,
        "language": contact.language,
        **values,
    }
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return render_message(template, subject, values, to=contact.email, headers=headers)
