"""Every search finds a name however it is typed, and a member is known by its name however it is typed."""

import datetime

import pytest
import time_machine
from django.contrib import admin
from django.urls import reverse

from events.domain.past_participants import Criteria, past_participants
from events.models import Event, Registration, ScheduleChange, Seat
from organizations.domain.organization import organization_named
from tests.factories.events import (
    AgendaItemFactory,
    AppearanceFactory,
    CueFactory,
    EventFactory,
    EventOrganizationFactory,
    HandoutFactory,
    PartFactory,
    RecordingFactory,
    SeriesFactory,
    StoryFactory,
    TranscriptFactory,
)
from tests.factories.organizations import (
    AliasFactory,
    BestPracticeFactory,
    InitiativeFactory,
    InquiryFactory,
    LanguageFactory,
    MembershipFactory,
    OrganizationFactory,
    PersonFactory,
    PlaceFactory,
    PositionFactory,
    ProjectFactory,
    ResourceFactory,
    TopicFactory,
)
from tests.factories.registrations import registered
from wego_portal.foundation.fold import FoldedField

pytestmark = pytest.mark.django_db

NOW = datetime.datetime(2026, 11, 23, 3, tzinfo=datetime.UTC)
NAME = "Élan der STÄDTE, キヤノン, CIUDAD DE MÉXICO かな"
TYPED = [
    *["Élan", "élan", "ELAN", "elan", "E\u0301lan", "ＥＬＡＮ", "städte", "STADTE", "ｷﾔﾉﾝ"],
    *["ciudad de mexico", "Ciudad\u3000de  México", "élan\u200b"],
]
AT_ONCE = "ＥＬＡＮ e\u0301lan stadte ｷﾔﾉﾝ ciudad\u3000mexico"  # lists find what has every word
NOT_TYPED = ["がな", "キャノン", "elans"]


@pytest.fixture(autouse=True)
def _now():
    with time_machine.travel(NOW, tick=False):
        yield


def _story():
    story = StoryFactory()
    story.organizations.add(OrganizationFactory())
    story.events.add(EventFactory())
    return story


def _person():
    return PositionFactory().person


def _registration():
    return registered(PartFactory(), now=NOW)


def _change():
    return ScheduleChange.objects.create(
        event=EventFactory(), kind="cancelled", notified_count=0, message="x", changed_at=NOW
    )


# How to make a row of every list in the admin, with all that its search looks into.
ROWS = {
    "events.event": lambda: EventFactory(series=SeriesFactory(), with_part=True),
    "events.part": PartFactory,
    "events.agendaitem": lambda: AppearanceFactory().item,
    "events.recording": RecordingFactory,
    "events.transcript": TranscriptFactory,
    "events.handout": HandoutFactory,
    "events.series": SeriesFactory,
    "events.story": _story,
    "events.schedulechange": _change,
    "events.registration": _registration,
    "events.seat": lambda: _registration().seats.get(),
    "organizations.topic": TopicFactory,
    "organizations.language": LanguageFactory,
    "organizations.place": PlaceFactory,
    "organizations.organization": lambda: AliasFactory().organization,
    "organizations.membership": MembershipFactory,
    "organizations.person": _person,
    "organizations.initiative": InitiativeFactory,
    "organizations.project": lambda: ProjectFactory(city=OrganizationFactory()),
    "organizations.resource": ResourceFactory,
    "organizations.bestpractice": BestPracticeFactory,
    "organizations.inquiry": InquiryFactory,
}
# What has no accents: addresses, codes, keys, and the names of accounts.
PLAIN = {"slug", "url", "email", "time_zone", "code", "deduplication_key", "address_hash"}


def searched():
    """(model, search field) of every list in the admin."""
    ours = [(model, page) for model, page in admin.site._registry.items() if model._meta.app_label != "auth"]
    return [(model, name) for model, page in ours for name in page.search_fields]


def owner_of(row, path):
    """The row, in the end, whose column a search field of `row` names, and that column."""
    *steps, column, _lookup = path.split("__")
    for step in steps:
        row = getattr(row, step)
        row = row.first() if hasattr(row, "first") else row
    return row, row._meta.get_field(column)


