"""One fold for every comparison, and the columns that keep it beside the text."""

import time
import unicodedata

import pytest
from django.apps import apps
from django.db import models
from hypothesis import given, settings
from hypothesis import strategies as st

from events.models import Cue, Event, Registration
from organizations.models import Organization, Topic
from tests.factories.events import CueFactory, EventFactory, StoryFactory, TranscriptFactory
from tests.factories.organizations import OrganizationFactory, TopicFactory
from wego_portal.foundation.fold import FoldedField, FoldedModel, clean_and_fold, find_folded, fold

# What is written, and other ways to type the same.
SAME = [
    ("Élan", ["élan", "ELAN", "elan", "E\u0301lan", "ＥＬＡＮ", "É\u00adlan", "\u200bÉlan"]),
    ("STÄDTE", ["städte", "Sta\u0308dte", "stadte"]),
    ("CIUDAD DE MÉXICO", ["ciudad de mexico", "Ciudad  de\u3000México", "ciudad de\u00a0méxico"]),
    ("キヤノン", ["ｷﾔﾉﾝ"]),
    ("ガーナ", ["ｶﾞｰﾅ", "カ\u3099ーナ"]),
    ("서울", ["서울", unicodedata.normalize("NFD", "서울")]),
    ("Straße", ["STRASSE", "strasse"]),
    ("İstanbul", ["istanbul", "ISTANBUL"]),
    ("Łódź", ["lodz", "ŁÓDŹ"]),
    ("Αθήνα", ["αθηνα", "ΑΘΉΝΑ"]),
    ("Алматы", ["АЛМАТЫ"]),
    ("株式会社㈱", ["株式会社(株)"]),
    ("葛\U000e0100飾", ["葛飾"]),
]
OTHER = [("か", "が"), ("ハ", "パ"), ("ひ", "び"), ("가", "까"), ("हिन्दी", "हनद"), ("ы", "ь")]


@pytest.mark.parametrize(("written", "typed"), [(written, typed) for written, ways in SAME for typed in ways])
def test_what_is_the_same_for_a_reader_folds_alike(written, typed):
    assert fold(written) == fold(typed)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_is_another_letter_stays_another(one, other):
    assert fold(one) != fold(other)


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_folding_twice_changes_nothing_and_forms_of_unicode_fold_alike(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert "\n" not in folded
    assert folded == folded.strip()


def seconds(text):
    best = 10.0
    for _round in range(3):
        start = time.perf_counter()
        fold(text)
        best = min(best, time.perf_counter() - start)
    return best


@pytest.mark.parametrize(
    "letters",
    ["a", "é", "a\u0301", "\u0345", "ﾞ", "ﾞ\u0334", "\u0f73\u0334", " ", "\u200b", "が", "가"],
    ids=ascii,
)
def test_the_cost_of_folding_grows_with_the_length(letters):
    def text(length):
        return "a" + letters * length + "\u0334" * length

    # Without the bound on marks it is four times as much, and seconds; the sum allows for a busy machine.
    assert seconds(text(40_000 // len(letters))) < 3 * seconds(text(20_000 // len(letters))) + 0.1


def test_places_in_a_text_are_found_as_they_are_written():
    text = "Der ÉLAN der Stä\u0308dte, ｷﾔﾉﾝ und  CIUDAD\u3000DE  México."
    found = {
        words: [text[slice(*span)] for span in find_folded(text, words)]
        for words in ("elan", "キヤノン", "ciudad de mexico")
    }
    assert found == {"elan": ["ÉLAN"], "キヤノン": ["ｷﾔﾉﾝ"], "ciudad de mexico": ["CIUDAD\u3000DE  México"]}
    streets = "Straße, STRASSE"
    assert [streets[slice(*span)] for span in find_folded(streets, "strasse")] == ["Straße", "STRASSE"]
    assert not list(find_folded(text, "\u200b"))


pytestmark = pytest.mark.django_db


def folded_models():
    return [model for model in apps.get_models() if any(isinstance(f, FoldedField) for f in model._meta.fields)]


def test_every_folded_column_is_kept_in_step_by_its_model():
    assert len(folded_models()) >= 22
    for model in folded_models():
        assert issubclass(model, FoldedModel), model
        assert not model.check(), model


def test_a_folded_column_follows_whatever_saves_its_sources(django_assert_num_queries):
    topic = TopicFactory(name_en="Élan")
    kept = Topic.objects.filter(pk=topic.pk).values_list("folded", flat=True)
    assert kept[0] == "\nelan\n"
    topic.name_ja = "ｶﾞｲﾄﾞ"
    with django_assert_num_queries(1):
        topic.save(update_fields=["name_ja"])
    assert kept[0] == "\nelan\nガイド\n"
    partly = Topic.objects.only("name_en").get(pk=topic.pk)
    partly.name_en = "ÉCOLE"
    partly.save()
    assert kept[0] == "\necole\nガイド\n"
    Topic.objects.filter(name_en="ÉCOLE").update(name_en="Straße")
    assert kept[0] == "\nstrasse\nガイド\n"
    Topic.objects.bulk_create([Topic(slug="more", name_en="STÄDTE\u000b")])
    more = Topic.objects.get(slug="more")
    assert (more.name_en, more.folded) == ("STÄDTE", "\nstadte\n")
    more.name_en = "MÉXICO\u000b"
    Topic.objects.bulk_update([more], ["name_en"])
    more = Topic.objects.get(slug="more")
    assert (more.name_en, more.folded) == ("MÉXICO", "\nmexico\n")
    Topic.objects.update_or_create(slug="more", defaults={"name_en": "Île"})
    assert Topic.objects.get(slug="more").folded == "\nile\n"


def test_rich_text_is_folded_without_its_tags():
    story = StoryFactory(body_en='<p>R&amp;D in <b>Mé</b>xico</p><p>Next <a href="/hidden">link</a></p>')
    assert "r&d in mexico next link" in story.folded
    assert "hidden" not in story.folded


def test_columns_that_were_there_before_are_cleaned_and_filled_once():
    """What the data migrations do, with rows that a rule of the database keeps as they are."""
    plain = models.QuerySet(Organization)
    organization, other = OrganizationFactory(name_en="Élan"), OrganizationFactory(name_en="Other")
    plain.filter(pk=organization.pk).update(name_en="E\u0301lan\u000b", folded="")
    plain.filter(pk=other.pk).update(name_en="\ufdd0", folded="")
    assert clean_and_fold(Organization, batch_size=1) == 2
    organization.refresh_from_db()
    assert (organization.name_en, organization.folded) == ("Élan", "\nelan\n")
    other.refresh_from_db()
    assert other.name_en == "\ufdd0"
    assert clean_and_fold(Organization) == 0


def test_many_passages_are_cleaned_and_filled_in_few_queries(django_assert_max_num_queries):
    transcript = TranscriptFactory()
    CueFactory.create_batch(60, transcript=transcript, text="Élan")
    models.QuerySet(Cue).update(folded="", folded_speaker="")
    with django_assert_max_num_queries(12):
        assert clean_and_fold(Cue, batch_size=500) == 60
    assert set(Cue.objects.values_list("folded", flat=True)) == {"\nelan\n"}


def test_a_table_without_folded_columns_is_cleaned_too():
    assert {field.name for field in Registration._meta.fields if isinstance(field, FoldedField)} == {
        "folded_name",
        "folded_organization",
    }
    event = EventFactory()
    models.QuerySet(Event).filter(pk=event.pk).update(venue="Hall\u000bA")
    clean_and_fold(Event)
    event.refresh_from_db()
    assert event.venue == "Hall A"
