"""Sending what is due, and reading the mails as their receivers' programs do."""

import email
import email.policy

from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

from .calendar_reader import read, value


def send_all(mailoutbox, now):
    """Send what is due at `now`; returns the mails in the order of sending, and fails where one could not be made."""
    mailoutbox.clear()
    outbox.send_due(now=now)
    assert not OutboxMail.objects.exclude(error="").exists()
    return [email.message_from_bytes(each.message().as_bytes(), policy=email.policy.default) for each in mailoutbox]


def body(mail, kind="plain"):
    return mail.get_body((kind,)).get_content()


def calendars(mail):
    """[(method, the one entry)] of the attachments."""
    found = []
    for part in mail.iter_attachments():
        assert part.get_content_type() == "text/calendar"
        data = part.get_payload(decode=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        calendar, (entry,) = read(data)
        assert part.get_param("method") == value(calendar, "METHOD")
        found.append((value(calendar, "METHOD"), entry))
    return found
