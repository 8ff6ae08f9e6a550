"""The filters of lists. Options are what published rows have; nothing unpublished can be found."""

import datetime
from collections.abc import Iterable, Mapping

import django_filters
from django import forms
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django_countries import countries

from organizations.models import Initiative, Language, Organization, Person, Topic
from wego_portal.foundation.collation import collation_key
from wego_portal.foundation.fold import folded_contains
from wego_portal.foundation.list_filters import ListFilter, OptionFilter, SearchFilter, search_words
from wego_portal.foundation.publication import published_q

from .domain.event_list import ALL, PAST, UPCOMING
from .domain.recordings import RECORDINGS, TRANSCRIPTS, parts_to_watch
from .models import AgendaItem, Appearance, Cue, Event, EventOrganization, Part, Recording, Series, Story, Transcript

ORGANIZING = [role for role in EventOrganization.Role if role != EventOrganization.Role.OBSERVER]


class CheckboxFilter(django_filters.Filter):
    """A tick box: filters when it is ticked, and does nothing otherwise."""

    field_class = forms.BooleanField


class EventFilter(ListFilter):
    """Text, kind, topic, organizer, series, initiative, country, language, year and recording, all combined.

    `when` is checked here but chosen by the view, which counts the others' result in each of its values.
    """

    unknown_option = _("There are no events with “%(value)s” here, so this filter was left out.")

    q = SearchFilter(label=_("Search"), method="by_text")
    when = OptionFilter(label=_("When"), method="leave", empty_label=None, widget=forms.HiddenInput)
    kind = OptionFilter(label=_("Kind"), choices=Event.Kind, empty_label=_("All kinds"))
    topic = OptionFilter(label=_("Topic"), method="by_topic", empty_label=_("All topics"))
    organizer = OptionFilter(label=_("Organized with"), method="by_organizer", empty_label=_("Anyone"))
    series = OptionFilter(label=_("Series"), field_name="series__slug", empty_label=_("All series"))
    initiative = OptionFilter(label=_("Initiative"), field_name="initiative__slug", empty_label=_("All initiatives"))
    country = OptionFilter(label=_("Country"), method="by_country", empty_label=_("All countries"))
    language = OptionFilter(label=_("Language"), method="by_language", empty_label=_("All languages"))
    year = OptionFilter(label=_("Year"), method="by_year", empty_label=_("All years"))
    recording = CheckboxFilter(label=_("With recording"), method="by_recording")

    class Meta:
        model = Event
        fields: list[str] = []

    def __init__(self, data: Mapping[str, str] | None, queryset: QuerySet[Event], *, now: datetime.datetime) -> None:
        super().__init__(data, queryset, now=now)
        whens = [(UPCOMING, _("Upcoming")), (PAST, _("Past")), (ALL, _("All dates"))]
        self.offer("when", whens, _("“%(value)s” is none of upcoming, past and all, so what is upcoming is shown."))
        # What exists decides what is offered, independent of the other filters: an address stays valid.
        visible = Event.objects.published(now)
        organizers = Organization.objects.published(now).filter(
            event_roles__role__in=ORGANIZING, event_roles__event__in=visible
        )
        spoken = Language.objects.filter(Q(events_spoken__in=visible) | Q(events_interpreted__in=visible))
        self.offer("topic", _named(Topic.objects.filter(events__in=visible).distinct(), "slug", "name"))
        self.offer("organizer", _named(organizers.distinct(), "slug", "name"))
        self.offer("series", _named(Series.objects.published(now).filter(events__in=visible).distinct()))
        self.offer("initiative", _named(Initiative.objects.published(now).filter(events__in=visible).distinct()))
        self.offer("language", _named(spoken.distinct(), "code", "name"))
        self.offer("country", _countries_of(visible))
        self.offer("year", _years_of(Part.objects.filter(event__in=visible)))

    def leave(self, events: QuerySet[Event], _name: str, _value: str) -> QuerySet[Event]:
        """The view chooses the time."""
        return events

    def by_text(self, events: QuerySet[Event], _name: str, value: str) -> QuerySet[Event]:
        """Every word stands somewhere in the event: in any language, and in the names of who and what is published."""
        for word in search_words(value):
            events = events.filter(self._has_word(word))
        return events

    def _has_word(self, word: str) -> Q:
        organizations = Organization.objects.published(self.now).filter(
            folded_contains(word) | folded_contains(word, "aliases__folded")
        )
        people = Person.objects.published(self.now).filter(folded_contains(word))
        appearances = Appearance.objects.filter(Q(person__in=people) | Q(organization__in=organizations))
        return (
            folded_contains(word)
            | folded_contains(word, "place__folded")
            | Q(series__in=Series.objects.published(self.now).filter(folded_contains(word)))
            | Q(pk__in=Topic.objects.filter(folded_contains(word)).values("events"))
            | Q(pk__in=EventOrganization.objects.filter(organization__in=organizations).values("event"))
            | Q(pk__in=Part.objects.filter(folded_contains(word)).values("event"))
            | Q(pk__in=AgendaItem.objects.filter(folded_contains(word)).values("part__event"))
            | Q(pk__in=appearances.values("item__part__event"))
        )

    def by_topic(self, events: QuerySet[Event], _name: str, value: str) -> QuerySet[Event]:
        """Events on the topic."""
        return events.filter(pk__in=Event.topics.through.objects.filter(topic__slug=value).values("event"))

    def by_organizer(self, events: QuerySet[Event], _name: str, value: str) -> QuerySet[Event]:
        """Events that the organization runs or supports; listed observers are no organizers."""
        roles = EventOrganization.objects.filter(organization__slug=value, role__in=ORGANIZING)
        return events.filter(pk__in=roles.values("event"))

    def by_country(self, events: QuerySet[Event], _name: str, value: str) -> QuerySet[Event]:
        """Events that take place in the country or are held for it. Codes of two letters cannot overlap in the list."""
        return events.filter(Q(place__country=value) | Q(audience_countries__contains=value))

    def by_language(self, events: QuerySet[Event], _name: str, value: str) -> QuerySet[Event]:
        """Events spoken in the language or interpreted into it."""
        spoken = Event.spoken_languages.through.objects.filter(language__code=value)
        interpreted = Event.interpreted_languages.through.objects.filter(language__code=value)
        return events.filter(Q(pk__in=spoken.values("event")) | Q(pk__in=interpreted.values("event")))

    def by_year(self, events: QuerySet[Event], _name: str, value: str) -> QuerySet[Event]:
        """Events with a part in the year."""
        return events.filter(pk__in=Part.objects.filter(in_year_q(value)).values("event"))

    def by_recording(self, events: QuerySet[Event], _name: str, value: bool) -> QuerySet[Event]:
        """Events with a recording that can be watched."""
        return events.filter(recorded_q(self.now)) if value else events


