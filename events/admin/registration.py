from django.contrib import admin, messages
from django.db.models import Prefetch, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from wego_portal.foundation.admin import register_recipient_link
from wego_portal.foundation.content_admin import AddressSearchMixin
from wego_portal.foundation.models import OutboxMail

from ..domain.part_times import date_words, moment_words
from ..domain.privacy import erase_registration
from ..domain.registration import cancellable_seats, send_personal_link
from ..models import Registration, Seat
from .export import ExportAdminMixin, RegistrationResource
from .mixins import LockPartsAdminMixin
from .question import AnswerInline
from .seat_cancellation import SeatCancellationTool

register_recipient_link("registration", "admin:events_registration_change", _("Registration %(number)s"))


class SeatInline(admin.TabularInline):
    """The seats, to look at: they change only by the actions, which keep places and waitlist right."""

    model = Seat
    extra = 0
    can_delete = False
    fields = readonly_fields = (
        "part_words",
        "standing",
        "position",
        "hold_expires_at",
        "over_capacity",
        "reason",
        "changed_at",
    )
    verbose_name_plural = _("seats (to cancel them, use the actions of the list)")

    def get_queryset(self, request):
        """Seats with their parts and positions on the waitlist."""
        return super().get_queryset(request).with_position().select_related("part__event").order_by("part__number")

    def has_add_permission(self, request, obj=None):
        return False

    @admin.display(description=_("part"))
    def part_words(self, seat):
        """Number and date of the part."""
        return f"{seat.part.number}, {date_words(seat.part)}"

    @admin.display(description=_("state"))
    def standing(self, seat):
        """The state, and that it was released where the address was not confirmed in time."""
        return seat.staff_text

    @admin.display(description=_("position on the waiting list"))
    def position(self, seat):
        """As the registrant reads it: 1 is next."""
        return seat.position


@admin.register(Registration)
class RegistrationAdmin(AddressSearchMixin, LockPartsAdminMixin, ExportAdminMixin, admin.ModelAdmin):
    """Who registered for what. Details can be corrected; seats are cancelled by an action, as the registrant would."""

    resource_classes = [RegistrationResource]
    list_display = ["name", "organization_name", "country", "sector", "event_title", "places", "registered_at"]
    list_filter = [("event", admin.RelatedOnlyFieldListFilter), "seats__state", "sector", "language", "country"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["folded_name__contains", "contact__email", "folded_organization__contains"]
    search_help_text = _("Name, email address or organization.")
    date_hierarchy = "registered_at"
    ordering = ["-registered_at", "-pk"]
    autocomplete_fields = ["organization"]
    readonly_fields = [
        "event",
        "contact",
        "privacy_consent_at",
        "privacy_consent_text",
        "registered_at",
        "changed_at",
        "address_verified_at",
        "e_mail",
        "later_parts",
        "request",
        "mails",
    ]
    inlines = [SeatInline, AnswerInline]
    actions = ["cancel_all", "send_the_link", "replace_the_link"]
    fieldsets = [
        (None, {"fields": ["event", "name", ("e_mail", "contact"), "address_verified_at", "position"]}),
        (_("Organization"), {"fields": ["organization_name", "organization", ("sector", "country")]}),
        (_("Wishes"), {"fields": ["request", "later_parts"]}),
        (_("Mails"), {"fields": ["language", "mails"]}),
        (
            _("Consent and times"),
            {
                "classes": ["collapse"],
                "fields": ["privacy_consent_text", "privacy_consent_at", "registered_at", "changed_at"],
            },
        ),
    ]

    def get_queryset(self, request):
        """Registrations with their seats and parts; what is left of those who were erased only counts."""
        seats = Seat.objects.with_position().select_related("part").order_by("part__number")
        registrations = super().get_queryset(request).filter(erased_at__isnull=True)
        registrations = registrations.select_related("contact", "event")
        registrations = registrations.annotate(may_see_mails=Value(request.user.has_perm("foundation.view_outboxmail")))
        return registrations.prefetch_related(Prefetch("seats", seats))

    def has_add_permission(self, request):
        """Everybody registers by the form, so that places are counted and consent is theirs."""
        return False

    def get_deleted_objects(self, objs, request):
        """What the page before deleting says: the seats that are cancelled with it."""
        seats = Seat.objects.with_position().filter(registration__in=objs)
        seats = cancellable_seats(seats, now=timezone.now())
        return [f"{seat.part}: {seat.staff_text}" for seat in seats], {}, set(), []

    def delete_model(self, request, obj):
        """Erase it as the registrant would: the next on the waitlist gets the place, and the counts stay."""
        erase_registration(registration=obj, now=timezone.now())

    def get_actions(self, request):
        """Without deleting many at once, which would promote nobody from the waitlist."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def save_model(self, request, obj, form, change):
        """A correction by staff, with its time."""
        obj.changed_at = timezone.now()
        super().save_model(request, obj, form, change)

    @admin.display(description=_("event"), ordering="event")
    def event_title(self, registration):
        """The event, in a column that wraps."""
        return str(registration.event)

    @admin.display(description=_("email"))
    def e_mail(self, registration):
        """The address mails go to; it identifies the registration and stays."""
        return registration.contact.email

    @admin.display(description=_("mails about it"))
    def mails(self, registration):
        """What went or goes to the registrant, the newest first, each leading to the outbox."""
        if not registration.may_see_mails:
            return "-"
        mails = OutboxMail.objects.filter(parameters__registration=registration.pk).order_by("-created_at", "-pk")
        rows = [
            (
                reverse("admin:foundation_outboxmail_change", args=[mail.pk]),
                mail.kind_label,
                moment_words(mail.sent_at or mail.created_at),
                " ".join(filter(None, [mail.get_state_display(), mail.error])),
            )
            for mail in mails
        ]
        return format_html_join(mark_safe("<br>"), '<a href="{}">{}</a>, {}: {}', rows) or gettext(
            "None within the last thirty days."
        )

    @admin.display(description=_("seats"))
    def places(self, registration):
        """Each part with its state."""
        rows = [(seat.part.number, seat.staff_text) for seat in registration.seats.all()]
        return format_html_join(", ", "{}: {}", rows)

    @admin.action(permissions=["change"], description=_("Cancel the selected registrations…"))
    def cancel_all(self, request, queryset):
        """Cancel all seats that can be, after a preview; the first on the waitlist get the places."""
        seats = Seat.objects.with_position().filter(registration__in=queryset.order_by())
        return SeatCancellationTool(
            self,
            request,
            action="cancel_all",
            title=_("Cancel registrations"),
            seats=seats,
            later_parts_of=queryset.filter(later_parts=True),
        ).respond()

    @admin.action(permissions=["change"], description=_("Send the personal link again"))
    def send_the_link(self, request, queryset):
        """Mail the link once more; staff never sees it."""
        self._send(request, queryset, is_new=False)

    @admin.action(
        permissions=["change"], description=_("Make a new personal link, so that the old one ends, and send it")
    )
    def replace_the_link(self, request, queryset):
        """For a link that came into wrong hands."""
        self._send(request, queryset, is_new=True)

    def _send(self, request, queryset, is_new):
        count = 0
        for registration in queryset:
            send_personal_link(registration=registration, now=timezone.now(), is_new=is_new)
            self.log_change(request, registration, gettext("Personal link sent."))
            count += 1
        said = ngettext("%(count)s mail is on its way.", "%(count)s mails are on their way.", count)
        self.message_user(request, said % {"count": count}, messages.SUCCESS)
