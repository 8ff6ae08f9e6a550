"""Rich text that is cleaned on saving: what would take long is refused beside its field, and the rest costs little."""

import contextlib

import pytest
from django.core.exceptions import ValidationError

from tests.admin_forms import admin_url, field_errors, form_data
from tests.factories.events import StoryFactory
from tests.growth import grows_in_proportion
from wego_portal.foundation.rich_text import MAX_LENGTH, rich_text_field

CLEAN = rich_text_field("text").sanitize


@pytest.mark.parametrize(
    "html",
    [
        "<p>A <strong>bold</strong> word, a <em>light</em> one.</p>",
        "<p>word</p>" * 5_000,
        "<ul>" + "<li><p>item</p></li>" * 1_000 + "</ul>",
        "<ul><li><ol><li><p>deeper</p></li></ol></li></ul>" * 300,
        '<p><a href="https://example.org/">there</a></p>' * 300,
    ],
)
def test_what_the_editor_writes_is_kept(html):
    assert CLEAN(html).replace(' rel="noopener noreferrer"', "") == html


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("html", "message"),
    [
        ("<div>" * 101, "The formatting of this text cannot be read."),
        ("<div></x>" * 101, "The formatting of this text cannot be read."),
        ("".join(f"<font color={number}><p>" for number in range(101)), "The formatting of this text cannot be read."),
        ("a" * (MAX_LENGTH + 1), "This text is longer than 100000 characters."),
    ],
)
def test_what_would_take_long_to_clean_is_refused_beside_its_field(admin_client, html, message):
    story = StoryFactory()
    url = admin_url("story", "change", story.pk)
    errors = field_errors(admin_client.post(url, form_data(admin_client, url) | {"body_en": html}))
    assert message in errors["body_en"]


UNITS = "<div> <ul><li> <div></x> <b><p></b> <i/title=1><p> <table>x <blockquote><p> <a/href=x> < <p> </p> <!-- a <a/x"


@pytest.mark.parametrize("unit", [*UNITS.split(), "<p a=1 ", "<h2><ul></h2>", "<p><b></p>"])
def test_cleaning_costs_in_proportion_to_the_text(unit):
    def work(text):
        with contextlib.suppress(ValidationError):
            CLEAN(text)

    assert grows_in_proportion(work, unit, 24_000)
