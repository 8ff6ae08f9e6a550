"""Moments and durations that tests share; moments are in UTC."""

import datetime

SECOND = datetime.timedelta(seconds=1)
MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)

# Where the fixture `clock` stops: 18:00 in Seoul, 17 days before the parts of PartFactory.
NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
# When a part of PartFactory begins and ends: 15:00 and 16:30 in Seoul.
START = datetime.datetime(2026, 12, 10, 6, tzinfo=datetime.UTC)
END = datetime.datetime(2026, 12, 10, 7, 30, tzinfo=datetime.UTC)
