"""The page with who came to an event, in numbers."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.admin_bases import AdminBase

from ..domain.attendance_report import MIN_GROUP_SIZE, attendance_groups
from ..models import Event

TABLE_TITLES = {"sector": _("By sector"), "country": _("By country"), "organization": _("By organization")}


class AttendanceReportAdminMixin(AdminBase):
    """For the admin of events: the page of the report, and the read-only field `attendance` that links to it."""

    def get_urls(self) -> list[URLPattern]:
        """Also the page of the report."""
        view = self.admin_site.admin_view(self.attendance_report_view)
        return [path("<int:pk>/counts/", view, name="events_event_attendance_report"), *super().get_urls()]

    def attendance_report_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The report of one event, for those who may view the event."""
        event = get_object_or_404(Event, pk=pk)
        if not self.has_view_permission(request, event):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Who came: %(event)s") % {"event": event},
            "event": event,
            "opts": self.opts,
            "min_group_size": MIN_GROUP_SIZE,
            "tables": [(TABLE_TITLES[name], groups) for name, groups in attendance_groups(event).items()],
        }
        return TemplateResponse(request, "admin/events/event/attendance_report.html", context)

    @admin.display(description=_("who came"))
    def attendance(self, event: Event) -> str:
        """A link to the report."""
        if event.pk is None:
            return "-"
        address = reverse("admin:events_event_attendance_report", args=[event.pk])
        return format_html('<a href="{}">{}</a>', address, gettext("Numbers by sector, country and organization"))
