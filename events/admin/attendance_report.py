from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ..domain.attendance_report import SMALLEST_GROUP, attendance_groups


class AttendanceReportAdminMixin:
    """For the admin of events: a page with who came, in numbers without persons, that outlasts the registrations."""

    def get_urls(self):
        """Also the page of counts."""
        address = path("<int:pk>/counts/", self.admin_site.admin_view(self.counts_page), name="events_event_counts")
        return [address, *super().get_urls()]

    def counts_page(self, request, pk):
        """The counts of one event, to look at."""
        event = get_object_or_404(self.model, pk=pk)
        if not self.has_view_permission(request, event):
            raise PermissionDenied
        titles = {"sector": _("By sector"), "country": _("By country"), "organization": _("By organization")}
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Who came: %(event)s") % {"event": event},
            "event": event,
            "opts": self.opts,
            "smallest": SMALLEST_GROUP,
            "tables": [(titles[name], groups) for name, groups in attendance_groups(event).items()],
        }
        return TemplateResponse(request, "admin/events/event/counts.html", context)

    @admin.display(description=_("who came"))
    def counts(self, event):
        """A link to the page of counts."""
        if event.pk is None:
            return "-"
        address = reverse("admin:events_event_counts", args=[event.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("Numbers by sector, country and organization"))
