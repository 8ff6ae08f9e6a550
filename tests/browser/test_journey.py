import datetime
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core import mail
from django.utils import timezone

from tests.factories.events import EventFactory, PartFactory
from wego_portal.foundation import abuse_guard, outbox

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def assert_accessible(page):
    found = Axe().run(page).response["violations"]
    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in found] == []


def test_from_home_to_a_confirmed_place_and_its_cancellation(page, live_server, monkeypatch):
    monkeypatch.setattr(abuse_guard, "MIN_FILL_TIME", datetime.timedelta())  # a script is faster than any person
    event = EventFactory(title_en="Streets for everyone", takes_registrations=True)
    day = timezone.localdate() + datetime.timedelta(days=30)
    for number in (1, 2):
        PartFactory(event=event, number=number, date=day + datetime.timedelta(weeks=number), capacity=10)
    page.goto("/")
    assert_accessible(page)
    clicks = 0

    page.get_by_role("link", name="Register as an observer").first.click()
    clicks += 1
    page.wait_for_url("**/register/")
    assert_accessible(page)
    page.get_by_role("button", name="Register").click()
    assert page.title().startswith("Error: ")
    assert_accessible(page)

    for box in page.locator("input[name=parts]").all():
        box.check()
    page.fill("[name=name]", "Aiko Tanaka")
    page.fill("[name=email]", "aiko@city.example.org")
    page.fill("[name=organization_name]", "City of Kyoto")
    page.select_option("[name=sector]", "municipal")
    page.select_option("[name=country]", "JP")
    page.check("[name=privacy]")
    page.get_by_role("button", name="Register").click()
    clicks += 1
    page.wait_for_url("**/registered/**")
    assert page.inner_text("h1") == "A place is held for you"
    assert clicks <= 3
    assert_accessible(page)

    outbox.send_due()
    assert [message.to for message in mail.outbox] == [["aiko@city.example.org"]]
    page.goto(re.search(r"/registrations/\S+/(?=\n)", mail.outbox[0].body.split("cancel your registration:")[1])[0])
    assert_accessible(page)
    page.get_by_role("button", name="Keep my place").click()
    page.wait_for_url("**done=kept")
    assert page.get_by_text("Your place is confirmed").count() == 2
    assert_accessible(page)
    page.get_by_text("Cancel my registration…").click()
    page.get_by_role("button", name="Yes, cancel my registration").click()
    page.wait_for_url("**done=cancelled")
    assert_accessible(page)
    assert set(event.registrations.get().seats.values_list("state", flat=True)) == {"cancelled"}
