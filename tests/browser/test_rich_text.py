"""The admin's rich text editor really loads under the content security policy, and what is typed in it is saved."""

import pytest
from django.urls import reverse

from organizations.models import Initiative
from tests.factories.organizations import InitiativeFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_text_is_formatted_and_saved(page, live_server, django_user_model):
    initiative = InitiativeFactory(title_en="Smart City Driver")
    django_user_model.objects.create_superuser("staff", password="long and secret")
    page.goto(reverse("admin:login"))
    page.fill("#id_username", "staff")
    page.fill("#id_password", "long and secret")
    page.click("[type=submit]")
    page.goto(reverse("admin:organizations_initiative_change", args=[initiative.pk]))
    editor = page.locator(".prose-editor:has(#id_body_en) [contenteditable=true]")
    editor.click()
    page.keyboard.press("Control+b")
    page.keyboard.type("Cities plan")
    page.click("[name=_save]")
    page.wait_for_load_state()
    assert Initiative.objects.get().body_en == "<p><strong>Cities plan</strong></p>"
    assert page.complaints == []
