"""The tool by which staff invites those who came, or a list of addresses: shows whom, then does it."""

import dataclasses
import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.admin.helpers import AdminForm
from django.contrib.admin.utils import unquote
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, prefetch_related_objects
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from organizations.models import Sector
from wego_portal.foundation.admin_bases import AdminBase

from ..country_field import country_choices
from ..domain.address_list import MAX_BYTES, UnreadableFileError, read_addresses
from ..domain.invitation import (
    Addressee,
    OmissionReason,
    invitations_closed_reason,
    invite,
    latest_expiry,
    plan_invitations,
)
from ..domain.past_participants import Criteria, keep_consenting, past_participants
from ..models import Event, Part, Registration, Series

PAST, FILE = "past", "file"
SEEN_SALT, SEEN_FOR = "events.inviting", 3600  # seconds between looking and doing
MAX_FILL_TIME = datetime.timedelta(days=366)


class InviteForm(forms.Form):
    """Whom to invite to an event, and until when. `expires_on` is a day at the secretariat."""

    source = forms.ChoiceField(
        label=_("Whom to invite"),
        choices=[(PAST, _("Those who had a place at past events")), (FILE, _("Addresses from a file"))],
        widget=forms.RadioSelect,
        initial=PAST,
    )
    expires_on = forms.DateField(
        label=_("Valid until the end of"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("At the latest until the last part starts."),
    )
    series = forms.ModelMultipleChoiceField(label=_("Series"), queryset=Series.objects.all(), required=False)
    events = forms.ModelMultipleChoiceField(label=_("Events"), queryset=Event.objects.none(), required=False)
    sectors = forms.MultipleChoiceField(label=_("Sectors"), choices=Sector.choices, required=False)
    countries = forms.MultipleChoiceField(label=_("Countries"), required=False)
    organization = forms.CharField(
        label=_("Organization"), max_length=200, required=False, help_text=_("Part of the name they gave.")
    )
    attended = forms.ChoiceField(
        label=_("Who"),
        choices=[("", _("Who had a place")), ("yes", _("Who came")), ("no", _("Who missed it"))],
        required=False,
    )
    file = forms.FileField(
        label=_("File (CSV)"),
        required=False,
        help_text=_("The first line names the columns: email, and if wanted language (en, ja, ko) and name."),
    )
    basis = forms.CharField(
        label=_("Why we may write to them"),
        max_length=300,
        required=False,
        help_text=_("Such as “delegates named to us by the ministry”. Kept in the log of the event; name nobody."),
    )

    def __init__(self, *args, event, now, **kwargs):
        super().__init__(*args, **kwargs)
        self.event, self.now, self.bad_lines = event, now, []
        over = Event.objects.filter(Exists(Part.objects.filter(event=OuterRef("pk"), latest__lte=now)))
        over = over.filter(pk__in=Registration.objects.values("event")).exclude(pk=event.pk)
        self.fields["events"].queryset = over
        self.fields["countries"].choices = country_choices(get_language())

    def clean_expires_on(self):
        day = self.cleaned_data["expires_on"]
        try:
            ends = datetime.datetime.combine(day, datetime.time(23, 59, 59), ZoneInfo(settings.TIME_ZONE))
            if not self.now < ends <= self.now + MAX_FILL_TIME:
                raise OverflowError
        except OverflowError:
            raise forms.ValidationError(gettext("Choose a day from today on, within a year."))
        self.cleaned_data["expires_at"] = latest_expiry(self.event, ends)
        return day

    def clean(self):
        """The addressees, in the order in which they are shown, or what is wrong with the file."""
        data = super().clean()
        if self.errors:
            return data
        if data["source"] == PAST:
            if data["file"]:
                self.add_error("source", gettext("A file is chosen below. Choose that here, or take the file away."))
            attended = {"yes": True, "no": False}.get(data["attended"])
            names = ("series", "events", "sectors", "countries", "organization")
            criteria = Criteria(attended=attended, **{name: data[name] for name in names})
            self.addressees, self.without_consent = past_participants(criteria, event=self.event, now=self.now)
        else:
            self._clean_file(data)
        return data

    def _clean_file(self, data):
        self.addressees, self.without_consent = [], 0
        if not data["basis"].strip():
            self.add_error("basis", gettext("Say why we may write to these people; without it nothing is sent."))
        if not data["file"]:
            self.add_error("file", gettext("Choose the file."))
        elif data["file"].size > MAX_BYTES:
            self.add_error("file", gettext("The file is larger than 1 MB."))
        else:
            try:
                self.addressees, self.bad_lines = read_addresses(data["file"].read())
            except UnreadableFileError as error:
                self.add_error("file", str(error))


FIELDSETS = [
    (None, {"fields": ["source", "expires_on"]}),
    (
        _("Those who had a place at past events"),
        {
            "fields": ["series", "events", "sectors", "countries", "organization", "attended"],
            "description": _("Only who agreed to later invitations. What is left empty does not matter."),
        },
    ),
    (_("Addresses from a file"), {"fields": ["file", "basis"]}),
]


class InviteToolAdminMixin(AdminBase):
    """For the admin of events: the tool's page, to who may add invitations."""

    def get_urls(self):
        """The tool beside the pages of the admin."""
        page = self.admin_site.admin_view(self.invite_view)
        return [path("<path:object_id>/invite/", page, name="events_event_invite"), *super().get_urls()]

    def invite_view(self, request, object_id):
        """The form, then whom it would invite, then the deed, to those who were seen. Only that changes anything."""
        event = self.get_object(request, unquote(object_id))
        if event is None:
            raise Http404
        if not request.user.has_perm("events.add_invitation"):
            raise PermissionDenied
        prefetch_related_objects([event], "parts")
        now = timezone.now()
        why_not = invitations_closed_reason(event, now=now)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": event,
            "title": gettext("Invite past participants"),
            "subtitle": str(event),
            "why_not": why_not,
            "invitations": _list_of(event),
        }
        step = request.POST.get("do")
        if step == "confirm" and not why_not:
            done = self._invited(request, event, now)
            if done:
                return done
        looking = step == "look"
        form = InviteForm(
            request.POST if looking else None,
            request.FILES if looking else None,
            event=event,
            now=now,
            initial={"expires_on": _last_day(event, now)},
        )
        if looking and not why_not and form.is_valid():
            return TemplateResponse(request, "admin/events/invite_preview.html", context | _preview(form, event, now))
        context["adminform"] = AdminForm(form, FIELDSETS, {})
        context["errors"] = form.errors
        return TemplateResponse(request, "admin/events/invite.html", context)

    def _invited(self, request, event, now):
        """The answer to the deed; None where what was seen is too old, has ended meanwhile, or is of another event."""
        try:
            seen = signing.loads(request.POST.get("seen", ""), salt=SEEN_SALT, max_age=SEEN_FOR)
        except signing.BadSignature:
            seen = {}
        if seen.get("event") != event.pk or seen["expires"] <= now.timestamp():
            messages.error(request, gettext("It was looked at too long ago, so nothing was sent. Choose again."))
            return None
        addressees = [Addressee(*row) for row in seen["addressees"]]
        if seen["source"] == PAST:
            addressees = keep_consenting(addressees)
        expires_at = datetime.datetime.fromtimestamp(seen["expires"], datetime.UTC)
        made = invite(event=event, addressees=addressees, expires_at=expires_at, now=now)
        count = len(made.addressees)
        said = ngettext("%(count)s invitation is on its way.", "%(count)s invitations are on their way.", count)
        said %= {"count": count}
        self.log_change(request, event, f"{said} {seen['basis']}".strip())
        self.message_user(request, said, messages.SUCCESS if count else messages.WARNING)
        return redirect(_list_of(event))


