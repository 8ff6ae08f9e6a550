"""Addresses that want no invitations: staff looks, and adds who asked by telephone. Nobody reads an address there."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from events.models import Suppression
from tests.factories.events import PartFactory
from tests.factories.registrations import registered
from tests.moments import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LIST, ADD = reverse("admin:events_suppression_changelist"), reverse("admin:events_suppression_add")


def test_an_unknown_address_is_stopped_and_found_by_typing_it(registrar):
    registrar.post(ADD, {"email": "someone@else.example"})
    response = registrar.post(ADD, {"email": " Nobody@City.Example"}, follow=True)
    assert "was added successfully" in response.content.decode()
    assert "nobody@city.example" not in response.content.decode().lower()
    kept = Suppression.objects.get(address_hash=Suppression.hash_of("nobody@city.example"))
    assert kept.since == NOW
    found = registrar.get(LIST, {"q": "NOBODY@city.example "})
    assert [row.pk for row in found.context["cl"].result_list] == [kept.pk]
    for term in ("nobody", kept.address_hash, "other@city.example"):
        assert not registrar.get(LIST, {"q": term}).context["cl"].result_list
    shown = registrar.get(reverse("admin:events_suppression_change", args=[kept.pk]))
    assert kept.address_hash in shown.content.decode()
    assert "@" not in "".join(LogEntry.objects.values_list("object_repr", flat=True))


def test_the_consent_of_a_known_address_ends_and_its_place_stays(registrar):
    registration = registered(PartFactory(), now=NOW, invite_text="Invite me", verified=True)
    registrar.post(ADD, {"email": registration.contact.email})
    registration.contact.refresh_from_db()
    assert registration.contact.invite_consent_at is None
    assert Suppression.is_suppressed(registration.contact.email)
    assert registration.seats.get().state == "confirmed"


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("", "Enter your email address."),
        ("nobody", "Enter an email address like"),
        ("stopped@city.example", "already"),
    ],
)
def test_what_is_wrong_is_said(registrar, email, words):
    registrar.post(ADD, {"email": "stopped@city.example"})
    response = registrar.post(ADD, {"email": email})
    assert words in " ".join(response.context["adminform"].form.errors["email"])
    assert Suppression.objects.count() == 1


def test_nobody_takes_an_address_off_here(registrar, admin_client):
    registrar.post(ADD, {"email": "stopped@city.example"})
    pk = Suppression.objects.get().pk
    for client in (registrar, admin_client):
        assert client.post(reverse("admin:events_suppression_delete", args=[pk]), {"post": "yes"}).status_code == 403
        client.post(LIST, {"action": "delete_selected", "_selected_action": pk, "post": "yes"})
        assert Suppression.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_opens_at_the_same_number_of_queries(registrar, rows, django_assert_num_queries):
    for number in range(rows):
        registrar.post(ADD, {"email": f"a{number}@city.example"})
    registrar.get(LIST)
    with django_assert_num_queries(8):
        assert len(registrar.get(LIST).context["cl"].result_list) == rows


def test_it_is_for_the_registrar_alone(editor):
    for address in (LIST, ADD):
        assert editor.get(address).status_code == 403