def test_every_search_of_the_admin_finds_what_was_typed_in_another_way(admin_client):
    walked = 0
    for model, path in searched():
        if path.split("__")[-1] in PLAIN:
            continue
        assert path.endswith("__contains"), (model, path)
        row = ROWS[model._meta.label_lower]()
        owner, column = owner_of(row, path)
        assert isinstance(column, FoldedField)
        setattr(owner, column.plain[0], NAME)
        owner.save()
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        found = admin_client.get(address, {"q": AT_ONCE}).context["cl"].result_list
        assert row.pk in [each.pk for each in found], (address, path)
        assert not admin_client.get(address, {"q": "がな"}).context["cl"].result_list, (address, path)
        setattr(owner, column.plain[0], "Something else")
        owner.save()
        walked += 1
    assert walked >= 38


@pytest.mark.parametrize("typed", TYPED[-4:])
def test_a_choice_in_a_form_of_the_admin_is_found(admin_client, typed):
    event = EventFactory(title_ko=NAME)
    query = {"app_label": "events", "model_name": "part", "field_name": "event", "term": typed}
    found = admin_client.get("/admin/autocomplete/", query).json()["results"]
    assert [each["id"] for each in found] == [str(event.pk)]


def _event(**values):
    return EventFactory(with_part=True, **values)


def _of_event(make):
    event = _event()
    make(event)
    return event


PAST = {"date": datetime.date(2020, 7, 6)}
# Each public list, what of a row it searches, and the words by which the row is known on the page.
PUBLIC = {
    "event title": ("/events/", lambda: _event(title_ja=NAME).title_en),
    "event summary": ("/events/", lambda: _event(summary_en=NAME).title_en),
    "event venue": ("/events/", lambda: _event(venue=NAME).title_en),
    "event place": ("/events/", lambda: _event(place=PlaceFactory(name_en=NAME[:100])).title_en),
    "event series": ("/events/", lambda: _event(series=SeriesFactory(title_en=NAME)).title_en),
    "event topic": ("/events/", lambda: _of_event(lambda e: e.topics.add(TopicFactory(name_en=NAME))).title_en),
    "event part": ("/events/", lambda: EventFactory(with_part__title_en=NAME).title_en),
    "event agenda": (
        "/events/",
        lambda: _of_event(lambda e: AgendaItemFactory(part=e.parts.get(), title_en=NAME)).title_en,
    ),
    "event host": (
        "/events/",
        lambda: (
            _of_event(
                lambda e: EventOrganizationFactory(event=e, organization=OrganizationFactory(name_en=NAME))
            ).title_en
        ),
    ),
    "event host's other name": (
        "/events/",
        lambda: (
            _of_event(
                lambda e: EventOrganizationFactory(event=e, organization=AliasFactory(name=NAME).organization)
            ).title_en
        ),
    ),
    "event speaker": (
        "/events/",
        lambda: (
            _of_event(
                lambda e: AppearanceFactory(item__part=e.parts.get(), person=PersonFactory(native_name=NAME))
            ).title_en
        ),
    ),
    "what was said": (
        "/watch/",
        lambda: CueFactory(transcript__part=PartFactory(**PAST), text=NAME).transcript.part.event.title_en,
    ),
    "who said it": (
        "/watch/",
        lambda: CueFactory(transcript__part=PartFactory(**PAST), speaker=NAME).transcript.part.event.title_en,
    ),
    "recording": ("/watch/", lambda: RecordingFactory(part=PartFactory(**PAST), title_en=NAME).part.event.title_en),
    "recorded event": (
        "/watch/",
        lambda: RecordingFactory(part=PartFactory(event__summary_en=NAME, **PAST)).part.event.title_en,
    ),
    "story": ("/news/", lambda: StoryFactory(summary_ko=NAME).title_en),
    "story body": ("/news/", lambda: StoryFactory(body_en=f"<p>{NAME}</p>").title_en),
    "dateline": ("/news/", lambda: StoryFactory(dateline_place_en=NAME[:60]).title_en),
    "organization": ("/organizations/", lambda: OrganizationFactory(native_name=NAME).name_en),
    "other name": ("/organizations/", lambda: AliasFactory(name=NAME).organization.name_en),
    "case": ("/cases/", lambda: BestPracticeFactory(summary_en=NAME).title_en),
    "case body": ("/cases/", lambda: BestPracticeFactory(done_en=f"<p>{NAME}</p>").title_en),
    "case city": ("/cases/", lambda: BestPracticeFactory(city__name_ja=NAME).title_en),
    "suggestion": ("/organizations/suggest/", lambda: OrganizationFactory(name_ko=NAME).name_en),
}


