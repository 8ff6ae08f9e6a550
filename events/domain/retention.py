"""The retention of an event's registrations: the months agreed at registering, or fewer if the event says so later."""

import dataclasses
import datetime

from django.db import transaction
from django.db.models import Max, QuerySet

from wego_portal.foundation.calendar_months import months_after

from ..models import Event, Registration
from ..models.event import RETENTION_MONTHS_RANGE


@dataclasses.dataclass(frozen=True)
class RetentionEffect:
    """How many registrations of an event another retention affects.

    `erased` are erased at once, `sooner` sooner than before, and `unchanged` as before. A longer retention holds only
    for later registrations.
    """

    erased: int
    sooner: int
    unchanged: int


def elapsed_term_months(ended: datetime.datetime, *, now: datetime.datetime) -> int:
    """Return the longest retention in months that has ended at `now`, counted from `ended` (both aware); 0 if none."""
    return max(
        (months for months in range(1, RETENTION_MONTHS_RANGE[1] + 1) if months_after(ended, months) < now), default=0
    )


def due_for_erasure(registrations: QuerySet[Registration], months: int, months_of_event: int) -> QuerySet[Registration]:
    """Return those of one event's registrations to erase when `months` have passed and it keeps `months_of_event`."""
    kept = registrations.filter(erased_at__isnull=True)
    return kept if months_of_event <= months else kept.filter(retention_months__lte=months)


class ChangedMeanwhileError(Exception):
    """Nothing was done: it would erase another number of registrations than was shown."""


@transaction.atomic
def set_retention(*, event: Event, months: int, expected_erased: int | None, now: datetime.datetime) -> int:
    """Set how many months after its end the event keeps registrations; returns the previous months.

    Raises ChangedMeanwhileError if that erases another number at once than `expected_erased`.
    """
    locked = Event.objects.select_for_update(of=("self",), no_key=True).get(pk=event.pk)
    if retention_effect(event=locked, months=months, now=now).erased != expected_erased:
        raise ChangedMeanwhileError
    before, locked.retention_months = locked.retention_months, months
    locked.save(update_fields=["retention_months"])
    return before


def retention_effect(*, event: Event, months: int, now: datetime.datetime) -> RetentionEffect:
    """Return what keeping the event's registrations for `months` would affect. Four queries at most."""
    ended = event.parts.aggregate(ended=Max("latest"))["ended"]
    passed = elapsed_term_months(ended, now=now) if ended and ended < now else 0
    kept = event.registrations.filter(erased_at__isnull=True)
    erased = due_for_erasure(kept, passed, months).count()
    is_sooner = passed < months < event.retention_months
    sooner = kept.filter(retention_months__gt=months).count() if is_sooner else 0
    return RetentionEffect(erased, sooner, kept.count() - erased - sooner)
