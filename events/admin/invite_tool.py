"""The tool by which staff invites those who came, or a list of addresses: shows whom, then does it."""

import dataclasses
import datetime
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Exists, OuterRef, prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

from organizations.form_fields import country_choices
from organizations.models import Sector

from ..domain.address_list import MAX_BYTES, UnreadableFileError, read_addresses
from ..domain.invitation import (
    Addressee,
    SkipReason,
    invitations_closed_reason,
    invite,
    latest_expiry,
    plan_invitations,
)
from ..domain.past_participants import Criteria, filter_consenting, past_participants
from ..models import Event, Part, Registration, Series
from .preview_tool import LOOK, EventTool, ToolRefusedError

PAST, FILE = "past", "file"
MAX_VALIDITY = datetime.timedelta(days=366)


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
            if not self.now < ends <= self.now + MAX_VALIDITY:
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
        else:
            try:
                self.addressees, self.bad_lines = read_addresses(data["file"].read(MAX_BYTES + 1))
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


class InviteTool(EventTool[InviteForm]):
    """Invites people to an event. What was seen is who is invited, why we may write to them, and until when."""

    name, url_path, permission = "invite", "invite", "events.add_invitation"
    title = _("Invite past participants")
    form_template = "admin/events/invite.html"
    preview_template = "admin/events/invite_preview.html"
    seen_max_age = 3600
    stale_message = _("It was looked at too long ago, so nothing was sent. Choose again.")

    def make_form(self) -> InviteForm:
        """The form. Confirming sends none, since a browser does not send a file twice."""
        prefetch_related_objects([self.event], "parts")
        self.closed_reason = invitations_closed_reason(self.event, now=self.now)
        is_sent = self.step == LOOK and not self.closed_reason
        return InviteForm(
            self.request.POST if is_sent else None,
            self.request.FILES if is_sent else None,
            event=self.event,
            now=self.now,
            initial={"expires_on": _last_day(self.event, self.now)},
        )

    def fieldsets(self, form: InviteForm) -> list:
        """The two sources of addresses."""
        return FIELDSETS

    def form_context(self, form: InviteForm) -> dict:
        """The form, or why nobody can be invited, with the address of the event's invitations."""
        own = {"closed_reason": self.closed_reason, "invitations_url": self._invitations_url()}
        return {**super().form_context(form), **own}

    def describe(self, form: InviteForm) -> dict:
        """Who is invited, and how many are left out, by reason."""
        selection = plan_invitations(event=self.event, addressees=form.addressees, now=self.now)
        left_out = [(str(reason.label), selection.skipped[reason]) for reason in SkipReason]
        left_out.append((gettext("Did not agree to invitations"), form.without_consent))
        data = form.cleaned_data
        return {
            "seen": {
                "source": data["source"],
                "basis": data["basis"].strip() if data["source"] == FILE else "",
                "expires": data["expires_at"].timestamp(),
                "addressees": [dataclasses.astuple(each)[:2] for each in selection.addressees],
            },
            "addressees": selection.addressees,
            "count": len(selection.addressees),
            "left_out": [(label, count) for label, count in left_out if count],
            "bad_lines": form.bad_lines,
            "expires_at": data["expires_at"],
        }

    def carry_out(self, form: InviteForm) -> HttpResponse:
        """Invite those who were seen and still may be, and go to the event's invitations."""
        seen = self.seen
        if self.closed_reason:
            raise ToolRefusedError
        if seen["expires"] <= self.now.timestamp():
            raise ToolRefusedError(self.stale_message)
        addressees = [Addressee(*row) for row in seen["addressees"]]
        if seen["source"] == PAST:
            addressees = filter_consenting(addressees)
        expires_at = datetime.datetime.fromtimestamp(seen["expires"], datetime.UTC)
        made = invite(event=self.event, addressees=addressees, expires_at=expires_at, now=self.now)
        count = len(made.addressees)
        said = ngettext("%(count)s invitation is on its way.", "%(count)s invitations are on their way.", count)
        said %= {"count": count}
        self.model_admin.log_change(self.request, self.event, f"{said} {seen['basis']}".strip())
        messages.add_message(self.request, messages.SUCCESS if count else messages.WARNING, said)
        return redirect(self._invitations_url())

    def _invitations_url(self) -> str:
        query = urlencode({"event__id__exact": self.event.pk})
        return f"{reverse('admin:events_invitation_changelist')}?{query}"


def _last_day(event, now):
    """The day, at the secretariat, on which the last part begins; a month from now where no start is known."""
    starts = [part.starts_at for part in event.parts.all() if part.starts_at and part.starts_at > now]
    last = max(starts, default=now + datetime.timedelta(days=30))
    return last.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
