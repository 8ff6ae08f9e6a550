from django.shortcuts import render
from django.utils import timezone

from events.domain.availability import State
from events.domain.event_list import UPCOMING, build_rows, listed_events, prefetch_for_list
from events.domain.part_times import local_times, times_elsewhere
from events.domain.recordings import RECORDINGS, TRANSCRIPTS, parts_to_watch, prefetch_for_cards
from events.models import Event, Part, Story
from organizations.models import Initiative, Place

from ..membership_map import (
    active_members,
    cities_on_map,
    directory_counts,
    network_with_pilot_cities,
    reported_figures,
)

MAX_UPCOMING, MAX_WATCHABLE, MAX_INITIATIVES, MAX_STORIES = 6, 3, 4, 3
NOT_TAKING_PLACE = (State.CANCELLED, State.POSTPONED, State.REPLACED)


def home(request):
    """The next event with its clocks, what is coming, what can be watched, the network, initiatives and news."""
    now = timezone.now()
    ahead = prefetch_for_list(listed_events(Event.objects.published(now), UPCOMING, now), now)
    rows = build_rows(ahead[:MAX_UPCOMING], now=now)
    upcoming = next((row for row in rows if row.availability.state not in NOT_TAKING_PLACE), None)
    to_watch, to_read = (parts_to_watch(Part.objects.all(), now, what=what) for what in (RECORDINGS, TRANSCRIPTS))
    network = list(active_members(now))
    context = {
        "upcoming": upcoming,
        "clocks": _clocks(upcoming),
        "rows": [row for row in rows if row is not upcoming],
        "watchable": prefetch_for_cards(to_watch | to_read, now)[:MAX_WATCHABLE],
        "cities": cities_on_map(network),
        "pilots": network_with_pilot_cities(now),
        "directory_counts": directory_counts(now),
        "figures": reported_figures(now),
        "initiatives": list(Initiative.objects.published(now).prefetch_related("stages")[:MAX_INITIATIVES]),
        "stories": Story.objects.published(now).prefetch_related("pictures")[:MAX_STORIES],
    }
    return render(request, "site/home.html", context)


def _clocks(row):
    """The clock of the event's own zone, then those of its hosts' cities where it is another hour."""
    own = row and row.part and local_times(row.part)
    if not own:
        return []
    places = Place.objects.filter(organizations__in=row.hosts).exclude(time_zone="").distinct()
    return [own, *times_elsewhere(row.part, places)]
