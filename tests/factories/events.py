"""Events and what is left of them, published unless told otherwise. The suite's today is 23 November 2026."""

import datetime

import factory

from events.models import (
    AgendaItem,
    Appearance,
    Choice,
    Cue,
    Event,
    EventOrganization,
    Handout,
    Part,
    Question,
    Recording,
    Series,
    Story,
    Transcript,
)
from wego_portal.foundation.partial_dates import Precision
from wego_portal.foundation.publication import Publication

from .organizations import LanguageFactory, OrganizationFactory, PersonFactory


class SeriesFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Series

    slug = factory.Sequence(lambda n: f"series-{n}")
    title_en = factory.Sequence(lambda n: f"Series {n}")
    publication = Publication.PUBLISHED


class EventFactory(factory.django.DjangoModelFactory):
    """An event without parts. `with_part=True` gives it one that lies ahead; `with_part__date=...` says more of it."""

    class Meta:
        model = Event
        skip_postgeneration_save = True

    slug = factory.Sequence(lambda n: f"event-{n}")
    title_en = factory.Sequence(lambda n: f"Event {n}")
    kind = Event.Kind.WEBINAR
    mode = Event.Mode.ONLINE
    takes_registrations = True
    publication = Publication.PUBLISHED

    @factory.post_generation
    def with_part(event, create, extracted, **kwargs):
        if create and (extracted or kwargs):
            PartFactory(event=event, **kwargs)


class PartFactory(factory.django.DjangoModelFactory):
    """A part on Thursday 10 December 2026, 15:00 to 16:30 in Seoul (06:00 to 07:30 UTC), without limit of places."""

    class Meta:
        model = Part

    class Params:
        known_to_day = factory.Trait(precision=Precision.DAY, start_time=None, end_time=None)
        known_to_month = factory.Trait(precision=Precision.MONTH, start_time=None, end_time=None)
        known_to_year = factory.Trait(precision=Precision.YEAR, start_time=None, end_time=None)

    event = factory.SubFactory(EventFactory)
    number = factory.LazyAttribute(lambda part: part.event.parts.count() + 1)
    date = datetime.date(2026, 12, 10)
    precision = Precision.MINUTE
    start_time = datetime.time(15)
    end_time = datetime.time(16, 30)
    time_zone = "Asia/Seoul"


YES_OR_NO = [("Yes", "はい"), ("No", "いいえ")]


class QuestionFactory(factory.django.DjangoModelFactory):
    """A question for a text; with `choices`, pairs of words in English and Japanese, one of several."""

    class Meta:
        model = Question

    event = factory.SubFactory(EventFactory)
    label_en = factory.Sequence(lambda n: f"Question {n}?")

    @classmethod
    def _create(cls, model_class, *args, choices=(), **given):
        if choices:
            given.setdefault("kind", Question.Kind.CHOICE)
        question = super()._create(model_class, *args, **given)
        for order, (english, japanese) in enumerate(choices, 1):
            Choice.objects.create(question=question, order=order, label_en=english, label_ja=japanese)
        return question


class EventOrganizationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = EventOrganization

    event = factory.SubFactory(EventFactory)
    organization = factory.SubFactory(OrganizationFactory)
    role = EventOrganization.Role.HOST


class AgendaItemFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = AgendaItem

    part = factory.SubFactory(PartFactory)
    order = factory.Sequence(int)
    title_en = factory.Sequence(lambda n: f"Talk {n}")


class AppearanceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Appearance

    item = factory.SubFactory(AgendaItemFactory)
    person = factory.SubFactory(PersonFactory)


class RecordingFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Recording

    part = factory.SubFactory(PartFactory)
    url = "https://www.youtube.com/watch?v=abcdefghijk"
    source = "YouTube"
    publication = Publication.PUBLISHED


class TranscriptFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Transcript

    part = factory.SubFactory(PartFactory)
    language = factory.SubFactory(LanguageFactory)
    publication = Publication.PUBLISHED


class CueFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Cue

    transcript = factory.SubFactory(TranscriptFactory)
    order = factory.Sequence(int)
    text = factory.Sequence(lambda n: f"Passage {n}.")


class HandoutFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Handout

    part = factory.SubFactory(PartFactory)
    title_en = factory.Sequence(lambda n: f"Slides {n}")
    url = "https://example.org/slides.pdf"
    publication = Publication.PUBLISHED


class StoryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Story

    slug = factory.Sequence(lambda n: f"story-{n}")
    title_en = factory.Sequence(lambda n: f"Story {n}")
    dateline_date = datetime.date(2026, 11, 20)
    publication = Publication.PUBLISHED
