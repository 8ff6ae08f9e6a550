"""The time zones that the admin suggests in a field for one."""

from django import template
from django.db.models import Count

from organizations.models import Place
from wego_portal.foundation.time_zones import all_zones, zone_city

register = template.Library()


@register.inclusion_tag("admin/events/time_zones.html")
def time_zone_list():
    """All zones with their cities, for fields that name this list; those of most of WeGO's places first. One query."""
    places = Place.objects.exclude(time_zone="").order_by().values("time_zone").annotate(count=Count("pk"))
    used = places.order_by("-count", "time_zone").values_list("time_zone", flat=True)
    names = dict.fromkeys([*(name for name in used if name in all_zones()), *all_zones()])
    return {"zones": [(name, zone_city(name)) for name in names]}
