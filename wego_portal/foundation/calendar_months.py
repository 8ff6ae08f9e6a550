"""Dates so many calendar months away. Here because both apps keep personal data for so many months."""

import calendar
import datetime


def months_after(moment: datetime.datetime, months: int) -> datetime.datetime:
    """The aware datetime so many calendar months later (earlier, if negative): 31 January, then 28 February."""
    count = moment.year * 12 + moment.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))
