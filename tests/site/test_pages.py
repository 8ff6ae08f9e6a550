"""Pages about the portal, the language switch, wrong addresses, and what search engines read."""

import xml.etree.ElementTree as ElementTree

import pytest
from django.template.loader import render_to_string

from organizations.models import Organization
from tests.factories.events import EventFactory, SeriesFactory, StoryFactory
from tests.factories.organizations import BestPracticeFactory, InitiativeFactory, OrganizationFactory
from tests.markup import markup
from wego_portal.foundation.publication import Publication

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
PAGES = ["/about/", "/privacy/", "/accessibility/"]


@pytest.mark.parametrize("prefix", ["", "/ja", "/ko"])
@pytest.mark.parametrize("path", PAGES)
def test_pages_ask_the_database_nothing(client, path, prefix):
    """These have no database mark: a query would fail."""
    response = client.get(prefix + path)
    assert response.status_code == 200
    assert f'<html lang="{prefix[1:] or "en"}">' in markup(response)


def test_the_sources_of_data_and_letters_are_named(client):
    page = markup(client.get("/about/"))
    for name in ("GeoNames", "CC BY 4.0", "Natural Earth", "Bricolage Grotesque", "SIL Open Font License"):
        assert name in page


def test_the_language_switch_keeps_path_and_query(client, db):
    page = markup(client.get("/ja/events/?q=%EB%B6%80%EC%82%B0&when=past"))
    assert 'href="/ko/events/?q=%EB%B6%80%EC%82%B0&amp;when=past" lang="ko" hreflang="ko"' in page
    assert 'href="/events/?q=%EB%B6%80%EC%82%B0&amp;when=past" lang="en" hreflang="en"' in page


def test_a_page_names_itself_and_its_alternatives(client, settings):
    settings.SITE_URL = "https://portal.example.org"
    page = markup(client.get("/ja/about/?utm_source=x"))
    assert '<link rel="canonical" href="https://portal.example.org/ja/about/">' in page
    for language, path in (("en", "/about/"), ("ja", "/ja/about/"), ("ko", "/ko/about/"), ("x-default", "/about/")):
        assert f'hreflang="{language}" href="https://portal.example.org{path}' in page


@pytest.mark.parametrize(
    ("address", "language"), [("/nowhere/", "en"), ("/ja/nowhere/", "ja"), ("/ko/nowhere/at/all", "ko")]
)
def test_a_wrong_address_gets_help_in_its_language(client, address, language):
    response = client.get(address)
    page = markup(response)
    assert response.status_code == 404
    assert f'<html lang="{language}">' in page
    prefix = "" if language == "en" else f"/{language}"
    assert f'action="{prefix}/events/"' in page
    assert f'href="{prefix}/organizations/"' in page
    assert 'href="/ko/" lang="ko"' in page
    assert "noindex" in page


@pytest.mark.django_db
def test_an_unknown_object_gets_the_same_help(client):
    response = client.get("/ko/events/nowhere/")
    assert response.status_code == 404
    assert 'action="/ko/events/"' in markup(response)


@pytest.mark.django_db
def test_a_fault_of_ours_is_said_plainly(client, monkeypatch):
    def fail(self, now):
        raise RuntimeError

    monkeypatch.setattr(Organization.objects._queryset_class, "published", fail)
    client.raise_request_exception = False
    response = client.get("/organizations/")
    assert response.status_code == 500
    assert "Something went wrong on our side" in markup(response)
    assert "RuntimeError" not in markup(response)


def _locations(client):
    root = ElementTree.fromstring(client.get("/sitemap.xml").content)
    return [location.text for location in root.iter(f"{SITEMAP}loc")]


FACTORIES = {
    "events": EventFactory,
    "series": SeriesFactory,
    "news": StoryFactory,
    "organizations": OrganizationFactory,
    "initiatives": InitiativeFactory,
    "cases": BestPracticeFactory,
}


@pytest.mark.django_db
def test_the_sitemap_lists_published_pages_in_every_language(client, settings):
    settings.SITE_URL = "https://portal.example.org"
    for factory in FACTORIES.values():
        factory(slug="shown")
        factory(slug="kept-back", publication=Publication.DRAFT)
        factory(slug="taken-back", publication=Publication.WITHDRAWN)
    locations = _locations(client)
    for folder in FACTORIES:
        for prefix in ("", "/ja", "/ko"):
            assert f"https://portal.example.org{prefix}/{folder}/shown/" in locations
    assert not [location for location in locations if "back" in location]
    assert "https://portal.example.org/ja/watch/" in locations


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_the_sitemap_asks_one_query_a_model(client, django_assert_num_queries, number):
    for factory in FACTORIES.values():
        factory.create_batch(number)
    with django_assert_num_queries(6):
        client.get("/sitemap.xml")


def test_robots_txt_names_the_sitemap(client, settings):
    settings.SITE_URL = "https://portal.example.org"
    response = client.get("/robots.txt")
    lines = response.content.decode().splitlines()
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert "Disallow: /admin/" in lines
    assert "Disallow: /ja/registrations/" in lines
    assert "Sitemap: https://portal.example.org/sitemap.xml" in lines


@pytest.mark.parametrize("page", ["500.html", "503.html"])
def test_pages_without_a_request_take_the_style_sheet_by_the_name_under_which_it_is_served(page, monkeypatch):
    hashed = classmethod(lambda cls, path: f"/static/hashed-{path}")
    monkeypatch.setattr("django.templatetags.static.StaticNode.handle_simple", hashed)
    assert 'href="/static/hashed-portal.css"' in render_to_string(page)
