"""The first page of the admin: what waits for staff, to who may see it."""

import re

import pytest
from django.urls import reverse

from events.models import Part, Seat
from tests.factories.events import PartFactory
from tests.factories.organizations import InquiryFactory
from tests.factories.registrations import registered
from tests.moments import NOW
from wego_portal.foundation.models import OutboxMail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

DESK = reverse("admin:index")


def asked(rows):
    """Somebody asks for places, and mails fail, and inquiries come."""
    for number in range(rows):
        registered(PartFactory(), now=NOW, number=number)
        InquiryFactory(state="new")
    Seat.objects.update(state="requested")
    OutboxMail.objects.update(state="failed")


def waiting(client):
    """{words: address} of what the admin says waits."""
    content = client.get(DESK).content.decode()
    block = content.partition('id="waiting"')[2].partition("</table>")[0]
    return {words: address for address, words in re.findall(r'<a href="([^"]+)">([^<]+)</a>', block)}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (1, ["1 request for a place", "1 new inquiry", "1 mail failed for good"]),
        (3, ["3 requests for a place", "3 new inquiries", "3 mails failed for good"]),
    ],
)
def test_it_counts_what_waits_and_leads_to_it_at_the_same_number_of_queries(
    registrar, rows, words, django_assert_num_queries
):
    asked(rows)
    InquiryFactory(state="closed")
    found = waiting(registrar)
    assert list(found) == words
    for address in found.values():
        assert len(registrar.get(address).context["cl"].result_list) == rows
    with django_assert_num_queries(8):  # session, user, permissions twice; these three; the log
        registrar.get(DESK)


def test_nothing_is_said_where_nothing_waits(registrar):
    registered(PartFactory(), now=NOW)
    assert waiting(registrar) == {}
    assert 'id="waiting"' not in registrar.get(DESK).content.decode()


@pytest.mark.parametrize("change", [{"date": NOW.date()}, {"status": "cancelled"}])
def test_a_place_that_cannot_be_granted_any_more_does_not_wait(registrar, change):
    asked(2)
    part = Part.objects.earliest("pk")
    for name, value in change.items():
        setattr(part, name, value)
    part.save()
    found = waiting(registrar)
    assert "1 request for a place" in found
    assert len(registrar.get(found["1 request for a place"]).context["cl"].result_list) == 1


def test_it_is_not_for_who_may_not_see_it(editor, django_assert_num_queries):
    asked(1)
    assert waiting(editor) == {}
    with django_assert_num_queries(5):
        editor.get(DESK)
