"""All that is kept about one person in one place: staff exports it, and erases it once it was seen what goes."""

import json

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from events.domain.invitation import Addressee, invite
from events.models import Contact, Invitation, Registration, Suppression
from organizations.models import Inquiry
from tests.factories.events import EventFactory, PartFactory
from tests.factories.organizations import InquiryFactory
from tests.factories.registrations import registered
from tests.moments import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def contact():
    """Somebody with a place, an invitation and an inquiry."""
    contact = registered(PartFactory(event__title_en="Cities"), now=NOW, name="Ada Lovelace").contact
    addressees = [Addressee(contact.email)]
    invite(event=EventFactory(title_en="Ports"), addressees=addressees, expires_at=NOW.replace(month=12), now=NOW)
    InquiryFactory(email=contact.email, message="We would like to join.")
    InquiryFactory(email="other@city.example")
    return contact


def address(page, contact):
    return reverse(f"admin:events_contact_{page}", args=[contact.pk])


def test_the_registrar_exports_and_erases_a_person_in_one_place(registrar, contact):
    page = registrar.get(address("change", contact)).content.decode()
    assert f'href="{address("export", contact)}"' in page
    assert f'href="{address("delete", contact)}"' in page
    file = registrar.get(address("export", contact))
    assert file["Content-Disposition"] == f'attachment; filename="contact-{contact.pk}.json"'
    kept = json.loads(file.content)
    assert [row["name"] for row in kept["registrations"]] == ["Ada Lovelace"]
    assert [row["event"] for row in kept["invitations"]] == ["Ports"]
    assert [row["message"] for row in kept["inquiries"]] == ["We would like to join."]
    asked = registrar.get(address("delete", contact)).content.decode()
    for words in (contact.email, ": Cities", "Invitation: Ports", "Inquiry: Membership, 2026-11-20"):
        assert words in asked
    assert Contact.objects.count() == 1
    assert registrar.post(address("delete", contact), {"post": "yes"}).status_code == 302
    assert not Contact.objects.exists()
    assert not Invitation.objects.exists()
    assert Inquiry.objects.get().email == "other@city.example"
    assert (Registration.objects.get().name, Registration.objects.get().contact) == ("", None)
    assert Suppression.is_suppressed(contact.email)


def test_neither_is_for_who_has_not_the_right(client, editor, contact):
    for page in ("export", "delete", "change"):
        assert editor.get(address(page, contact)).status_code == 403
        assert client.get(address(page, contact)).status_code == 302  # to the login
    editor.post(address("delete", contact), {"post": "yes"})
    assert Contact.objects.count() == 1


def test_who_may_only_look_is_led_to_neither(editor, django_user_model, contact):
    user = django_user_model.objects.get()
    user.user_permissions.add(Permission.objects.get(codename="view_contact"))
    page = editor.get(address("change", contact))
    assert page.status_code == 200
    for refused in ("export", "delete"):
        assert address(refused, contact) not in page.content.decode()
        assert editor.get(address(refused, contact)).status_code == 403