class RecordingFilter(ListFilter):
    """Parts of which something can be watched or read, by text with the words said, series, topic, language and year.

    `what` and `language` are checked here but applied by `parts_to_watch`, since both are about the same recording.
    """

    unknown_option = _("There is nothing with “%(value)s” here, so this filter was left out.")

    q = SearchFilter(label=_("Search what was said"), method="by_text")
    what = OptionFilter(label=_("What"), method="leave", empty_label=_("Everything"))
    series = OptionFilter(label=_("Series"), field_name="event__series__slug", empty_label=_("All series"))
    topic = OptionFilter(label=_("Topic"), method="by_topic", empty_label=_("All topics"))
    language = OptionFilter(label=_("Language"), method="leave", empty_label=_("All languages"))
    year = OptionFilter(label=_("Year"), method="by_year", empty_label=_("All years"))

    class Meta:
        model = Part
        fields: list[str] = []

    def __init__(self, data: Mapping[str, str] | None, *, now: datetime.datetime) -> None:
        everything = parts_to_watch(Part.objects.all(), now)
        super().__init__(data, Part.objects.all(), now=now)
        events = Event.objects.filter(parts__in=everything)
        recorded = Language.objects.filter(recordings__in=Recording.objects.published(now))
        written = Language.objects.filter(transcripts__in=Transcript.objects.published(now))
        self.offer("what", [(RECORDINGS, _("Recordings to watch")), (TRANSCRIPTS, _("Transcripts to read"))])
        self.offer("series", _named(Series.objects.published(now).filter(events__in=events).distinct()))
        self.offer("topic", _named(Topic.objects.filter(events__in=events).distinct(), "slug", "name"))
        self.offer("language", _named((recorded | written).distinct(), "code", "name"))
        self.offer("year", _years_of(everything))

    def leave(self, parts: QuerySet[Part], _name: str, _value: str) -> QuerySet[Part]:
        """The view applies it by `parts_to_watch`."""
        return parts

    def by_year(self, parts: QuerySet[Part], _name: str, value: str) -> QuerySet[Part]:
        """Parts with a day in the year."""
        return parts.filter(in_year_q(value))

    def by_topic(self, parts: QuerySet[Part], _name: str, value: str) -> QuerySet[Part]:
        """Parts of events on the topic."""
        return parts.filter(event__in=Event.topics.through.objects.filter(topic__slug=value).values("event"))

    def by_text(self, parts: QuerySet[Part], _name: str, value: str) -> QuerySet[Part]:
        """Every word stands in the titles, in the name of who is published and appeared, or was said."""
        for word in search_words(value):
            people = Person.objects.published(self.now).filter(folded_contains(word))
            series = Series.objects.published(self.now).filter(folded_contains(word))
            recordings = Recording.objects.published(self.now).filter(folded_contains(word))
            cues = Cue.objects.filter(
                folded_contains(word) | folded_contains(word, "folded_speaker"),
                transcript__in=Transcript.objects.published(self.now),
            )
            parts = parts.filter(
                folded_contains(word)
                | folded_contains(word, "event__folded")
                | Q(event__series__in=series)
                | Q(pk__in=recordings.values("part"))
                | Q(pk__in=AgendaItem.objects.filter(folded_contains(word)).values("part"))
                | Q(pk__in=Appearance.objects.filter(person__in=people).values("item__part"))
                | Q(pk__in=cues.values("transcript__part"))
            )
        return parts


