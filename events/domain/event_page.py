"""One event as its page shows it: its parts with their clocks, what is left of them, and the one action it allows."""

import dataclasses
import datetime
from functools import cached_property

from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext

from organizations.models import BestPractice, Initiative, Organization, Person
from wego_portal.foundation.lazy_text import LazyText
from wego_portal.foundation.publication import published_or_none

from ..ics import has_calendar_entry
from ..models import AgendaItem, Appearance, Event, EventOrganization, Handout, Part, Recording, Series, Transcript
from ..models.event import EventQuerySet
from .availability import Availability, State, availability_of, event_availability
from .part_times import LocalTimes, local_times, moment_words, times_elsewhere


@dataclasses.dataclass(frozen=True)
class Guest:
    """Who appears in an agenda item: a person, an organization, or both, each only if published."""

    person: Person | None
    organization: Organization | None
    title: str
    role: str

    @property
    def name(self) -> str:
        """The person's name, or else the organization's."""
        if self.person:
            return self.person.name
        return str(self.organization.name) if self.organization else ""


@dataclasses.dataclass(frozen=True)
class PartView:
    """A part with all that its place in the timeline shows."""

    part: Part
    availability: Availability
    clock: LocalTimes | None
    others: list[LocalTimes]
    has_calendar_entry: bool

    @property
    def agenda(self) -> list[tuple[AgendaItem, list[Guest]]]:
        """(item, its guests) in the order of the meeting."""
        return [(item, agenda_guests(item)) for item in self.part.agenda.all()]

    @property
    def has_hours(self) -> bool:
        """Whether any item of the agenda has its hour."""
        return any(item.start_time for item in self.part.agenda.all())


@dataclasses.dataclass(frozen=True)
class Action:
    """The one thing to do next on the page of an event: a button with its label and address."""

    name: str
    label: str
    address: str


@dataclasses.dataclass(frozen=True)
class EventView:
    """An event with all that its page shows. `now` is aware; every relation is cut down to what is published."""

    event: Event
    parts: list[PartView]
    availability: Availability
    now: datetime.datetime

    @cached_property
    def roles(self) -> dict[EventOrganization.Role, list[Organization]]:
        """{role: [organizations]} in the order of the roles."""
        found: dict[EventOrganization.Role, list[Organization]] = {role: [] for role in EventOrganization.Role}
        for role in self.event.roles.all():
            found[EventOrganization.Role(role.role)].append(role.organization)
        return {role: organizations for role, organizations in found.items() if organizations}

    @property
    def hosts(self) -> list[Organization]:
        """Hosts, then co-hosts."""
        return [organization for role in EventOrganization.HOSTING_ROLES for organization in self.roles.get(role, [])]

    @property
    def organizers(self) -> list[tuple[str | LazyText, list[Organization]]]:
        """(label, organizations) of every role but the listed observers'."""
        observer = EventOrganization.Role.OBSERVER
        return [(role.label, found) for role, found in self.roles.items() if role != observer]

    @property
    def observers(self) -> list[Organization]:
        """Organizations that were listed as observers."""
        return self.roles.get(EventOrganization.Role.OBSERVER, [])

    @cached_property
    def speakers(self) -> list[Guest]:
        """Each guest once, in the order of appearance."""
        first: dict[tuple[Person | None, Person | Organization | None], Guest] = {}
        for view in self.parts:
            for _item, guests in view.agenda:
                for guest in guests:
                    first.setdefault((guest.person, guest.person or guest.organization), guest)
        return list(first.values())

    @property
    def series(self) -> Series | None:
        """The series, if it is published."""
        return published_or_none(self.event.series, self.now)

    @property
    def initiative(self) -> Initiative | None:
        """The initiative, if it is published."""
        return published_or_none(self.event.initiative, self.now)

    @property
    def audience_sectors(self) -> list[str]:
        """The names of the sectors to which the event is offered."""
        return [audience.get_sector_display() for audience in self.event.audience_sectors.all()]

    @property
    def audience_network(self) -> Organization | None:
        """The network through which the event is offered, if it is published."""
        return published_or_none(self.event.audience_network, self.now)

    @property
    def replaced_by(self) -> Event | None:
        """The event that replaces this one, if it is published."""
        return published_or_none(self.event.replaced_by, self.now)

    @property
    def next_part(self) -> PartView | None:
        """The part that comes next, or else the first; None without parts. One that will not be held is passed over."""
        over = (State.PAST, State.CANCELLED, State.REPLACED)
        ahead = [view for view in self.parts if view.availability.state not in over]
        return next(iter(sorted(ahead or self.parts, key=lambda view: view.part.earliest)), None)

    @cached_property
    def recording(self) -> Recording | None:
        """The first recording that can be watched, or None."""
        found = (recording for view in self.parts for recording in view.part.recordings.all())
        return next((recording for recording in found if recording.is_available), None)

    @cached_property
    def transcript(self) -> Transcript | None:
        """The first transcript whose words are here, or None."""
        found = (transcript for view in self.parts for transcript in view.part.transcripts.all())
        with_words = (each for each in found if each.has_words)  # type: ignore[attr-defined]  # added by the query
        return next(with_words, None)

    @property
    def has_calendar(self) -> bool:
        """Whether the day of any part is known."""
        return any(view.has_calendar_entry for view in self.parts)

    @property
    def registration_facts(self) -> list[str]:
        """Who can register and from when, one sentence each; empty if the event takes no registrations or is over."""
        access, state = Event.Access(self.event.access), self.availability.state
        if access == Event.Access.INVITATION:
            return [str(access.label)]
        if not self.event.takes_registrations or state == State.PAST:
            return []
        is_limited = access == Event.Access.AUDIENCE
        facts = [gettext("For the audience named above") if is_limited else str(access.label)]
        if is_limited and self.availability.takes_registrations:
            facts.append(gettext("Others can ask for a place, and the organizers decide."))
        if state == State.CLOSED:
            facts.append(gettext("It is closed."))
        if state == State.NOT_YET_OPEN and self.availability.opens_at:
            facts.append(gettext("It opens on %(when)s.") % {"when": moment_words(self.availability.opens_at)})
        return facts

    @cached_property
    def action(self) -> Action | None:
        """The one thing to do next; None if there is only a state to tell."""
        state, replacement = self.availability.state, self.replaced_by
        is_over = state in (State.PAST, State.NONE)
        if self.availability.takes_registrations:
            label = gettext("Join the waiting list") if self.availability.joins_waitlist else gettext("Register")
            return Action("register", label, reverse("events:registration_form", args=[self.event.slug]))
        if state == State.REPLACED and replacement:
            return Action("replaced", gettext("See what replaces it"), replacement.get_absolute_url())
        if is_over and self.recording:
            return Action("watch", gettext("Watch the recording"), f"#recording-{self.recording.pk}")
        if is_over and self.transcript:
            address = reverse("events:transcript_detail", args=[self.event.slug, self.transcript.pk])
            return Action("read", gettext("Read the transcript"), address)
        return None


