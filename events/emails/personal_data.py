"""The mail with a new link to all personal data of a contact."""

import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

from ..models import Contact
from .registration import RESEND_INTERVAL
from .registration_mail import render_message

DATA_LINK = "personal_data_link"


def queue_data_link(contact: Contact, *, now: datetime.datetime) -> None:
    """Queue a link to export or erase everything, at most once in RESEND_INTERVAL."""
    interval = int(now.timestamp() // RESEND_INTERVAL.total_seconds())
    key = f"{DATA_LINK}:{contact.pk}:{interval}"
    outbox.queue(kind=DATA_LINK, deduplication_key=key, parameters={"contact": contact.pk}, now=now)


@outbox.mail_renderer(DATA_LINK, _("Link to export or delete all data"))
def render_data_link(queued: OutboxMail) -> EmailMultiAlternatives | None:
    """The link, which is made at this moment and expires soon. None if the contact was erased meanwhile."""
    contact = Contact.objects.filter(pk=queued.parameters["contact"]).first()
    if contact is None:
        return None
    with translation.override(contact.language):
        context: dict[str, object] = {
            "link": settings.SITE_URL + reverse("events:personal_data", args=[contact.data_token]),
            "site": settings.SITE_URL,
            "language": contact.language,
        }
        subject = gettext("Export or delete all your data")
        return render_message("personal_data", subject, context, to=contact.email)
