"""The initiatives and the page of each: stages, projects at each stage, resources by topic."""

from itertools import groupby

from django.db.models import Prefetch
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from wego_portal.foundation.collation import collation_key
from wego_portal.foundation.pages import page_of
from wego_portal.foundation.slugs import get_by_slug

from ..models import Initiative, Organization, Project, Resource


@require_safe
def initiative_list(request):
    """All initiatives in the order that staff gave them."""
    now = timezone.now()
    listed = Initiative.objects.published(now).prefetch_related(
        Prefetch("lead", Organization.objects.published(now)), "stages"
    )
    page = page_of(listed, request)
    return render(request, "organizations/initiative_list.html", {"page_obj": page})


@require_safe
def initiative_detail(request, slug):
    """One initiative. Organizations that are not published are left out wherever they stand."""
    now = timezone.now()
    visible = Organization.objects.published(now)
    shown = get_by_slug(Initiative.objects.published(now).prefetch_related(Prefetch("lead", visible)), slug)
    projects = list(
        Project.objects.published(now)
        .filter(initiative=shown)
        .prefetch_related(Prefetch("city", visible), Prefetch("partners", visible))
        .order_by("-year", "pk")
    )
    stages = list(shown.stages.all())
    for stage in stages:
        stage.shown_projects = [project for project in projects if project.stage_id == stage.pk]
    resources = Resource.objects.published(now).filter(initiative=shown).select_related("topic", "language")
    return render(
        request,
        "organizations/initiative_detail.html",
        {
            "initiative": shown,
            "stages": stages,
            "projects_without_stage": [project for project in projects if project.stage_id is None],
            "projects_count": len(projects),
            "resources_by_topic": resources_by_topic(resources),
            "supports": visible.filter(supporting_initiatives=shown).order_by("slug"),
        },
    )


def resources_by_topic(resources):
    """[(topic, resources)], the newest first within a topic; those without a topic stand last, under None."""
    ordered = sorted(resources, key=lambda each: each.date.toordinal() if each.date else 0, reverse=True)
    ordered.sort(key=lambda each: (each.topic is None, collation_key(each.topic.name) if each.topic else ()))
    return [(topic, list(rows)) for topic, rows in groupby(ordered, key=lambda each: each.topic)]
