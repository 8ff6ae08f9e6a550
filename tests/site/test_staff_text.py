"""Whatever staff pastes into any text: it is stored clean, and no output breaks for all."""

import csv
import datetime
import io
import json
import unicodedata
from xml.etree import ElementTree

import html5lib
import openpyxl
import pytest
import time_machine
from django.apps import apps
from django.db import models

from events.domain.transcript import Passage, replace_cues
from events.models import Answer, Cue, ScheduleChange, Seat, StoryPicture, Suppression
from tests.events.calendar_reader import read
from tests.factories import events as event_factories
from tests.factories import organizations as organization_factories
from tests.factories.events import (
    YES_OR_NO,
    EventFactory,
    EventOrganizationFactory,
    QuestionFactory,
    StoryFactory,
    TranscriptFactory,
)
from tests.factories.organizations import AliasFactory, OrganizationFactory
from tests.factories.registrations import registered
from wego_portal.foundation.clean_text import clean_line, clean_value, text_columns
from wego_portal.foundation.publication import PublishedModel
from wego_portal.foundation.slugs import OldSlug

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 11, 23, 3, tzinfo=datetime.UTC)
OURS = {"events", "organizations", "foundation"}
CONTROLS = [chr(code) for code in [*range(0x20), *range(0x7F, 0xA0)]]
LEFT_OUT = [
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff\ufffe\uffff\ufdd0\U0001fffe\U0010ffff",
    "\ud800",
    "\udfff",
]
LINE_ENDS = ["\n", "\r", "\r\n", "\x85", "\u2028", "\u2029"]
IN_RICH_TEXT = "".join([*CONTROLS, *LEFT_OUT, "\u2028\u2029"])
NASTY = f"{IN_RICH_TEXT}]]><&\"'"
DIRTY, CLEAN = "E\u0301\u000b\u202ea\ufffe", "É a"


@pytest.mark.parametrize("character", CONTROLS, ids=ascii)
def test_a_control_character_in_a_line_is_a_space(character):
    assert clean_line(f"Smart{character}{character} City{character}") == "Smart City"


@pytest.mark.parametrize("character", LEFT_OUT, ids=ascii)
def test_what_nobody_sees_is_left_out(character):
    assert clean_line(f"Smart{character} City") == "Smart City"
    assert clean_value(LINES, f"{character}Smart City\n") == "Smart City\n"


@pytest.mark.parametrize("end", LINE_ENDS, ids=ascii)
def test_line_ends_stay_where_there_are_several_lines(end):
    assert clean_line(f"Smart{end}City") == "Smart City"
    assert clean_value(LINES, f"Smart{end}City\tHall\u000b2") == "Smart\nCity\tHall 2"


LINES = Cue._meta.get_field("text")


def test_letters_are_composed_and_nothing_else_is_touched():
    kept = "  “Élan”  서울 の\u200dתל\u200f 👩\u200d💻 \ufffd"
    assert clean_line(unicodedata.normalize("NFD", kept)) == kept
    assert clean_line(kept) == kept


def one_of_each():
    """A row of every model of ours that has typed text."""
    for module in (organization_factories, event_factories):
        for factory in vars(module).values():
            if isinstance(factory, type) and hasattr(factory, "_meta") and factory._meta.model in apps.get_models():
                factory()
    event = EventFactory(with_part=True)
    registration = registered(event.parts.get(), now=NOW)
    Answer.objects.create(registration=registration, question=QuestionFactory(event=event), text="x")
    QuestionFactory(event=event, choices=YES_OR_NO)
    ScheduleChange.objects.create(event=event, kind="cancelled", notified_count=0, message="x", changed_at=NOW)
    StoryPicture.objects.create(story=StoryFactory(), picture="news/x.webp", alt_en="x")
    Suppression.objects.create(address_hash="x", since=NOW)
    OldSlug.objects.create(kind="x", slug="x", object_id=1)


def test_a_dirty_value_in_any_text_of_any_model_is_stored_clean():
    one_of_each()
    walked = 0
    for model in apps.get_models():
        columns = [field for field in text_columns(model) if field.name != "time_zone"]
        if model._meta.app_label not in OURS or not columns:
            continue
        row = model._base_manager.first()
        assert row is not None, f"make a {model.__name__} in one_of_each"
        for field in columns:
            setattr(row, field.attname, DIRTY)
        row.save()
        kept = model._base_manager.values(*(field.attname for field in columns)).get(pk=row.pk)
        assert set(kept.values()) == {CLEAN}, (model, kept)
        walked += len(columns)
    assert walked >= 120


def filled_in(page):
    """What a change page of the admin sends when nothing is changed on it, without its inlines' rows."""
    bound = page.context["adminform"].form
    form = {name: bound[name].value() or "" for name in bound.fields if name not in ("picture", "topics")}
    for formset in page.context["inline_admin_formsets"]:
        form |= {field.html_name: field.value() or "" for field in formset.formset.management_form}
    return form


