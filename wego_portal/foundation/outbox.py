"""The outbox: mail queued in the transaction of its cause, rendered when it is sent, sent by the worker.

Here because every mail of the portal, whichever app causes it, leaves through one door. A row holds no text and no address: it
holds the `cause` (unique, so one cause mails once), the `kind` and the parameters from which the kind's renderer makes
the message at the moment of sending.
"""

import datetime
import hashlib
import logging
import uuid
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import get_connection
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)

LEASE = datetime.timedelta(minutes=5)  # after this a worker is taken for dead and another may send its mail
MOST_ATTEMPTS = 12
KEPT_AFTER_SENDING = datetime.timedelta(days=30)

_renderers = {}


def renders(kind):
    """Decorator: the function makes the message of this kind from a row, or returns None when it is no longer due."""

    def register(function):
        _renderers[kind] = function
        return function

    return register


class OutboxMail(models.Model):
    """One mail to send for one cause. A worker holds it by a lease; a lease that ran out is free again."""

    class State(models.TextChoices):
        """Where the mail stands."""

        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed for good")
        DROPPED = "dropped", _("No longer due")

    cause = models.CharField(_("cause"), max_length=200, unique=True, help_text=_("One cause sends one mail."))
    kind = models.CharField(_("kind"), max_length=60)
    parameters = models.JSONField(_("parameters"), default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    send_after = models.DateTimeField(_("send after"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(_("held until"), null=True, blank=True)
    leased_by = models.UUIDField(_("held by"), null=True, blank=True)
    error = models.CharField(_("last error"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("queued at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("outbox")
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "send_after"], name="foundation_outbox_due")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="foundation_outbox_sent_has_time"
            )
        ]

    def __str__(self):
        return f"{self.kind} ({self.get_state_display()})"

    @property
    def message_id(self):
        """The same for every attempt, so that a repeated mail is recognised as one."""
        digest = hashlib.sha256(f"{self.pk}:{self.cause}".encode()).hexdigest()[:32]
        return f"<{digest}@{urlsplit(settings.SITE_URL).hostname}>"


def queue(*, kind, cause, parameters, now, send_after=None):
    """Queue a mail in the current transaction. A cause that has its mail already gets no second one. Returns nothing."""
    OutboxMail.objects.bulk_create(
        [OutboxMail(kind=kind, cause=cause, parameters=parameters, created_at=now, send_after=send_after or now)],
        ignore_conflicts=True,
    )


def _lease_next(worker, now):
    """Take one due mail for `worker`, or None. The conditional UPDATE decides when several workers want the same row."""
    due = Q(state=OutboxMail.State.QUEUED, send_after__lte=now) & (
        Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    )
    for pk in OutboxMail.objects.filter(due).order_by("send_after", "id").values_list("pk", flat=True)[:20]:
        taken = OutboxMail.objects.filter(due, pk=pk).update(
            leased_by=worker, leased_until=now + LEASE, attempts=F("attempts") + 1
        )
        if taken:
            return OutboxMail.objects.get(pk=pk)
    return None


def _finish(mail, **changes):
    """Write the end of an attempt, unless the lease was lost to another worker meanwhile."""
    OutboxMail.objects.filter(pk=mail.pk, leased_by=mail.leased_by).update(
        leased_by=None, leased_until=None, **changes
    )


def _deliver(mail, connection, now):
    try:
        message = _renderers[mail.kind](mail)
        if message is None:
            _finish(mail, state=OutboxMail.State.DROPPED)
            return
        message.connection = connection
        message.extra_headers["Message-ID"] = mail.message_id
        message.send()
    except Exception as error:  # noqa: BLE001 - whatever one mail does, the others have to go out
        logger.warning("mail %s (%s) not sent: %s", mail.pk, mail.kind, type(error).__name__)
        if mail.attempts >= MOST_ATTEMPTS:
            _finish(mail, state=OutboxMail.State.FAILED, error=_describe(error))
        else:
            _finish(mail, send_after=now + back_off(mail.attempts), error=_describe(error))
    else:
        _finish(mail, state=OutboxMail.State.SENT, sent_at=now, error="")


def _describe(error):
    """What staff may read of an error: its type and number, not the server's words, which may quote an address."""
    code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    return f"{type(error).__name__} {code or ''}".strip()[:300]


def back_off(attempts):
    """How long to wait after the given number of failed attempts: half a minute, doubling, six hours at most."""
    return min(datetime.timedelta(seconds=30 * 2 ** (attempts - 1)), datetime.timedelta(hours=6))


def send_due(*, now=None, limit=None):
    """Send what is due, one after the other; returns how many were taken. Safe beside other workers."""
    worker, count = uuid.uuid4(), 0
    connection = get_connection()
    try:
        while limit is None or count < limit:
            moment = now or timezone.now()
            mail = _lease_next(worker, moment)
            if mail is None:
                return count
            _deliver(mail, connection, moment)
            count += 1
    finally:
        connection.close()
    return count


def empty_out(*, now):
    """Delete mails that were sent or dropped more than 30 days before `now`. Returns how many."""
    old = OutboxMail.objects.filter(created_at__lt=now - KEPT_AFTER_SENDING).exclude(state=OutboxMail.State.QUEUED)
    return old.delete()[0]
