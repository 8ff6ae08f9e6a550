"""News about an object, for its page. Organizations know nothing of news, so their pages ask here."""

from django import template
from django.utils import timezone

from organizations.models import Initiative, Organization

from ..models import Event, Story

MAX_STORIES = 6
register = template.Library()
RELATIONS = {Organization: "organizations", Initiative: "initiatives", Event: "events"}


@register.inclusion_tag("events/_stories_of.html")
def stories_of(thing, heading="h2"):
    """The six newest published articles about an organization, an initiative or an event, in two queries."""
    relation = RELATIONS[type(thing)]
    stories = (
        Story.objects.published(timezone.now()).filter(**{relation: thing}).prefetch_related("pictures")[:MAX_STORIES]
    )
    return {"stories": list(stories), "heading": heading}
