"""When a part is, in words and as a tile. Every hour is said with its place; what is not known is left out."""

from django import template
from django.utils.dates import MONTHS_3
from django.utils.html import format_html
from django.utils.translation import gettext

from wego_portal.foundation.partial_dates import Precision
from wego_portal.foundation.templatetags.portal import in_its_language

from ..domain import part_times

register = template.Library()


@register.filter
def date_words(part):
    """The part's known date: "July 2020", "Monday 6 July 2020"; "" where there is no part."""
    return part_times.date_words(part) if part else ""


@register.filter
def hour_words(part):
    """The part's known hours with their place: "15:00 to 16:30, Seoul time", or ""."""
    return part_times.hour_words(part)


@register.filter
def date_and_hour_words(part):
    """The part's date, and its hours if they are known, in one text."""
    date, hours = part_times.date_words(part), part_times.hour_words(part)
    return gettext("%(date)s, %(hours)s") % {"date": date, "hours": hours} if hours else date


@register.filter
def part_title(part):
    """The number of a part, and its title where it has one: "Part 1: What we tried"."""
    number = gettext("Part %(number)s") % {"number": part.number}
    return format_html("{}{}{}", number, gettext(": "), in_its_language(part.title)) if part.title else number


@register.filter
def moment_words(moment):
    """An aware datetime in the secretariat's zone, with its place."""
    return part_times.moment_words(moment)


@register.filter
def opening_words(opens_at, part):
    """When the part's room can be entered, in the event's own zone: "10 December 2026, 14:30, Seoul time"."""
    return part_times.opening_words(part, opens_at)


@register.filter
def hold_expires_at_words(seat):
    """By when the address of a seat has to be confirmed, in its part's own zone; "" where it need not be."""
    return part_times.moment_words_in_part_zone(seat.part, seat.hold_expires_at) if seat.hold_expires_at else ""


@register.filter
def iso_start(part):
    """The value of a `datetime` attribute, as precise as is known."""
    return part_times.iso_start(part)


@register.filter
def part_when(part):
    """Date and hours of a part in a time element, as precise as is known."""
    words = date_and_hour_words(part)
    return format_html('<time datetime="{}">{}</time>', part_times.iso_start(part), words)


@register.filter
def date_of_part(part):
    """The date of a part in a time element, without its hours."""
    return format_html('<time datetime="{}">{}</time>', part.date.isoformat(), part_times.date_words(part))


@register.inclusion_tag("events/_date.html")
def date_tile(part):
    """A small leaf of a calendar that shows no more than is known."""
    if part is None:
        return {"part": None}
    day = str(part.date.day) if part.precision in (Precision.DAY, Precision.MINUTE) else ""
    ends_same_month = part.end_date and part.end_date.timetuple()[:2] == part.date.timetuple()[:2]
    if day and ends_same_month and part.end_date != part.date:
        day = f"{day}–{part.end_date.day}"
    return {
        "part": part,
        "iso": part_times.iso_start(part),
        "year": part.date.year,
        "month": "" if part.precision == Precision.YEAR else str(MONTHS_3[part.date.month]).capitalize(),
        "day": day,
    }


@register.filter
def as_webcal(address):
    """The address under the scheme by which devices open their calendar and subscribe."""
    return "webcal:" + address.partition(":")[2]