def event_view(event: Event, *, now: datetime.datetime) -> EventView:
    """The view of an event loaded by `prefetch_for_page`. At most one query, for the seats."""
    parts = list(event.parts.all())
    answers = availability_of(parts, now=now)
    hosting = [role for role in event.roles.all() if role.role in EventOrganization.HOSTING_ROLES]
    places = [role.organization.place for role in hosting if role.organization.place]
    views = [
        PartView(part, answers[part.pk], local_times(part), times_elsewhere(part, places), has_calendar_entry(part))
        for part in parts
    ]
    return EventView(event, views, event_availability(event, answers), now)


def agenda_guests(item: AgendaItem) -> list[Guest]:
    """Who appears in an item loaded by `prefetch_for_page`, without who is not published."""
    guests = []
    for appearance in item.appearances.all():
        added = vars(appearance)  # the columns that the query adds are no fields
        person = appearance.person if added["person_is_visible"] else None
        organization = appearance.organization if added["organization_is_visible"] else None
        if person or organization:
            guests.append(Guest(person, organization, appearance.title_then, appearance.get_role_display()))
    return guests


def prefetch_for_page(events: EventQuerySet, now: datetime.datetime) -> EventQuerySet:
    """The events with all that their pages read, in a number of queries that does not depend on how much there is."""
    organizations = Organization.objects.published(now)
    appearances = Appearance.objects.select_related("person", "organization").annotate(
        person_is_visible=Q(person__in=Person.objects.published(now)),
        organization_is_visible=Q(organization__in=organizations),
    )
    agenda = AgendaItem.objects.prefetch_related(
        Prefetch("appearances", appearances), Prefetch("cases", BestPractice.objects.published(now))
    )
    transcripts = Transcript.objects.published(now).annotate_has_words().annotate_is_timed()
    parts = Part.objects.order_by("number").prefetch_related(
        Prefetch("agenda", agenda),
        Prefetch("recordings", Recording.objects.published(now).select_related("language")),
        Prefetch("transcripts", transcripts.select_related("language")),
        Prefetch("handouts", Handout.objects.published(now).select_related("language")),
    )
    roles = EventOrganization.objects.filter(organization__in=organizations).select_related("organization__place")
    other_events = Event.objects.published(now).with_span().prefetch_related("parts")
    other_events = other_events.order_by("earliest", "pk")  # type: ignore[misc]  # with_span adds `earliest`
    return events.select_related("series", "initiative", "place", "audience_network", "replaced_by").prefetch_related(
        Prefetch("parts", parts),
        Prefetch("roles", roles),
        "audience_sectors",
        "topics",
        "spoken_languages",
        "interpreted_languages",
        Prefetch("follows", other_events),
        Prefetch("followed_by", other_events),
        Prefetch("replaces", other_events),
    )
