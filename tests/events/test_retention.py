"""How long registrations are kept: the term that was agreed to, and the tool by which a registrar changes it."""

import datetime
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from events.domain.privacy import erase_expired_registrations
from events.models import Event, Part, Registration
from tests.admin_forms import form_data
from tests.factories.events import EventFactory, PartFactory
from tests.factories.registrations import registered
from tests.moments import DAY, END, NOW

from .form_filling import text

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

# The part of the factory ends on 10 December 2026, 07:30 UTC.


def tool(event):
    return reverse("admin:events_event_retention", args=[event.pk])


def numbers(page):
    effect = page.context["effect"]
    return effect.erased, effect.sooner, effect.unchanged


def confirm(client, event, page):
    sent = dict(re.findall(r'<input type="hidden" name="(months|seen)" value="([^"]*)"', page.content.decode()))
    return client.post(tool(event), {**sent, "do": "confirm"}, follow=True)


def test_a_longer_term_keeps_nobody_longer_than_was_agreed():
    event = EventFactory(retention_months=3)
    part = PartFactory(event=event)
    registered(part, now=NOW, number=1)
    Event.objects.update(retention_months=24)
    registered(Part.objects.get(), now=NOW, number=2)
    assert erase_expired_registrations(now=datetime.datetime(2027, 3, 10, 7, 30, tzinfo=datetime.UTC)) == 0
    assert erase_expired_registrations(now=datetime.datetime(2027, 3, 10, 7, 31, tzinfo=datetime.UTC)) == 1
    assert {row.name for row in Registration.objects.filter(erased_at=None)} == {"Observer 2"}
    assert erase_expired_registrations(now=datetime.datetime(2028, 12, 10, 7, 30, tzinfo=datetime.UTC)) == 0
    assert erase_expired_registrations(now=datetime.datetime(2028, 12, 10, 7, 31, tzinfo=datetime.UTC)) == 1


def test_a_shorter_term_holds_for_everybody_and_the_personal_page_says_so(client):
    registration = registered(PartFactory(), now=NOW)
    page = f"/registrations/{registration.token}/"
    assert "is deleted 12 months after the event" in text(client.get(page))
    Event.objects.update(retention_months=2)
    assert "is deleted 2 months after the event" in text(client.get(page))
    assert erase_expired_registrations(now=datetime.datetime(2027, 2, 10, 7, 31, tzinfo=datetime.UTC)) == 1
    Registration.objects.update(retention_months=4)
    assert Registration.objects.get().erased_after_months == 2


def test_the_registrar_sees_what_a_shorter_term_erases_before_it_does(staff_with, clock):
    event = EventFactory(retention_months=12)
    part = PartFactory(event=event)
    for number in range(3):
        registered(part, now=NOW, number=number)
    clock.move_to(END + 70 * DAY)
    registrar = staff_with("Registrar")
    assert "12 months after the event" in text(registrar.get(tool(event)))
    looked = registrar.post(tool(event), {"months": 2, "do": "look"})
    assert numbers(looked) == (3, 0, 0)
    assert "Do it, and erase 3 registrations" in text(looked)
    assert Event.objects.get().retention_months == 12
    done = confirm(registrar, event, looked)
    assert Event.objects.get().retention_months == 2
    said = "Registrations are kept: 2 months after the event (before: 12 months after the event)."
    assert said in text(done)
    assert LogEntry.objects.get().change_message == said
    assert erase_expired_registrations(now=END + 70 * DAY) == 3


def test_other_terms_say_whom_they_concern(registrar):
    event = EventFactory(retention_months=6)
    part = PartFactory(event=event)
    registered(part, now=NOW, number=1)
    registered(part, now=NOW, number=2)
    assert numbers(registrar.post(tool(event), {"months": 60, "do": "look"})) == (0, 0, 2)
    assert numbers(registrar.post(tool(event), {"months": 3, "do": "look"})) == (0, 2, 0)


def test_what_changed_since_it_was_looked_at_is_shown_again(registrar, clock):
    event = EventFactory()
    part = PartFactory(event=event)
    looked = registrar.post(tool(event), {"months": 1, "do": "look"})
    registered(part, now=NOW)
    Part.objects.update(latest=NOW - 40 * DAY, earliest=NOW - 41 * DAY)
    again = confirm(registrar, event, looked)
    assert numbers(again) == (1, 0, 0)
    assert Event.objects.get().retention_months == 12


@pytest.mark.parametrize("months", ["", "0", "61", "-1", "x", "9" * 30])
def test_a_term_that_cannot_be_is_refused_beside_its_field(registrar, months):
    event = EventFactory()
    page = registrar.post(tool(event), {"months": months, "do": "look"})
    assert page.context["errors"]["months"]
    assert Event.objects.get().retention_months == 12


def test_it_is_the_registrars_alone(editor, registrar, admin_client):
    event = EventFactory(with_part=True)
    for method in (editor.get, editor.post):
        assert method(tool(event), {"months": 1, "do": "look"}).status_code == 403
    address = reverse("admin:events_event_change", args=[event.pk])
    assert tool(event) not in editor.get(address).content.decode()
    assert "12 months after the event" in text(editor.get(address))
    for client in (registrar, admin_client):
        assert tool(event) in client.get(address).content.decode()
    data = form_data(editor, address) | {"retention_months": 1}
    assert editor.post(address, data).status_code == 302
    assert Event.objects.get().retention_months == 12
