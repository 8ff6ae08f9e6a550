"""The mail after an event to those with a confirmed seat, with a link to its recordings and transcripts."""

import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from wego_portal.foundation.periodic import every

from .. import emails
from ..models import Cue, Part, Recording, Registration, Seat, Transcript

MAX_DELAY = datetime.timedelta(days=180)  # a recording published even later is not announced
BATCH_SIZE = 500  # mails queued in one transaction


@every(datetime.timedelta(minutes=10))
def queue_thanks(*, now: datetime.datetime) -> int:
    """Queue the mails that are due; returns how many.

    A registration gets one as soon as a recording or transcript of a part in which it has a confirmed seat is published
    and none of its other parts is still to come. One query if none is due.
    """
    recordings = Recording.objects.published(now).available().filter(part=OuterRef("pk"))
    words = Cue.objects.filter(transcript=OuterRef("pk"))
    transcripts = Transcript.objects.published(now).filter(Exists(words), part=OuterRef("pk"))
    parts = Part.objects.filter(latest__lte=now, latest__gt=now - MAX_DELAY).exclude(
        status__in=Part.POSTPONED_OR_CANCELLED_STATUSES
    )
    keys = list(parts.filter(Exists(recordings) | Exists(transcripts)).order_by().values_list("pk", flat=True))
    count = 0
    while keys and (queued := _queue_batch(keys, now)):
        count += queued
    return count


@transaction.atomic
def _queue_batch(parts: list[int], now: datetime.datetime) -> int:
    confirmed = Seat.objects.confirmed()
    to_come = confirmed.filter(registration=OuterRef("pk"), part__latest__gt=now).exclude(
        part__status__in=Part.POSTPONED_OR_CANCELLED_STATUSES
    )
    registrations = Registration.objects.filter(
        ~Exists(to_come),
        pk__in=confirmed.filter(part__in=parts).values("registration"),
        contact__isnull=False,
        thanked_at__isnull=True,
    )
    keys = list(registrations.order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE])
    if keys:
        emails.queue_thanks(keys, now=now)
        Registration.objects.filter(pk__in=keys).update(thanked_at=now)
    return len(keys)
