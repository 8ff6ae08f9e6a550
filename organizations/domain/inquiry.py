"""Inquiries are personal data of who sent them, and end on time."""

import datetime

from django.db.models import QuerySet

from wego_portal.foundation import periodic
from wego_portal.foundation.calendar_months import months_after

from ..models import Inquiry

INQUIRY_RETENTION_MONTHS = 24  # after it was sent; the page about privacy says so


@periodic.every(datetime.timedelta(hours=1))
def expire_inquiries(*, now: datetime.datetime) -> int:
    """Delete the inquiries that were sent more than 24 months before `now`, whatever became of them."""
    return Inquiry.objects.filter(sent_at__lt=months_after(now, -INQUIRY_RETENTION_MONTHS)).delete()[0]


def inquiries_from(address: str) -> QuerySet[Inquiry]:
    """The inquiries sent with this normalised email address, as the form keeps it however it was typed."""
    return Inquiry.objects.filter(email=address)
