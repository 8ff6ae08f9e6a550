import dataclasses

from django.db.models import Exists, OuterRef, Prefetch
from django.shortcuts import render
from django.utils import timezone

from events.domain.availability import State
from events.domain.clock import other_clocks, own_clock
from events.domain.listing import ALL, UPCOMING, listed, rows_of, with_what_rows_show
from events.models import Event, Part, Recording, Story, Transcript
from organizations.models import Initiative, Place

from ..network import cities, listed_here, members, network_with_pilot_cities, reported_figures

MOST_AHEAD, MOST_WATCHED, MOST_INITIATIVES, MOST_STORIES = 6, 3, 4, 3
OFF = (State.CANCELLED, State.POSTPONED, State.REPLACED)


@dataclasses.dataclass(frozen=True)
class Watchable:
    """An event with something to watch or read."""

    event: Event
    part: Part | None
    recordings: list[Recording]
    transcripts: list[Transcript]


def home(request):
    """The next event with its clocks, what is coming, what can be watched, the network, initiatives and news."""
    now = timezone.now()
    ahead = with_what_rows_show(listed(Event.objects.published(now), UPCOMING, now), now)
    rows = rows_of(ahead[:MOST_AHEAD], now=now)
    upcoming = next((row for row in rows if row.availability.state not in OFF), None)
    network = list(members(now))
    context = {
        "upcoming": upcoming,
        "clocks": _clocks(upcoming),
        "rows": [row for row in rows if row is not upcoming],
        "watchables": _watchables(now),
        "cities": cities(network),
        "pilots": network_with_pilot_cities(now),
        "listed": listed_here(now),
        "figures": reported_figures(now),
        "initiatives": Initiative.objects.published(now).prefetch_related("stages")[:MOST_INITIATIVES],
        "stories": Story.objects.published(now).prefetch_related("pictures")[:MOST_STORIES],
    }
    return render(request, "site/home.html", context)


def _clocks(row):
    """The clock of the event's own zone, then those of its hosts' cities where it is another hour."""
    own = row and row.part and own_clock(row.part)
    if not own:
        return []
    places = Place.objects.filter(organizations__in=row.hosts).exclude(time_zone="").distinct()
    return [own, *other_clocks(row.part, places)]


def _watchables(now):
    """The newest events with a recording or a transcript, in four queries."""
    recordings = Recording.objects.published(now).available()
    transcripts = Transcript.objects.published(now)
    of_event = {"part__event": OuterRef("pk")}
    events = (
        listed(Event.objects.published(now), ALL, now)
        .filter(Exists(recordings.filter(**of_event)) | Exists(transcripts.filter(**of_event)))
        .prefetch_related(
            Prefetch("parts", Part.objects.order_by("number")),
            Prefetch("parts__recordings", recordings, to_attr="shown_recordings"),
            Prefetch("parts__transcripts", transcripts.select_related("language"), to_attr="shown_transcripts"),
        )[:MOST_WATCHED]
    )
    return [_watchable(event) for event in events]


def _watchable(event):
    parts = list(event.parts.all())
    return Watchable(
        event=event,
        part=parts[0] if parts else None,
        recordings=[recording for part in parts for recording in part.shown_recordings],
        transcripts=[transcript for part in parts for transcript in part.shown_transcripts],
    )
