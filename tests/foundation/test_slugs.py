"""Old addresses go on working: a redirect to the object as it is now."""

import pytest

from tests.factories.events import EventFactory
from tests.factories.organizations import OrganizationFactory
from wego_portal.foundation.publication import Publication
from wego_portal.foundation.slugs import OldSlug

pytestmark = pytest.mark.django_db


@pytest.fixture
def renamed():
    organization = OrganizationFactory(slug="first")
    organization.slug = "second"
    organization.save()
    return organization


@pytest.mark.parametrize("prefix", ["", "/ja", "/ko"])
def test_an_old_address_redirects_in_the_same_language_with_its_query(client, renamed, prefix):
    response = client.get(f"{prefix}/organizations/first/?from=mail&x=%E4%BA%AC")
    assert response.status_code == 301
    assert response["Location"] == f"{prefix}/organizations/second/?from=mail&x=%E4%BA%AC"


def test_every_old_address_leads_to_the_latest(client, renamed):
    renamed.slug = "third"
    renamed.save()
    for old in ("first", "second"):
        assert client.get(f"/organizations/{old}/")["Location"] == "/organizations/third/"


def test_a_page_below_the_object_redirects_to_the_same_page(client):
    event = EventFactory(slug="old-event")
    event.slug = "new-event"
    event.save()
    assert client.get("/events/old-event/calendar.ics")["Location"] == "/events/new-event/calendar.ics"


def test_going_back_to_an_old_address_ends_its_redirect(client, renamed):
    renamed.slug = "first"
    renamed.save()
    assert client.get("/organizations/first/").status_code == 200
    assert not OldSlug.objects.filter(slug="first").exists()


def test_an_address_taken_by_another_object_is_that_objects(client, renamed):
    OrganizationFactory(slug="first", name_en="Another")
    assert "Another" in client.get("/organizations/first/").content.decode()


def test_an_old_address_of_a_draft_tells_nothing(client, renamed):
    renamed.publication = Publication.DRAFT
    renamed.save()
    assert client.get("/organizations/first/").status_code == 404