def test_a_text_of_which_nothing_is_left_counts_as_empty(admin_client):
    organization = OrganizationFactory()
    address = f"/admin/organizations/organization/{organization.pk}/change/"
    form = filled_in(admin_client.get(address))
    form["name_en"] = "\u202e\ufeff"
    response = admin_client.post(address, form)
    assert response.status_code == 200
    assert "Write the name in at least one language." in response.content.decode()


def test_a_name_that_is_another_names_double_once_clean_is_refused(admin_client):
    alias = AliasFactory(name="Élan")
    address = f"/admin/organizations/organization/{alias.organization_id}/change/"
    form = filled_in(admin_client.get(address))
    form |= {"aliases-TOTAL_FORMS": "2", "aliases-0-id": alias.pk, "aliases-0-organization": alias.organization_id}
    form |= {
        "aliases-0-name": "Élan",
        "aliases-1-organization": alias.organization_id,
        "aliases-1-name": "E\u0301lan\u202e",
    }
    assert admin_client.post(address, form).status_code == 200
    assert alias.organization.aliases.count() == 1


def test_passages_of_a_file_are_stored_clean():
    transcript = TranscriptFactory()
    replace_cues(transcript=transcript, passages=[Passage("E\u0301lan\u000bvital", "K\u202eim")])
    cue = Cue.objects.get()
    assert (cue.text, cue.speaker, cue.folded, cue.folded_speaker) == ("Élan vital", "Kim", "\nelan vital\n", "\nkim\n")
    replace_cues(transcript=transcript, passages=[Passage("Élan\u000bvitale", "Lee")])
    cue.refresh_from_db()
    assert (cue.text, cue.folded, cue.folded_speaker) == ("Élan vitale", "\nelan vitale\n", "\nlee\n")


def test_what_is_written_for_many_rows_at_once_is_clean():
    event = EventFactory(with_part=True)
    registration = registered(event.parts.get(), now=NOW)
    Seat.objects.filter(registration=registration).update(reason="No\u000broom\u202e")
    assert registration.seats.get().reason == "No room"


@pytest.fixture(name="nasty")
def _nasty(settings):
    """Everything that has text, each with every character that breaks something, published and linked."""
    one_of_each()
    for model in apps.get_models():
        if model._meta.app_label not in OURS:
            continue
        row = model._base_manager.first()
        for field in text_columns(model):
            if field.name != "time_zone" and not isinstance(field, models.URLField):
                room, nasty = field.max_length or 1000, IN_RICH_TEXT if hasattr(field, "sanitize") else NASTY
                setattr(row, field.attname, f"A{nasty}B" if room > 150 else "A\u000b\ufffeB")
        if row is not None:
            row.save()
    organization = OrganizationFactory(name_en=f"Org{NASTY}", short_name="W\u000bO", native_name=f"Org{NASTY}")
    event = EventFactory(
        title_en=f"Event{NASTY}", title_ja=f"行事{NASTY}", summary_en=NASTY, venue=NASTY, with_part=True
    )
    EventOrganizationFactory(event=event, organization=organization)
    story = StoryFactory(title_en=f"Story{NASTY}", summary_en=NASTY, body_en=f"<p>{IN_RICH_TEXT}</p>")
    return {"organization": organization, "event": event, "story": story}


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("prefix", ["", "/ja", "/ko"])
def test_no_row_breaks_an_output_for_all(client, nasty, prefix):
    feed = client.get(f"{prefix}/news/feed/")
    assert feed.status_code == 200
    assert len(ElementTree.fromstring(feed.content).findall("{http://www.w3.org/2005/Atom}entry")) >= 2
    for address in ("events/calendar.ics", f"events/{nasty['event'].slug}/calendar.ics"):
        response = client.get(f"{prefix}/{address}")
        assert response.status_code == 200
        assert read(response.content)
    ElementTree.fromstring(client.get("/sitemap.xml").content)
    pages = ["", "events/", "news/", "watch/", "series/", "organizations/", "initiatives/", "cases/"]
    for model in apps.get_models():
        if issubclass(model, PublishedModel) and hasattr(model, "get_absolute_url"):
            row = model.objects.filter(publication="published").first()
            pages += [row.get_absolute_url().lstrip("/")] if row else []
    assert len(pages) >= 15
    for address in pages:
        response = client.get(f"{prefix}/{address}")
        assert response.status_code == 200, address
        document = html5lib.HTMLParser(strict=True).parse(response.content.decode())
        for script in document.iter("{http://www.w3.org/1999/xhtml}script"):
            if script.get("type") == "application/ld+json":
                json.loads(script.text)


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize("file_format", [0, 1])
def test_no_row_breaks_an_export(registrar, nasty, file_format):
    response = registrar.post("/admin/events/registration/export/", {"format": file_format, "resource": ""})
    assert response.status_code == 200
    if response.content[:2] == b"PK":
        assert openpyxl.load_workbook(io.BytesIO(response.content)).active.max_row >= 2
    else:
        assert len(list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))) >= 2
