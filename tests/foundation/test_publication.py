"""The one rule for who may see a row."""

import pytest
from django.db import IntegrityError, transaction

from events.models import Handout
from organizations.models import Organization
from tests.factories.events import HandoutFactory
from tests.factories.organizations import OrganizationFactory
from tests.moments import NOW, SECOND
from wego_portal.foundation.publication import Publication

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("publication", "publish_at", "visible"),
    [
        (Publication.PUBLISHED, None, True),
        (Publication.SCHEDULED, NOW, True),
        (Publication.SCHEDULED, NOW + SECOND, False),
        (Publication.DRAFT, None, False),
        (Publication.DRAFT, NOW - SECOND, False),
        (Publication.IN_REVIEW, None, False),
        (Publication.WITHDRAWN, None, False),
    ],
)
def test_the_public_sees_what_is_published_or_whose_time_has_come(publication, publish_at, visible):
    organization = OrganizationFactory(publication=publication, publish_at=publish_at)
    assert Organization.objects.published(NOW).exists() is visible
    assert organization.is_published(NOW) is visible


def test_what_is_scheduled_has_a_time():
    with pytest.raises(IntegrityError), transaction.atomic():
        OrganizationFactory(publication=Publication.SCHEDULED, publish_at=None)


def test_a_row_is_seen_only_with_its_ancestors():
    handout = HandoutFactory(part__event__publication=Publication.PUBLISHED)
    assert Handout.objects.published(NOW).get() == handout
    assert handout.is_published(NOW)
    event = handout.part.event
    event.publication = Publication.WITHDRAWN
    event.save()
    assert not Handout.objects.published(NOW).exists()
    assert not handout.is_published(NOW)
