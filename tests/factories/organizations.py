"""Organizations and what stands around them, published unless told otherwise."""

import factory

from organizations.models import BestPractice, Initiative, Language, Organization, Person, Place, Sector, Topic
from wego_portal.foundation.publication import Publication


class TopicFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Topic

    slug = factory.Sequence(lambda n: f"topic-{n}")
    name_en = factory.Sequence(lambda n: f"Topic {n}")


class LanguageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Language
        django_get_or_create = ("code",)

    code = "en"
    name_en = factory.LazyAttribute(lambda language: {"en": "English", "ja": "Japanese"}.get(language.code, "Language"))


class PlaceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Place

    name_en = factory.Sequence(lambda n: f"City {n}")
    country = "KR"
    latitude = "37.5660"
    longitude = "126.9784"
    time_zone = "Asia/Seoul"


class OrganizationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organization

    slug = factory.Sequence(lambda n: f"organization-{n}")
    name_en = factory.Sequence(lambda n: f"Organization {n}")
    sector = Sector.INSTITUTION
    publication = Publication.PUBLISHED


class PersonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Person

    slug = factory.Sequence(lambda n: f"person-{n}")
    name = factory.Sequence(lambda n: f"Person {n}")
    publication = Publication.PUBLISHED


class InitiativeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Initiative

    slug = factory.Sequence(lambda n: f"initiative-{n}")
    title_en = factory.Sequence(lambda n: f"Initiative {n}")
    publication = Publication.PUBLISHED


class BestPracticeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BestPractice

    slug = factory.Sequence(lambda n: f"case-{n}")
    title_en = factory.Sequence(lambda n: f"Case {n}")
    city = factory.SubFactory(OrganizationFactory, sector=Sector.MUNICIPAL)
    publication = Publication.PUBLISHED
