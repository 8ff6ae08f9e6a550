"""The outbox: mail queued in the transaction of a change, rendered when it is sent, sent by the worker.

Here because every mail of the portal, whichever app causes it, leaves through one door. A row holds no text and no
address: it holds the `deduplication_key` (unique: what is queued twice is mailed once), the `kind` and the parameters
from which the kind's renderer makes the message at the moment of sending.

A worker takes one mail at a time, by a lease. What it had sent is marked before it takes the next, so that a worker
killed at any moment loses nothing and repeats at most the mail in flight, under the same Message-ID.
"""

import datetime
import hashlib
import logging
import smtplib
import uuid
from collections.abc import Callable, Iterable, Mapping
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from . import periodic
from .lazy_text import LazyText

logger = logging.getLogger(__name__)

# After this a worker is taken for dead and another may send its mail. Far longer than one mail can take: a dozen
# exchanges with a mail server, each ended after 20 seconds by EMAIL_TIMEOUT (environment.py).
LEASE_DURATION = datetime.timedelta(minutes=5)
MAX_ATTEMPTS = 12  # over some fourteen hours
SERVER_RETRY_DELAY = datetime.timedelta(minutes=1)
MAIL_RETENTION = datetime.timedelta(days=30)

Renderer = Callable[["OutboxMail"], EmailMultiAlternatives | None]
Clock = Callable[[], datetime.datetime]
_renderers: dict[str, Renderer] = {}
_labels: dict[str, str | LazyText] = {}


def mail_renderer(kind: str, label: str | LazyText = "") -> Callable[[Renderer], Renderer]:
    """Decorator: the function makes the message of this kind from a row, or returns None when it is no longer due.

    The row tells, as `rendered_at` (aware), the moment at which that is asked. `label` (translatable) is its name
    for staff.
    """

    def register(function: Renderer) -> Renderer:
        _renderers[kind], _labels[kind] = function, label or kind
        return function

    return register


def kinds() -> list[tuple[str, str | LazyText]]:
    """[(kind, its name to staff)] of every kind of mail."""
    return list(_labels.items())


class OutboxMail(models.Model):
    """One mail to send. A worker holds it by a lease; a lease that ran out is free again."""

    class State(models.TextChoices):
        """Where the mail stands."""

        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed for good")
        DROPPED = "dropped", _("No longer due")

    deduplication_key = models.CharField(
        _("deduplication key"),
        max_length=200,
        unique=True,
        help_text=_(
            "What the mail is about, in one word for the database: a second mail with the same key is not queued."
        ),
    )
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

    rendered_at: datetime.datetime  # set while it is sent, and not stored

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

    def __str__(self) -> str:
        return f"{self.kind_label} ({self.get_state_display()})"

    @property
    def kind_label(self) -> str:
        """What the kind is called to staff."""
        return str(_labels.get(self.kind, self.kind))

    @property
    def message_id(self) -> str:
        """The same for every attempt, wherever the portal is, so that a repeated mail is recognised as one."""
        digest = hashlib.sha256(
            f"{self.pk}:{self.deduplication_key}:{self.created_at.isoformat()}".encode()
        ).hexdigest()[:32]
        _name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
        return f"<{digest}@{sender.rpartition('@')[2]}>"


def queue(
    *,
    kind: str,
    deduplication_key: str,
    parameters: Mapping[str, object],
    now: datetime.datetime,
) -> None:
    """Queue a mail in the current transaction. A key that was queued already gets no second mail."""
    queue_many(kind=kind, parameters_by_key={deduplication_key: parameters}, now=now)


def queue_many(
    *,
    kind: str,
    parameters_by_key: Mapping[str, Mapping[str, object]],
    now: datetime.datetime,
) -> None:
    """Queue mails of one kind as `queue` does one, in few statements however many they are."""
    OutboxMail.objects.bulk_create(
        [
            OutboxMail(kind=kind, deduplication_key=key, parameters=parameters, created_at=now, send_after=now)
            for key, parameters in parameters_by_key.items()
        ],
        batch_size=500,
        ignore_conflicts=True,
    )


def already_queued(deduplication_keys: Iterable[str]) -> set[str]:
    """Those of the deduplication keys whose mail was queued, sent or dropped, unless it was deleted since."""
    keys = list(deduplication_keys)
    return (
        set(OutboxMail.objects.filter(deduplication_key__in=keys).values_list("deduplication_key", flat=True))
        if keys
        else set()
    )


def send_due(
    *, now: datetime.datetime | None = None, limit: int | None = None, is_stopping: Callable[[], bool] = lambda: False
) -> int:
    """Send what is due, one after the other; returns how many were sent or settled. Safe beside other workers.

    `now` (aware) stands for the clock in tests. Between two mails `is_stopping()` is asked whether to end. While the
    mail server cannot be reached nothing is tried further: the mails stay as they are, however long it takes.
    """
    clock: Clock = (lambda: now) if now else timezone.now
    worker, count = uuid.uuid4(), 0
    connection = get_connection()
    try:
        while (limit is None or count < limit) and not is_stopping():
            mail = _lease_next(worker, clock())
            if mail is None or not _deliver(mail, connection, clock):
                break
            count += 1
    finally:
        _close(connection)
    return count


def _lease_next(worker: uuid.UUID, now: datetime.datetime) -> OutboxMail | None:
    """Take one due mail for `worker`, or None. The conditional UPDATE decides when several want the same row."""
    due = Q(state=OutboxMail.State.QUEUED, send_after__lte=now) & (
        Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    )
    for mail in OutboxMail.objects.filter(due).order_by("send_after", "id")[:20]:
        mail.leased_by, mail.leased_until = worker, now + LEASE_DURATION
        if OutboxMail.objects.filter(due, pk=mail.pk).update(leased_by=worker, leased_until=mail.leased_until):
            return mail
    return None


