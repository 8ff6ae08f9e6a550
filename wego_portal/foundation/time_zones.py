"""Which time zones can be chosen, and the city by which one is named to readers: a time is always said with its place.

Here because places (organizations) and parts (events) have zones, and pages, mails and lists of both apps show clocks.
"""

import functools
import importlib.resources
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _

# The zones of the network's cities, translatable; any other zone is named by the last part of its IANA name.
CITIES = {
    "Asia/Almaty": _("Almaty"),
    "Asia/Bangkok": _("Bangkok"),
    "Asia/Brunei": _("Brunei"),
    "Asia/Dubai": _("Dubai"),
    "Asia/Hong_Kong": _("Hong Kong"),
    "Asia/Ho_Chi_Minh": _("Ho Chi Minh City"),
    "Asia/Jakarta": _("Jakarta"),
    "Asia/Kolkata": _("Kolkata"),
    "Asia/Kuala_Lumpur": _("Kuala Lumpur"),
    "Asia/Makassar": _("Makassar"),
    "Asia/Manila": _("Manila"),
    "Asia/Phnom_Penh": _("Phnom Penh"),
    "Asia/Seoul": _("Seoul"),
    "Asia/Shanghai": _("Beijing and Shanghai"),
    "Asia/Singapore": _("Singapore"),
    "Asia/Taipei": _("Taipei"),
    "Asia/Tokyo": _("Tokyo"),
    "Asia/Ulaanbaatar": _("Ulaanbaatar"),
    "Asia/Vientiane": _("Vientiane"),
    "Asia/Yangon": _("Yangon"),
    "Europe/Istanbul": _("Istanbul"),
    "Europe/Kyiv": _("Kyiv"),
    "Europe/London": _("London"),
    "Europe/Moscow": _("Moscow"),
    "Europe/Paris": _("Paris"),
    "America/Bogota": _("Bogotá"),
    "America/Mexico_City": _("Mexico City"),
    "America/New_York": _("New York"),
    "Africa/Johannesburg": _("Johannesburg"),
}

UTC = "UTC"

# What the IANA database calls areas. Of its other names some are old ones of places (Japan, US/Pacific), and some no
# clock of any place: offsets with the sign turned round (Etc/GMT+9 is nine hours behind), abbreviations without summer
# time (EST), and "localtime", which is another zone on another machine.
AREAS = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")

# Abbreviations are in the IANA database as links to a place of today, which nobody meant who wrote them.
ABBREVIATIONS = {"CET", "EET", "EST", "HST", "MET", "MST", "WET"}


@functools.cache
def all_zones() -> list[str]:
    """The names that can be chosen: UTC, and the IANA names of the zones of all places, in alphabetical order."""
    return sorted(name for name in available_timezones() if name == UTC or name.split("/")[0] in AREAS)


@functools.cache
def places_of_old_names() -> dict[str, str]:
    """{old name: name that can be chosen} for what the IANA database links: Japan is Asia/Tokyo, Etc/GMT is UTC.

    For migrations of data. What is missing here means no one place, so somebody has to say which.
    """
    database = (importlib.resources.files("tzdata.zoneinfo") / "tzdata.zi").read_text()
    rows = [line.split() for line in database.splitlines()]
    links = {row[2]: row[1] for row in rows if row[0] == "L"}
    links["Iceland"] = "Atlantic/Reykjavik"  # linked to Abidjan, whose clock is the same
    links |= {name: UTC for name, target in links.items() if target in ("Etc/UTC", "Etc/GMT")}
    links |= {"Etc/UTC": UTC, "Etc/GMT": UTC}
    known = set(all_zones())
    return {
        name: target
        for name, target in links.items()
        if name not in known and target in known and name not in ABBREVIATIONS
    }


def zone_city(zone_name: str) -> str:
    """The city that names the zone (IANA name), in the active language where it is known; "" for no zone."""
    if zone_name in CITIES:
        return str(CITIES[zone_name])
    return zone_name.rpartition("/")[2].replace("_", " ")
