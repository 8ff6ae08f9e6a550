"""Dates known only to the year, the month, the day or the minute.

Here because memberships and reported figures (organizations) and parts (events) carry such dates. A partial date is a
`date` whose unknown month or day is 1, with a `Precision` beside it.
"""

import calendar
import datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import dateformat
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from .lazy_text import LazyText
from .time_zones import all_zones

# The places on earth where a day begins first (UTC+14) and ends last (UTC-12): the span of a date without a zone.
EASTERNMOST = datetime.timezone(datetime.timedelta(hours=14))
WESTERNMOST = datetime.timezone(datetime.timedelta(hours=-12))


class Precision(models.TextChoices):
    """How much of a date is known."""

    YEAR = "year", _("Year")
    MONTH = "month", _("Month")
    DAY = "day", _("Day")
    MINUTE = "minute", _("Minute")


DATE_PRECISIONS = [choice for choice in Precision.choices if choice[0] != Precision.MINUTE]


def precision_field(verbose_name: str | LazyText, *, with_minute: bool = False) -> models.CharField:
    """The column beside a partial date."""
    return models.CharField(
        verbose_name,
        max_length=6,
        choices=Precision.choices if with_minute else DATE_PRECISIONS,
        default=Precision.DAY,
        help_text=_("How much of the date is known. What is unknown is not shown; enter 1 for it."),
    )


def last_day(date: datetime.date, precision: str) -> datetime.date:
    """The last day that a partial date may mean."""
    if precision == Precision.YEAR:
        return date.replace(month=12, day=31)
    if precision == Precision.MONTH:
        return date.replace(day=calendar.monthrange(date.year, date.month)[1])
    return date


def first_day(date: datetime.date, precision: str) -> datetime.date:
    """The first day that a partial date may mean."""
    if precision == Precision.YEAR:
        return date.replace(month=1, day=1)
    if precision == Precision.MONTH:
        return date.replace(day=1)
    return date


def start_of(day: datetime.date, zone_name: str) -> datetime.datetime:
    """The first moment of `day` (aware, UTC) in the zone, or anywhere on earth if the zone is unknown."""
    zone: datetime.tzinfo = ZoneInfo(zone_name) if zone_name else EASTERNMOST
    return datetime.datetime.combine(day, datetime.time.min, zone).astimezone(datetime.UTC)


def end_of(day: datetime.date, zone_name: str) -> datetime.datetime:
    """The moment (aware, UTC) at which `day` is over in the zone, or everywhere on earth if the zone is unknown."""
    zone: datetime.tzinfo = ZoneInfo(zone_name) if zone_name else WESTERNMOST
    midnight = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time.min, zone)
    return midnight.astimezone(datetime.UTC)


def format_partial(date: datetime.date | None, precision: str, *, weekday: bool = False) -> str:
    """The known part of a date in the active language: "2020", "July 2020", "6 July 2020", "Monday 6 July 2020"."""
    if date is None:
        return ""
    if precision == Precision.YEAR:
        pattern = pgettext("date format", "Y")
    elif precision == Precision.MONTH:
        pattern = pgettext("date format", "F Y")
    elif weekday:
        pattern = pgettext("date format", "l j F Y")
    else:
        pattern = pgettext("date format", "j F Y")
    return dateformat.format(date, pattern)


def iso_partial(date: datetime.date | None, precision: str) -> str:
    """The value of a `datetime` attribute: "2020", "2020-07" or "2020-07-06"."""
    lengths: dict[str, int] = {Precision.YEAR: 4, Precision.MONTH: 7}
    length = lengths.get(precision, 10)
    return date.isoformat()[:length] if date else ""


def validate_time_zone(value: str) -> None:
    """Refuse a name that is neither the IANA name of a place's time zone nor UTC."""
    if value not in all_zones():
        raise ValidationError(
            _("“%(value)s” is not the time zone of a place. Write one like Asia/Seoul, or UTC."),
            params={"value": value},
        )
