"""Sessions that are over, which Django leaves in the database."""

import datetime

from django.contrib.sessions.models import Session

from wego_portal.foundation.periodic import every


@every(datetime.timedelta(hours=1))
def delete_expired_sessions(*, now: datetime.datetime) -> None:
    """Delete the sessions that expired before `now`."""
    Session.objects.filter(expire_date__lt=now).delete()
