"""What the scripts of Django's back office make of the forms of events."""

import os

import pytest
from django.urls import reverse

from events.models import Part, Registration
from tests.factories.events import EventFactory
from tests.factories.registrations import registered
from tests.moments import NOW
from wego_portal.foundation.models import OutboxMail

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def admin_page(browser, live_server, django_user_model):
    """A page of somebody in Berlin who is logged in as staff."""
    django_user_model.objects.create_superuser("staff", password="long and secret")
    context = browser.new_context(base_url=live_server.url, timezone_id="Europe/Berlin", locale="en-GB")
    context.set_default_timeout(10_000)
    page = context.new_page()
    page.goto(reverse("admin:login"))
    page.fill("#id_username", "staff")
    page.fill("#id_password", "long and secret")
    page.click("[type=submit]")
    yield page
    context.close()


def test_only_moments_of_the_secretariats_clock_are_compared_with_the_browsers(admin_page):
    event = EventFactory(with_part=True)
    admin_page.goto(reverse("admin:events_event_change", args=[event.pk]))
    part = admin_page.locator("#parts-0")
    part.locator("summary").first.click()
    for field in ("date", "start_time", "end_date", "end_time"):
        assert part.locator(f"#id_parts-0-{field}").is_visible()
    for field in ("opens", "closes"):
        assert part.locator(f".fieldBox.field-registration_{field}_at .timezonewarning").is_visible()
    assert part.inner_text().count("Time in Seoul.") == 2
    assert len([warning for warning in part.locator(".timezonewarning").all() if warning.is_visible()]) == 2


def test_parts_that_are_added_are_numbered_and_offered_zones(admin_page):
    event = EventFactory(with_part=True)
    admin_page.goto(reverse("admin:events_event_change", args=[event.pk]))
    for index in (1, 2):
        admin_page.click("#parts-group .add-row a")
        part = admin_page.locator(f"#parts-{index}")
        assert part.locator("[name$=-number]").input_value() == ""
        assert part.locator("[name$=-time_zone]").evaluate("input => input.list.options[0].value") == "Africa/Abidjan"
        part.locator("[name$=-date]").fill(f"2026-12-1{index}")
    admin_page.click("[name=_save] >> nth=0")
    admin_page.wait_for_load_state()
    assert [(part.number, part.date.day) for part in Part.objects.all()] == [(1, 10), (2, 11), (3, 12)]


def test_a_new_event_is_entered_in_few_fields(admin_page):
    admin_page.goto(reverse("admin:events_event_add"))
    shown = [field for field in admin_page.locator("#event_form > div > fieldset :is(input, select, textarea)").all()]
    shown = [field.get_attribute("name") for field in shown if field.is_visible()]
    assert shown == [
        "title_en", "summary_en", "kind", "mode", "takes_registrations", "publication", "publish_at_0", "publish_at_1",
    ]  # fmt: skip
    admin_page.fill("[name=title_en]", "Smart cities")
    admin_page.select_option("[name=kind]", "webinar")
    admin_page.check("[name=takes_registrations]")
    for field, value in (("date", "2026-12-10"), ("start_time", "15:00"), ("time_zone", "Asia/Seoul")):
        admin_page.fill(f"[name=parts-0-{field}]", value)
    admin_page.click("[name=_continue] >> nth=0")
    admin_page.wait_for_url("**/change/")
    part = Part.objects.select_related("event").get()
    assert (part.number, part.event.slug) == (1, "smart-cities")
    admin_page.click("summary:has-text('Text of the page')")
    admin_page.click(".prose-editor:has(#id_body_ja) [contenteditable=true]")
    admin_page.keyboard.type("Cities plan")
    admin_page.click("[name=_save] >> nth=0")
    admin_page.wait_for_load_state()
    part.event.refresh_from_db()
    assert part.event.body_ja == "<p>Cities plan</p>"


@pytest.mark.parametrize("name", ["events_seat", "foundation_outboxmail"])
def test_lists_are_not_cut_off_on_a_screen_of_1440_pixels(admin_page, name):
    event = EventFactory(title_en="Smart City 101: how three cities put their data to work", with_part=True)
    given = {"organization_name": "Ministry of Land, Infrastructure, Transport and Tourism", "name": "Suthasinee Na"}
    registered(event.parts.get(), now=NOW, sector="prefectural", **given)
    Registration.objects.update(request="We build the same platform and would like to compare what it costs us. " * 2)
    OutboxMail.objects.update(
        kind="registration_later_parts", state="failed", error="SMTPRecipientsRefused 550", sent_at=NOW
    )
    admin_page.set_viewport_size({"width": 1440, "height": 900})
    admin_page.goto(reverse(f"admin:{name}_changelist"))
    assert admin_page.locator("#result_list tbody tr").count() == 1
    if folder := os.environ.get("DESK_PICTURES"):
        admin_page.screenshot(path=f"{folder}/{name}.png")
    for box in ("document.documentElement", "document.querySelector('.results')"):
        assert admin_page.evaluate(f"{box}.scrollWidth <= {box}.clientWidth"), box
