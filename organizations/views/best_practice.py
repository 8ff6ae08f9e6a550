"""What cities did and what came of it."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from wego_portal.foundation.pages import page_of
from wego_portal.foundation.slugs import get_by_slug

from ..filters import BestPracticeFilter
from ..models import BestPractice


@require_safe
def best_practice_list(request):
    """Cases, filtered by words, city and topic."""
    now = timezone.now()
    cases = BestPracticeFilter(request.GET, BestPractice.objects.published(now), now=now)
    found = cases.qs.select_related("city__place").prefetch_related("topics")
    page = page_of(found, request, cases.form)
    return render(request, "organizations/best_practice_list.html", {"filter": cases, "page_obj": page})


@require_safe
def best_practice_detail(request, slug):
    """One case, and others of the same city."""
    now = timezone.now()
    published = BestPractice.objects.published(now)
    shown = get_by_slug(published.select_related("city__place"), slug)
    return render(
        request,
        "organizations/best_practice_detail.html",
        {
            "case": shown,
            "topics": shown.topics.all(),
            "others": published.filter(city=shown.city_id).exclude(pk=shown.pk)[:6],
        },
    )
