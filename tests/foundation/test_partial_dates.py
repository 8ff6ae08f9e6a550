"""Dates known to the year, the month, the day: what they may mean, and how they are said."""

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from wego_portal.foundation.partial_dates import (
    Precision,
    end_of,
    first_day,
    format_partial,
    iso_partial,
    last_day,
    start_of,
    validate_time_zone,
)

DATE = datetime.date(2020, 2, 6)
# In the database of time zones, and no clock of a place.
NO_PLACES = ["Etc/GMT+9", "EST", "localtime", "GMT", "Japan", "US/Pacific", "Factory", "posixrules"]
DATES = st.dates(min_value=datetime.date(1900, 1, 1), max_value=datetime.date(2200, 12, 31))


@pytest.mark.parametrize(
    ("precision", "first", "last", "said", "iso"),
    [
        (Precision.YEAR, (2020, 1, 1), (2020, 12, 31), "2020", "2020"),
        (Precision.MONTH, (2020, 2, 1), (2020, 2, 29), "February 2020", "2020-02"),
        (Precision.DAY, (2020, 2, 6), (2020, 2, 6), "6 February 2020", "2020-02-06"),
        (Precision.MINUTE, (2020, 2, 6), (2020, 2, 6), "6 February 2020", "2020-02-06"),
    ],
)
def test_a_date_means_no_more_than_is_known(precision, first, last, said, iso):
    assert first_day(DATE, precision) == datetime.date(*first)
    assert last_day(DATE, precision) == datetime.date(*last)
    with translation.override("en"):
        assert format_partial(DATE, precision) == said
    assert iso_partial(DATE, precision) == iso


def test_no_date_is_said_as_nothing():
    assert format_partial(None, Precision.DAY) == ""
    assert iso_partial(None, Precision.DAY) == ""


@given(date=DATES, precision=st.sampled_from(Precision.values))
def test_a_date_lies_between_its_first_and_last_day(date, precision):
    assert first_day(date, precision) <= date <= last_day(date, precision)
    assert iso_partial(first_day(date, precision), precision) == iso_partial(last_day(date, precision), precision)


@given(day=DATES, zone=st.sampled_from(["Asia/Seoul", "America/New_York", "Asia/Kathmandu", "Pacific/Kiritimati"]))
def test_a_day_without_a_zone_holds_that_day_of_every_zone(day, zone):
    assert start_of(day, "") <= start_of(day, zone) < end_of(day, zone) <= end_of(day, "")


def test_a_day_in_a_zone_follows_its_clock_changes():
    day = datetime.date(2026, 3, 8)  # summer time begins in New York
    assert end_of(day, "America/New_York") - start_of(day, "America/New_York") == datetime.timedelta(hours=23)


@pytest.mark.parametrize("name", ["Seoul", "KST+9", "../etc/passwd", "", "Asia/Seoul\0", "asia/seoul", *NO_PLACES])
def test_what_is_no_time_zone_is_refused(name):
    with pytest.raises(ValidationError, match="is not the time zone of a place"):
        validate_time_zone(name)


@pytest.mark.parametrize("name", ["Asia/Seoul", "America/Argentina/Buenos_Aires", "Arctic/Longyearbyen", "UTC"])
def test_zones_of_places_and_utc_are_taken(name):
    validate_time_zone(name)
