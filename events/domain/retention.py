"""How long the registrations of an event are kept: as long as was agreed, or less where the event says so later."""

import dataclasses
import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from wego_portal.foundation.calendar_months import months_after

from ..models import Event, Registration
from ..models.event import RETENTION_MONTHS_RANGE


@dataclasses.dataclass(frozen=True)
class RetentionEffect:
    """What another retention term of an event means for the registrations it has, in numbers.

    `erased` are due at once, `sooner` later but sooner than so far, and `unchanged` as before: a longer term holds only
    for who registers from now on.
    """

    erased: int
    sooner: int
    unchanged: int


def elapsed_term_months(ended: datetime.datetime, *, now: datetime.datetime) -> int:
    """The longest term in months that has passed at `now` since `ended` (both aware); 0 where none has."""
    return max(
        (months for months in range(1, RETENTION_MONTHS_RANGE[1] + 1) if months_after(ended, months) < now), default=0
    )


def due_for_erasure(registrations: QuerySet[Registration], months: int, months_of_event: int) -> QuerySet[Registration]:
    """Those of one event's registrations to erase once `months` have passed, if the event keeps `months_of_event`."""
    kept = registrations.filter(erased_at__isnull=True)
    return kept if months_of_event <= months else kept.filter(retention_months__lte=months)


class ChangedMeanwhileError(Exception):
    """Nothing was done: it would erase another number of registrations than was seen."""


@transaction.atomic
def set_retention(*, event: Event, months: int, seen: int | None, now: datetime.datetime) -> int:
    """Keep the event's registrations for `months` after its end; returns the months before.

    Raises ChangedMeanwhileError where that would erase another number at once than the `seen` one.
    """
    locked = Event.objects.select_for_update(of=("self",), no_key=True).get(pk=event.pk)
    if retention_effect(event=locked, months=months, now=now).erased != seen:
        raise ChangedMeanwhileError
    before, locked.retention_months = locked.retention_months, months
    locked.save(update_fields=["retention_months"])
    return before


def retention_effect(*, event: Event, months: int, now: datetime.datetime) -> RetentionEffect:
    """What it would mean to keep the event's registrations for `months`. Four queries at most."""
    ended = event.parts.aggregate(ended=Max("latest"))["ended"]
    passed = elapsed_term_months(ended, now=now) if ended and ended < now else 0
    kept = event.registrations.filter(erased_at__isnull=True)
    erased = due_for_erasure(kept, passed, months).count()
    is_sooner = passed < months < event.retention_months
    sooner = kept.filter(retention_months__gt=months).count() if is_sooner else 0
    return RetentionEffect(erased, sooner, kept.count() - erased - sooner)
