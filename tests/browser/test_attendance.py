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


def test_too_early_it_is_said_in_the_readers_own_time(browser, live_server):
    start = datetime.datetime(2026, 12, 10, 6, tzinfo=datetime.UTC)
    registration = registered(PartFactory(), now=start - datetime.timedelta(days=9))
    context = browser.new_context(base_url=live_server.url, locale="en-GB", timezone_id="Europe/Paris")
    page = context.new_page()
    with time_machine.travel(start - datetime.timedelta(days=1)):
        page.goto(f"/registrations/{registration.token}/join/1/")
    said = page.inner_text("main")
    assert "10 December 2026, 14:30, Seoul time" in said
    assert "06:30 your time, Paris" in said
    context.close()
