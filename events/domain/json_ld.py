"""Events and news for machines: schema.org's Event and NewsArticle as JSON-LD, no more precise than what is known.

What is returned here is printed by the template tag `json_ld`.
"""

from zoneinfo import ZoneInfo

from django.conf import settings

from organizations.models import Organization

from ..models import Event, Part, Series, Story
from .availability import State
from .event_page import EventView, Guest, PartView
from .part_times import iso_start

Data = dict[str, object]  # texts, numbers, lists and dicts of these

MODES: dict[str, str] = {
    Event.Mode.ONLINE: "OnlineEventAttendanceMode",
    Event.Mode.ONSITE: "OfflineEventAttendanceMode",
    Event.Mode.HYBRID: "MixedEventAttendanceMode",
}
STATUS: dict[str, str] = {
    Part.Status.CANCELLED: "EventCancelled",
    Part.Status.REPLACED: "EventCancelled",
    Part.Status.POSTPONED: "EventPostponed",
}
PUBLISHER = {"@type": "Organization", "name": "World Smart Sustainable Cities Organization (WeGO)"}


def event_json_ld(view: EventView, *, picture: str = "") -> Data:
    """An EventView as schema.org's Event. `picture` is a full address."""
    event = view.event
    address = settings.SITE_URL + event.get_absolute_url()
    data: Data = {"@type": "Event", "@id": address, "url": address, "name": event.title}
    data |= _shared(view, address)
    data |= {
        "description": event.summary,
        "image": picture,
        "organizer": [_organization(organization) for organization in view.hosts],
        "performer": [_guest(guest) for guest in view.speakers],
        "inLanguage": [language.code for language in event.spoken_languages.all()],
        "isAccessibleForFree": True if event.takes_registrations else None,
        "offers": _offer(view, address),
        "superEvent": _series(view.series),
    }
    if view.parts:
        first = min(view.parts, key=lambda one: one.part.earliest).part
        last = max(view.parts, key=lambda one: one.part.latest).part
        data |= {"startDate": iso_start(first), "endDate": _iso_end(last), "eventStatus": _event_status(view)}
    if len(view.parts) == 1:
        data |= _capacity(view.parts[0]) | {"eventSchedule": _schedule(view.parts[0].part)}
    else:
        data["subEvent"] = [_part(one, view, address) for one in view.parts]
    return _without_unknown(data)


def story_json_ld(story: Story) -> Data:
    """A story as schema.org's NewsArticle. Its events and organizations are those that are prefetched: published."""
    data: Data = {
        "@type": "NewsArticle",
        "headline": str(story.title),
        "inLanguage": story.title.language,
        "datePublished": story.dateline_date,
        "dateModified": max(story.updated_at, story.public_since),
        "url": settings.SITE_URL + story.get_absolute_url(),
        "publisher": PUBLISHER,
        "author": PUBLISHER,
        "description": str(story.summary),
        "image": [settings.SITE_URL + picture.picture.url for picture in story.pictures.all()],
        "contentLocation": story.dateline_place and {"@type": "Place", "name": str(story.dateline_place)},
        "about": [_subject("Event", event.title, event) for event in story.events.all()]
        + [_subject("Organization", body.name, body) for body in story.organizations.all()],
    }
    return _without_unknown(data)


def _subject(kind: str, name: str, thing: Event | Organization) -> dict[str, str]:
    return {"@type": kind, "name": str(name), "url": settings.SITE_URL + thing.get_absolute_url()}


def _part(one: PartView, view: EventView, address: str) -> Data:
    part = one.part
    name = part.title or f"{view.event.title}, {part.number}"
    return _without_unknown(
        {
            "@type": "Event",
            "name": name,
            "url": f"{address}#part-{part.number}",
            "description": part.summary,
            "startDate": iso_start(part),
            "endDate": _iso_end(part),
            "eventSchedule": _schedule(part),
            "eventStatus": _status(part),
        }
        | _shared(view, address)
        | _capacity(one)
    )


def _shared(view: EventView, address: str) -> Data:
    event = view.event
    places: list[Data] = []
    if event.mode in (Event.Mode.ONLINE, Event.Mode.HYBRID):
        places.append({"@type": "VirtualLocation", "url": address})
    if event.mode != Event.Mode.ONLINE and (event.venue or event.place):
        places.append(_place(event))
    mode = MODES.get(event.mode)
    return {
        "eventAttendanceMode": mode and f"https://schema.org/{mode}",
        "location": places[0] if len(places) == 1 else places,
    }


def _place(event: Event) -> Data:
    place = event.place
    city = place and {
        "@type": "PostalAddress",
        "addressLocality": place.name,
        "addressCountry": place.country.code,
    }
    return _without_unknown({"@type": "Place", "name": event.venue or (place and place.name), "address": city})


def _capacity(one: PartView) -> Data:
    left = one.availability.places_left
    return {} if left is None else {"maximumAttendeeCapacity": one.part.capacity, "remainingAttendeeCapacity": left}


def _offer(view: EventView, address: str) -> Data | None:
    """Taking part is free; `availability` tells whether somebody can still register."""
    state = view.availability.state
    stock = "InStock" if state in (State.OPEN, State.AUDIENCE) else "SoldOut"
    if state == State.NOT_YET_OPEN:
        stock = "PreOrder"
    elif state not in (State.OPEN, State.AUDIENCE, State.WAITING_LIST, State.FULL, State.CLOSED):
        return None
    opens_at = view.availability.opens_at
    return _without_unknown(
        {
            "@type": "Offer",
            "price": "0",
            "priceCurrency": "USD",
            "url": address,
            "availability": f"https://schema.org/{stock}",
            "validFrom": opens_at and opens_at.isoformat(),
        }
    )


def _organization(organization: Organization) -> Data:
    return _without_unknown({"@type": "Organization", "name": organization.name, "url": organization.website})


def _guest(guest: Guest) -> Data:
    works_for = _organization(guest.organization) if guest.organization else None
    if guest.person is None and works_for:
        return works_for
    return _without_unknown({"@type": "Person", "name": guest.name, "jobTitle": guest.title, "worksFor": works_for})


def _series(series: Series | None) -> Data | None:
    if series is None:
        return None
    return {"@type": "EventSeries", "name": series.title, "url": settings.SITE_URL + series.get_absolute_url()}


def _schedule(part: Part) -> Data | None:
    """The hours of each day as schema.org's Schedule; None where there are none, since start and end suffice then."""
    if not (part.has_daily_hours and part.end_date and part.start_time and part.end_time):
        return None
    return _without_unknown(
        {
            "@type": "Schedule",
            "repeatFrequency": "P1D",
            "startDate": part.date.isoformat(),
            "endDate": part.end_date.isoformat(),
            "startTime": part.start_time.isoformat("minutes"),
            "endTime": part.end_time.isoformat("minutes"),
            "scheduleTimezone": part.time_zone,
        }
    )


def _iso_end(part: Part) -> str | None:
    if part.ends_at:
        return part.ends_at.astimezone(ZoneInfo(part.time_zone)).isoformat(timespec="minutes")
    return part.end_date.isoformat() if part.end_date else None


def _status(part: Part) -> str:
    return f"https://schema.org/{STATUS.get(part.status, 'EventScheduled')}"


def _event_status(view: EventView) -> str:
    """Scheduled if any part is, since an event has one state here and people should come to that part."""
    states = {_status(one.part) for one in view.parts}
    scheduled = "https://schema.org/EventScheduled"
    return scheduled if scheduled in states or len(states) > 1 else states.pop()


def _without_unknown(data: Data) -> Data:
    return {key: value for key, value in data.items() if value not in ("", None, [])}