def _deliver(mail: OutboxMail, connection: BaseEmailBackend, clock: Clock) -> bool:
    """Render and send one leased mail. False where the server is out of reach, so another would fare no better."""
    mail.rendered_at = clock()
    try:
        message = _renderers[mail.kind](mail)
        if message is None:
            _finish(mail, state=OutboxMail.State.DROPPED)
            return True
        message.extra_headers["Message-ID"] = mail.message_id
    except Exception as error:
        logger.exception("mail %s (%s) not rendered", mail.pk, mail.kind)
        _fail(mail, error, clock())
        return True
    try:
        _send(message, connection)
    except Exception as error:
        if not _is_about_this_mail(error):
            return _wait_for_server(mail, error, clock())
        logger.warning("mail %s (%s) not sent: %s", mail.pk, mail.kind, _describe(error))
        _fail(mail, error, clock())
    else:
        _finish(mail, state=OutboxMail.State.SENT, sent_at=clock(), error="")
    return True


def _send(message: EmailMessage, connection: BaseEmailBackend) -> None:
    """Send over the connection, opened if it is not. A server may close it after so many mails: then once more."""
    was_open = not connection.open()
    try:
        connection.send_messages([message])
    except Exception as error:
        _close(connection)  # in an unknown state after a failure; the next mail opens it anew
        if not was_open or _is_about_this_mail(error):
            raise
        _send(message, connection)


def _finish(mail: OutboxMail, **changes: object) -> None:
    """Write the end of an attempt, unless the lease was lost to another worker meanwhile."""
    OutboxMail.objects.filter(pk=mail.pk, leased_by=mail.leased_by).update(leased_by=None, leased_until=None, **changes)


def _fail(mail: OutboxMail, error: Exception, now: datetime.datetime) -> None:
    """The mail itself is at fault, or its receiver: try again later, or give up at a refusal that will stay one."""
    attempts = mail.attempts + 1
    if attempts >= MAX_ATTEMPTS or _is_permanent(error):
        _finish(mail, attempts=attempts, error=_describe(error), state=OutboxMail.State.FAILED)
    else:
        _finish(mail, attempts=attempts, error=_describe(error), send_after=now + back_off(attempts))


def _wait_for_server(mail: OutboxMail, error: Exception, now: datetime.datetime) -> bool:
    """The server is at fault: no attempt of the mail is used up, and it is tried again soon. Returns False."""
    logger.warning("mail server not reached: %s", _describe(error))
    _finish(mail, error=_describe(error), send_after=now + SERVER_RETRY_DELAY)
    return False


def _is_about_this_mail(error: Exception) -> bool:
    """Whether the server answered, and its answer (or our message) concerns this one mail."""
    if isinstance(error, smtplib.SMTPServerDisconnected | smtplib.SMTPAuthenticationError | smtplib.SMTPHeloError):
        return False
    code, _status = _answer(error)
    if isinstance(error, smtplib.SMTPSenderRefused):  # all mails have the same sender; only its size is this one's
        return code == 552
    if code == 421:  # the service is closing (RFC 5321, 4.2.2)
        return False
    return isinstance(error, smtplib.SMTPException) or not isinstance(error, OSError)


def _is_permanent(error: Exception) -> bool:
    """Whether the server says that asking again will not help (5yz, RFC 5321, 4.2.1).

    Not where it names its policy (5.7.z, RFC 3463, 3.8): that is often a setting, ours or theirs, that somebody mends.
    """
    code, status = _answer(error)
    return 500 <= code < 600 and not status.startswith(b"5.7.")


def _answer(error: Exception) -> tuple[int, bytes]:
    """The server's answer as its code, 0 where there is none, and its words, which begin with the finer status."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()), (0, b""))  # a mail of ours has one receiver
    else:
        code, words = getattr(error, "smtp_code", 0), getattr(error, "smtp_error", b"")
    return code, words if isinstance(words, bytes) else str(words).encode()


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except OSError:  # smtplib's errors are OSErrors: the server is gone already
        logger.debug("mail connection was closed by the server")


def _describe(error: Exception) -> str:
    """What staff may read of an error: its type and number, not the server's words, which may quote an address."""
    code = _answer(error)[0] or getattr(error, "errno", None)
    return f"{type(error).__name__} {code or ''}".strip()[:300]


def back_off(attempts: int) -> datetime.timedelta:
    """How long to wait after the given number of failed attempts: half a minute, doubling, six hours at most."""
    return min(datetime.timedelta(seconds=30 * 2 ** (attempts - 1)), datetime.timedelta(hours=6))


def send_again(mails: models.QuerySet[OutboxMail], *, now: datetime.datetime) -> int:
    """Queue mails of this queryset once more, whatever became of them, with all attempts ahead. Returns how many."""
    return mails.filter(Q(leased_until__isnull=True) | Q(leased_until__lte=now)).update(
        state=OutboxMail.State.QUEUED, send_after=now, attempts=0, error="", leased_by=None, leased_until=None
    )


@periodic.every(datetime.timedelta(hours=1))
def delete_old_mails(*, now: datetime.datetime) -> int:
    """Delete mails queued more than 30 days before `now`, but for those still to be sent. Returns how many."""
    old = OutboxMail.objects.filter(created_at__lt=now - MAIL_RETENTION).exclude(state=OutboxMail.State.QUEUED)
    return old.delete()[0]