@pytest.mark.parametrize("kind", PUBLIC)
def test_every_public_search_finds_what_was_typed_in_another_way(client, kind):
    address, make = PUBLIC[kind]
    words = make()
    for typed in TYPED if kind == "suggestion" else [AT_ONCE]:
        assert words in client.get(address, {"q": typed}).content.decode(), typed
    for typed in NOT_TYPED if kind == "suggestion" else ["がな"]:
        assert words not in client.get(address, {"q": typed}).content.decode(), typed


@pytest.mark.parametrize("address", ["/events/", "/watch/", "/news/", "/organizations/", "/cases/"])
def test_what_is_invisible_narrows_nothing_and_suggests_nobody(client, address):
    OrganizationFactory()
    assert client.get(address, {"q": "\u200b \u00ad"}).status_code == 200
    assert client.get("/organizations/suggest/", {"q": "\u200b"}).json() == []


@pytest.mark.parametrize("typed", ["elan", "ＥＬＡＮ", "E\u0301lan"])
def test_words_of_a_transcript_are_found_and_marked_as_they_were_written(client, typed):
    cue = CueFactory(text="Der Élan der Städte.")
    page = client.get(cue.transcript.get_absolute_url(), {"q": typed}).content.decode()
    assert "was said in 1 passage" in page
    assert page.count("Der <mark>Élan</mark> der Städte.") == 2
    card = client.get("/watch/", {"q": typed}).content.decode()
    assert "Der <mark>Élan</mark> der Städte." in card


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("Élan", ["élan", "ELAN", "E\u0301lan", "ＥＬＡＮ", " elan\u200b "]),
        ("STÄDTE", ["städte", "Stadte"]),
        ("キヤノン", ["ｷﾔﾉﾝ"]),
        ("CIUDAD DE MÉXICO", ["ciudad de mexico", "Ciudad\u3000de México"]),
    ],
)
@pytest.mark.parametrize("kind", ["name_en", "name_ja", "short_name", "native_name", "alias"])
def test_an_organization_is_recognised_by_its_name_however_it_is_typed(name, typed, kind):
    organization = OrganizationFactory(**({} if kind == "alias" else {kind: name}))
    if kind == "alias":
        AliasFactory(organization=organization, name=name)
    OrganizationFactory(name_en=f"{name} Institute")
    for each in typed:
        assert organization_named(each, now=NOW) == organization, each
    assert organization_named(f"{name} 2", now=NOW) is None
    assert organization_named("\u200b", now=NOW) is None


def test_a_member_who_types_its_name_in_another_way_is_no_outsider(client):
    membership = MembershipFactory(member__name_en="CIUDAD DE MÉXICO")
    event = EventFactory(access=Event.Access.AUDIENCE, audience_network=membership.group, with_part__capacity=5)
    registration = registered(event.parts.get(), now=NOW, organization_name="ciudad de mexico")
    assert registration.organization == membership.member
    assert registration.seats.get().state == Seat.State.CONFIRMED
    stranger = registered(event.parts.get(), now=NOW, number=2, organization_name="Ciudad de Quito", request="Please.")
    assert stranger.seats.get().state == Seat.State.REQUESTED


def test_past_participants_are_found_by_their_organization_only():
    event = EventFactory(with_part=True)
    registered(event.parts.get(), now=NOW, organization_name="Ciudad de México", name="Quito", invite_text="Yes")
    later = NOW + datetime.timedelta(days=60)
    for typed, number in [("MEXICO", 1), ("ｍéxico", 1), ("quito", 0)]:
        found, _others = past_participants(Criteria(organization=typed), event=EventFactory(), now=later)
        assert len(found) + _others == number, typed


def test_what_is_erased_leaves_nothing_in_the_columns_for_searching():
    from events.domain.privacy import erase_registration

    registration = registered(PartFactory(), now=NOW, name="Élan", organization_name="STÄDTE")
    row = Registration.objects.filter(pk=registration.pk).values_list("folded_name", "folded_organization")
    assert row.get() == ("\nelan\n", "\nstadte\n")
    erase_registration(registration=registration, now=NOW)
    assert row.get() == ("", "")
