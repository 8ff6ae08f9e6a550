"""Events as other pages show them: of an organization, an initiative, a case. Published ones only.

Organizations know nothing of events, so their pages ask here. The number of queries is the same for any number of rows.
"""

import dataclasses

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode

from wego_portal.foundation.templatetags.portal import join_items, lang_attr

from ..domain.event_list import ALL, EventRow, build_rows, listed_events, prefetch_for_list
from ..models import Event, EventOrganization

MAX_ROWS = 12  # shown on a page; the rest is a link away
register = template.Library()


@dataclasses.dataclass(frozen=True)
class Group:
    """Rows under a heading."""

    label: str
    rows: list[EventRow]


@register.inclusion_tag("events/_rows.html")
def event_rows(events, heading="h3"):
    """The events of a queryset of published events, in its order, as rows under a heading one level above `heading`."""
    now = timezone.now()
    return {"rows": build_rows(prefetch_for_list(events, now), now=now), "heading": heading}


@register.inclusion_tag("events/_events_of.html")
def events_of_organization(organization):
    """The organization's events by its role in them, the newest first; an event stands under its first role only."""
    now = timezone.now()
    events = Event.objects.published(now).filter(roles__organization=organization).distinct()
    rows, more = _newest(events, now)
    roles = {}
    own_roles = EventOrganization.objects.filter(organization=organization, event__in=[row.event.pk for row in rows])
    for event, role in own_roles.values_list("event", "role"):
        roles.setdefault(event, set()).add(role)
    groups = {role: Group(role.label, []) for role in EventOrganization.Role}
    for row in rows:
        first = next(role for role in groups if role in roles[row.event.pk])
        groups[first].rows.append(row)
    return {
        "groups": [group for group in groups.values() if group.rows],
        "by_role": True,
        "heading": "h4",
        "more": more and _list_address(organizer=organization.slug),
    }


@register.inclusion_tag("events/_events_of.html")
def events_of_initiative(initiative):
    """The events of an initiative, the newest first."""
    now = timezone.now()
    rows, more = _newest(Event.objects.published(now).filter(initiative=initiative), now)
    return _one_group(rows, more and _list_address(initiative=initiative.slug))


@register.inclusion_tag("events/_events_of.html")
def events_of_case(case):
    """The events in whose agenda a best practice was shown, the newest first."""
    now = timezone.now()
    rows, _more = _newest(Event.objects.published(now).filter(parts__agenda__cases=case).distinct(), now)
    return _one_group(rows, "")


@register.inclusion_tag("events/_events_of.html")
def events_of_topic(topic):
    """The events on a topic, the newest first."""
    now = timezone.now()
    rows, more = _newest(Event.objects.published(now).filter(topics=topic), now)
    return _one_group(rows, more and _list_address(topic=topic.slug))


def _newest(events, now):
    """(the newest rows, whether there are more)."""
    found = build_rows(prefetch_for_list(listed_events(events, ALL, now), now)[: MAX_ROWS + 1], now=now)
    return found[:MAX_ROWS], len(found) > MAX_ROWS


def _one_group(rows, more):
    return {"groups": [Group("", rows)] if rows else [], "by_role": False, "heading": "h3", "more": more}


def _list_address(**filters):
    return f"{reverse('events:event_list')}?{urlencode({'when': ALL, **filters})}"


@register.simple_tag
def topic_links(topics):
    """A link to the list of all events of each topic, joined in the page's language."""
    rows = ((_list_address(topic=topic.slug), lang_attr(topic.name), topic.name) for topic in topics)
    return join_items(*(format_html('<a href="{}"{}>{}</a>', *row) for row in rows))
