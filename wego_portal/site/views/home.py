from django.shortcuts import render
from django.utils import timezone

from events.domain.availability import State
from events.domain.event_list import UPCOMING, listed, rows_of, with_what_rows_show
from events.domain.part_times import other_clocks, own_clock
from events.domain.recordings import RECORDINGS, TRANSCRIPTS, watchable, with_what_cards_show
from events.models import Event, Part, Story
from organizations.models import Initiative, Place

from ..membership_map import cities, listed_here, members, network_with_pilot_cities, reported_figures

MOST_AHEAD, MOST_WATCHED, MOST_INITIATIVES, MOST_STORIES = 6, 3, 4, 3
OFF = (State.CANCELLED, State.POSTPONED, State.REPLACED)


def home(request):
    """The next event with its clocks, what is coming, what can be watched, the network, initiatives and news."""
    now = timezone.now()
    ahead = with_what_rows_show(listed(Event.objects.published(now), UPCOMING, now), now)
    rows = rows_of(ahead[:MOST_AHEAD], now=now)
    upcoming = next((row for row in rows if row.availability.state not in OFF), None)
    to_watch, to_read = (watchable(Part.objects.all(), now, what=what) for what in (RECORDINGS, TRANSCRIPTS))
    network = list(members(now))
    context = {
        "upcoming": upcoming,
        "clocks": _clocks(upcoming),
        "rows": [row for row in rows if row is not upcoming],
        "watchable": with_what_cards_show(to_watch | to_read, now)[:MOST_WATCHED],
        "cities": cities(network),
        "pilots": network_with_pilot_cities(now),
        "listed": listed_here(now),
        "figures": reported_figures(now),
        "initiatives": list(Initiative.objects.published(now).prefetch_related("stages")[:MOST_INITIATIVES]),
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
