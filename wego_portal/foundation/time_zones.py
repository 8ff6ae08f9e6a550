"""The city by which a time zone is named to readers: a time is always said with its place, never with an abbreviation.

Here because pages, mails and lists of both apps show clocks.
"""

import functools
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
    "UTC": _("Coordinated Universal Time"),
}

# What the IANA database calls areas; other names in it are old ones, or no clock of any place.
AREAS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


@functools.cache
def all_zones():
    """The IANA names of the zones of all places on earth, in alphabetical order."""
    return sorted(name for name in available_timezones() if name.split("/")[0] in AREAS)


def zone_city(zone_name):
    """The city that names the zone (IANA name), in the active language where it is known; "" for no zone."""
    if zone_name in CITIES:
        return str(CITIES[zone_name])
    return zone_name.rpartition("/")[2].replace("_", " ")
