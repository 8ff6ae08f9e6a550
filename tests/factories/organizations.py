"""Organizations and what stands around them, published unless told otherwise."""

import datetime

import factory

from organizations.models import (
    Alias,
    BestPractice,
    Initiative,
    Inquiry,
    Language,
    Membership,
    Organization,
    Person,
    Place,
    Position,
    Project,
    ReportedFigure,
    Resource,
    Sector,
    Stage,
    Topic,
)
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
    name_ja = factory.LazyAttribute(lambda language: {"en": "英語", "ja": "日本語"}.get(language.code, "言語"))
    name_ko = factory.LazyAttribute(lambda language: {"en": "영어", "ja": "일본어"}.get(language.code, "언어"))


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


class CityFactory(OrganizationFactory):
    """A city government at a place of its own."""

    slug = factory.Sequence(lambda n: f"city-{n}")
    sector = Sector.MUNICIPAL
    place = factory.SubFactory(PlaceFactory)


class NetworkFactory(OrganizationFactory):
    slug = factory.Sequence(lambda n: f"network-{n}")
    name_en = factory.Sequence(lambda n: f"Network {n}")
    sector = Sector.NETWORK


class AliasFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Alias

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Other name {n}")


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    member = factory.SubFactory(OrganizationFactory)
    group = factory.SubFactory(NetworkFactory)


class ReportedFigureFactory(factory.django.DjangoModelFactory):
    """Around 130 members in July 2020, as a network states of itself."""

    class Meta:
        model = ReportedFigure

    organization = factory.SubFactory(NetworkFactory)
    label_en = "members"
    value = "around 130"
    number = 130
    as_of = datetime.date(2020, 7, 1)
    as_of_precision = "month"
    source_url = "https://example.org/figures"


class PersonFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Person

    slug = factory.Sequence(lambda n: f"person-{n}")
    name = factory.Sequence(lambda n: f"Person {n}")
    publication = Publication.PUBLISHED


class PositionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Position

    person = factory.SubFactory(PersonFactory)
    organization = factory.SubFactory(OrganizationFactory)
    title_en = "Director"


class InitiativeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Initiative

    slug = factory.Sequence(lambda n: f"initiative-{n}")
    title_en = factory.Sequence(lambda n: f"Initiative {n}")
    publication = Publication.PUBLISHED


class StageFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Stage

    initiative = factory.SubFactory(InitiativeFactory)
    number = factory.LazyAttribute(lambda stage: stage.initiative.stages.count() + 1)
    title_en = factory.Sequence(lambda n: f"Stage {n}")


class ProjectFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Project

    slug = factory.Sequence(lambda n: f"project-{n}")
    title_en = factory.Sequence(lambda n: f"Project {n}")
    initiative = factory.SubFactory(InitiativeFactory)
    publication = Publication.PUBLISHED


class ResourceFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Resource

    title_en = factory.Sequence(lambda n: f"Resource {n}")
    initiative = factory.SubFactory(InitiativeFactory)
    url = "https://example.org/resource"
    publication = Publication.PUBLISHED


class BestPracticeFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = BestPractice

    slug = factory.Sequence(lambda n: f"case-{n}")
    title_en = factory.Sequence(lambda n: f"Case {n}")
    city = factory.SubFactory(OrganizationFactory, sector=Sector.MUNICIPAL)
    publication = Publication.PUBLISHED


class InquiryFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Inquiry

    kind = Inquiry.Kind.MEMBERSHIP
    name = factory.Sequence(lambda n: f"Sender {n}")
    email = factory.Sequence(lambda n: f"sender{n}@example.org")
    organization_name = "City of Example"
    sector = Sector.MUNICIPAL
    country = "KR"
    message = "We would like to join."
    language = "en"
    consent_text = "I agree."
    sent_at = datetime.datetime(2026, 11, 20, 3, tzinfo=datetime.UTC)
