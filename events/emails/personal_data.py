"""The mail with a fresh link to all that is kept about a person."""

import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation import outbox

from ..models import Contact
from .letter import render_message

DATA_LINK = "personal_data_link"
ONCE_IN = datetime.timedelta(minutes=10)


def queue_data_link(contact: Contact, *, now: datetime.datetime) -> None:
    """A link to export or erase everything, at most once in ten minutes."""
    slot = int(now.timestamp() // ONCE_IN.total_seconds())
    outbox.queue(kind=DATA_LINK, cause=f"{DATA_LINK}:{contact.pk}:{slot}", parameters={"contact": contact.pk}, now=now)


@outbox.mail_renderer(DATA_LINK, _("Link to export or erase everything"))
def data_link(mail: outbox.OutboxMail) -> EmailMultiAlternatives | None:
    """The link, which works for an hour from this moment. None where the person was erased meanwhile."""
    contact = Contact.objects.filter(pk=mail.parameters["contact"]).first()
    if contact is None:
        return None
    with translation.override(contact.language):
        values = {
            "link": settings.SITE_URL + reverse("events:own_data", args=[contact.data_token]),
            "site": settings.SITE_URL,
            "language": contact.language,
        }
        return render_message(
            "personal_data", gettext("Export or erase everything about you"), values, to=contact.email
        )