def _last_day(event, now):
    """The day, at the secretariat, on which the last part begins; a month from now where no start is known."""
    starts = [part.starts_at for part in event.parts.all() if part.starts_at and part.starts_at > now]
    last = max(starts, default=now + datetime.timedelta(days=30))
    return last.astimezone(ZoneInfo(settings.TIME_ZONE)).date()


def _list_of(event):
    query = urlencode({"event__id__exact": event.pk})
    return f"{reverse('admin:events_invitation_changelist')}?{query}"


def _preview(form, event, now):
    selection = plan_invitations(event=event, addressees=form.addressees, now=now)
    left_out = [(label, selection.left_out[reason]) for reason, label in OmissionReason.choices]
    left_out.append((gettext("Did not agree to invitations"), form.without_consent))
    data = form.cleaned_data
    seen = {
        "event": event.pk,
        "source": data["source"],
        "basis": data["basis"].strip() if data["source"] == FILE else "",
        "expires": data["expires_at"].timestamp(),
        "addressees": [dataclasses.astuple(each)[:2] for each in selection.addressees],
    }
    return {
        "addressees": selection.addressees,
        "count": len(selection.addressees),
        "left_out": [(label, count) for label, count in left_out if count],
        "bad_lines": form.bad_lines,
        "expires_at": data["expires_at"],
        "seen": signing.dumps(seen, salt=SEEN_SALT, compress=True),
    }
