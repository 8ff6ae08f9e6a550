"""Old addresses go on working: a redirect to the object as it is now."""

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.urls import get_resolver
from django.urls.resolvers import LocalePrefixPattern
from django.utils.text import slugify

from organizations.models import Topic
from tests.admin_forms import form_data
from tests.factories.events import EventFactory, SeriesFactory, StoryFactory
from tests.factories.organizations import (
    BestPracticeFactory,
    InitiativeFactory,
    OrganizationFactory,
    PersonFactory,
    TopicFactory,
)
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


def test_an_old_address_of_a_draft_reveals_nothing(client, renamed):
    renamed.publication = Publication.DRAFT
    renamed.save()
    assert client.get("/organizations/first/").status_code == 404


def fixed_words_beside_slugs():
    """The words that stand, in some address of the portal, where another has a slug."""
    found = set()

    def walk(patterns, prefix=""):
        for each in patterns:
            route = f"{prefix}{each.pattern}" if not isinstance(each.pattern, LocalePrefixPattern) else prefix
            if hasattr(each, "url_patterns"):
                if getattr(each, "app_name", None) != "admin":
                    walk(each.url_patterns, route)
            else:
                routes.append(route)

    routes = []
    walk(get_resolver().url_patterns)
    for route in routes:
        before, slug, _rest = route.partition("<slug:slug>")
        if slug:
            others = [other.removeprefix(before) for other in routes if other.startswith(before) and other != route]
            found |= {(before, word.partition("/")[0]) for word in others if "<" not in word.partition("/")[0]}
    return {(before, word) for before, word in found if word and slugify(word) == word}


FACTORIES = {
    "organizations/": OrganizationFactory,
    "initiatives/": InitiativeFactory,
    "cases/": BestPracticeFactory,
    "events/": EventFactory,
    "series/": SeriesFactory,
    "news/": StoryFactory,
}


def test_no_row_takes_an_address_that_the_portal_has():
    words = fixed_words_beside_slugs()
    assert words >= {("organizations/", "suggest"), ("news/", "feed")}
    for before, word in words:
        row = FACTORIES[before]()
        row.slug = word
        with pytest.raises(ValidationError) as refusal:
            row.full_clean()
        assert refusal.value.message_dict == {"slug": ["The portal uses this address itself. Choose another one."]}
        row.slug = f"{word}-2026"
        row.full_clean()


@pytest.mark.parametrize("prefix", ["", "/ja", "/ko"])
def test_the_admin_says_beside_the_field_which_slug_is_taken(admin_client, prefix):
    story = StoryFactory()
    address = f"{prefix}/admin/events/story/{story.pk}/change/"
    response = admin_client.post(address, {**form_data(admin_client, address), "slug": "feed"})
    assert response.status_code == 200
    assert len(response.context["adminform"].form.errors["slug"]) == 1
    story.refresh_from_db()
    assert story.slug != "feed"


@time_machine.travel("2026-11-25T03:00:00Z", tick=False)
@pytest.mark.parametrize(
    ("make", "slug"),
    [
        (lambda: EventFactory(slug="", title_en="Élan in the STRASSE"), "elan-in-the-strasse"),
        (lambda: EventFactory(slug="", title_en="", title_ja="第3回スマートシティ"), "webinar-2026-11-25"),
        (
            lambda: EventFactory(slug="", title_en="", title_ko="스터디", kind="study_session"),
            "study-session-2026-11-25",
        ),
        (lambda: EventFactory(slug="", title_en="", title_ja="WeGO 総会 2026"), "wego-2026"),
        (lambda: StoryFactory(slug="", title_en="", title_ko="서울에서"), "news-2026-11-20"),
        (lambda: OrganizationFactory(slug="", name_en="", name_ja="豊田市", short_name="Toyota"), "toyota"),
        (lambda: OrganizationFactory(slug="", name_en="", name_ja="豊田市"), "organization-2026-11-25"),
        (lambda: PersonFactory(slug="", name="李京烈"), "person-2026-11-25"),
        (lambda: TopicFactory(slug="", name_en="", name_ja="交通"), "topic-2026-11-25"),
        (
            lambda: TopicFactory(slug="", name_en="a very long name " * 5),
            "a-very-long-name-a-very-long-name-a-very-long-name-a-v",
        ),
        (lambda: StoryFactory(slug="", title_en="Feed"), "feed-2"),
    ],
)
def test_an_address_is_proposed_where_none_is_given(make, slug):
    first, second = make(), make()
    assert first.slug == slug
    assert second.slug == (f"{slug}-2" if slug != "feed-2" else "feed-3")


def test_a_slug_is_proposed_in_the_admin_without_script(admin_client):
    """The field may be left empty, on a new row and on one that has an address."""
    page = admin_client.get("/admin/organizations/topic/add/")
    assert not page.context["adminform"].form.fields["slug"].required
    for _time in range(2):
        admin_client.post("/admin/organizations/topic/add/", {"name_ja": "スマートシティ City", "slug": ""})
    assert sorted(Topic.objects.values_list("slug", flat=True)) == ["city", "city-2"]
    story = StoryFactory(slug="kept")
    address = f"/admin/events/story/{story.pk}/change/"
    assert admin_client.post(address, {**form_data(admin_client, address), "slug": ""}).status_code == 302
    story.refresh_from_db()
    assert story.slug == "kept"


def test_an_address_that_another_row_had_is_not_proposed(renamed):
    assert OrganizationFactory(slug="", name_en="First").slug == "first-2"
