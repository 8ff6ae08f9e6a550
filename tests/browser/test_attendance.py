import datetime

import pytest
import time_machine

from tests.factories.events import PartFactory
from tests.factories.registrations import registered

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_entering_leads_to_another_site(page, live_server):
    """A browser would stop the form's answer at the portal's own `form-action`."""
    room = live_server.url.replace("localhost", "127.0.0.1") + "/accessibility/"
    start = datetime.datetime(2026, 12, 10, 6, tzinfo=datetime.UTC)
    registration = registered(PartFactory(room_url=room), now=start - datetime.timedelta(days=9))
    with time_machine.travel(start):
        page.goto(f"/registrations/{registration.token}/join/1/")
        page.get_by_role("button", name="Enter").click()
        page.wait_for_url(room)
    assert registration.seats.get().entered_at is not None
    assert page.evaluate("document.referrer") == ""
    assert page.complaints == []