class StoryFilter(ListFilter):
    """News by text, topic, organization and year, all combined."""

    unknown_option = _("There is no news with “%(value)s” here, so this filter was left out.")

    q = SearchFilter(label=_("Search"), method="by_text")
    topic = OptionFilter(label=_("Topic"), method="by_topic", empty_label=_("All topics"))
    organization = OptionFilter(
        label=pgettext_lazy("what news is about", "Organization"),
        method="by_organization",
        empty_label=_("All organizations"),
    )
    year = OptionFilter(label=_("Year"), field_name="dateline_date__year", empty_label=_("All years"))

    class Meta:
        model = Story
        fields: list[str] = []

    def __init__(self, data: Mapping[str, str] | None, *, now: datetime.datetime) -> None:
        visible = Story.objects.published(now)
        super().__init__(data, visible, now=now)
        organizations = Organization.objects.published(now).filter(stories__in=visible).distinct()
        years = visible.order_by("-dateline_date__year").values_list("dateline_date__year", flat=True).distinct()
        self.offer("topic", _named(Topic.objects.filter(stories__in=visible).distinct(), "slug", "name"))
        self.offer("organization", _named(organizations, "slug", "name"))
        self.offer("year", [(str(year), str(year)) for year in years])

    def by_text(self, stories: QuerySet[Story], _name: str, value: str) -> QuerySet[Story]:
        """Every word stands in the title, the summary, the text or the dateline, in any language."""
        for word in search_words(value):
            stories = stories.filter(folded_contains(word))
        return stories

    def by_topic(self, stories: QuerySet[Story], _name: str, value: str) -> QuerySet[Story]:
        """News on the topic."""
        return stories.filter(pk__in=Story.topics.through.objects.filter(topic__slug=value).values("story"))

    def by_organization(self, stories: QuerySet[Story], _name: str, value: str) -> QuerySet[Story]:
        """News about the organization."""
        about = Story.organizations.through.objects.filter(organization__slug=value)
        return stories.filter(pk__in=about.values("story"))


def in_year_q(year: str) -> Q:
    """The condition that a part has a day in the year: a meeting over New Year has days in two."""
    return Q(date__year=year) | Q(date__year__lt=year, end_date__year__gte=year)


def recorded_q(now: datetime.datetime) -> Q:
    """The condition that an event has a published recording that can be watched at the aware datetime `now`."""
    return Q(pk__in=Recording.objects.published(now).available().values("part__event"))


def _years_of(parts: QuerySet[Part]) -> list[tuple[str, str]]:
    """Options of the years in which parts begin or end, the newest first."""
    pairs = parts.order_by().values_list("date__year", "end_date__year").distinct()
    return [(str(year), str(year)) for year in sorted({year for pair in pairs for year in pair if year}, reverse=True)]


def _named(rows: Iterable[Model], key: str = "slug", name: str = "title") -> list[tuple[str, str]]:
    """Options sorted as the reader reads them."""
    options = ((getattr(row, key), str(getattr(row, name))) for row in rows)
    return sorted(options, key=lambda option: collation_key(option[1]))


def _countries_of(events: QuerySet[Event]) -> list[tuple[str, str]]:
    codes: set[str] = set()
    pairs = events.order_by().values_list("place__country", "audience_countries").distinct()
    for place, audience in pairs:
        codes.update([str(place or ""), *str(audience or "").split(",")])
    return sorted(((code, countries.name(code)) for code in codes - {""}), key=lambda option: option[1])


class RoleFilter(OptionFilter):
    """Organizations by their role at published events. This app's config puts it into the directory."""

    def __init__(self) -> None:
        super().__init__(label=_("Role at events"), choices=EventOrganization.Role, empty_label=_("Any role"))

    def filter(self, organizations: QuerySet[Organization], value: str) -> QuerySet[Organization]:
        """Those with the role; all of them where none is asked for."""
        if not value:
            return organizations
        roles = EventOrganization.objects.filter(published_q(self.parent.now, "event__"), role=value)
        return organizations.filter(pk__in=roles.values("organization"))
