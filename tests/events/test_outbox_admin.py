"""The outbox as staff sees it: every mail in words, whom it goes to, and never what only the receiver may have."""

import re

import pytest
import time_machine
from django.urls import reverse

from events.domain.invitation import Addressee, invite
from events.domain.registration import cancel, send_personal_link
from events.domain.seat import confirm_over_capacity
from events.emails import queue_reminders
from events.models import Invitation
from tests.factories.events import EventFactory, PartFactory
from tests.factories.registrations import registered
from tests.moments import DAY, NOW
from wego_portal.foundation import outbox
from wego_portal.foundation.models import OutboxMail

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

LIST = reverse("admin:foundation_outboxmail_changelist")


def test_each_kind_of_mail_has_a_name():
    assert len(outbox.kinds()) >= 14
    assert all(str(words) != kind for kind, words in outbox.kinds() if kind != "test")


def test_a_mail_is_named_in_words_and_leads_to_whom_it_goes_to(registrar, mailoutbox):
    event = EventFactory()
    part = PartFactory(event=event, capacity=1)
    registered(part, now=NOW, number=1)
    waiting = registered(part, now=NOW, number=2)
    seat = confirm_over_capacity(seat=waiting.seats.get(), now=NOW)
    queue_reminders("day", part, [(seat.pk, waiting.pk)], until=part.starts_at, now=NOW)
    invite(event=event, addressees=[Addressee("mayor@city.example")], expires_at=NOW + DAY, now=NOW)
    outbox.send_due(now=NOW)
    assert len(mailoutbox) == 5
    invitation = Invitation.objects.get()
    to_waiting = reverse("admin:events_registration_change", args=[waiting.pk])
    to_invited = reverse("admin:events_invitation_change", args=[invitation.pk])
    wanted = {
        "registration_received": ("Registration received", to_waiting),
        "seat_granted": ("Place granted", to_waiting),
        "reminder": ("Reminder", to_waiting),
        "invitation": ("Invitation", to_invited),
    }
    shown = registrar.get(LIST).content.decode()
    for kind, (words, receiver) in wanted.items():
        mail = OutboxMail.objects.filter(kind=kind).order_by("pk").last()
        page = registrar.get(reverse("admin:foundation_outboxmail_change", args=[mail.pk])).content.decode()
        for each in (shown, page):
            assert words in each
            assert f'href="{receiver}"' in each
            assert "city.example" not in each
            assert waiting.reference not in each
            assert invitation.reference not in each
        found = registrar.get(LIST, {"kind": kind})
        assert {row.kind for row in found.context["cl"].result_list} == {kind}


def test_the_list_says_when_a_mail_left_or_is_tried_next(registrar):
    registered(PartFactory(), now=NOW)

    def shown():
        return re.search(r"field-sent_or_due[^>]*>([^<]*)<", registrar.get(LIST).content.decode())[1]

    OutboxMail.objects.update(send_after=NOW + DAY)
    assert shown() == "Nov. 24, 2026, 6 p.m."
    OutboxMail.objects.update(state="sent", sent_at=NOW + 2 * DAY)
    assert shown() == "Nov. 25, 2026, 6 p.m."
    OutboxMail.objects.update(state="failed", sent_at=None)
    assert shown() == "-"


def test_a_registration_shows_the_mails_about_it(registrar):
    part = PartFactory(capacity=1)
    registration, next_on_waitlist = registered(part, now=NOW, number=1), registered(part, now=NOW, number=2)
    outbox.send_due(now=NOW)
    with time_machine.travel(NOW + DAY, tick=False):
        send_personal_link(registration=registration, now=NOW + DAY)
        cancel(registration=registration, now=NOW + DAY)
    OutboxMail.objects.filter(kind="registration_link").update(state="failed", error="SMTPRecipientsRefused 550")
    page = registrar.get(reverse("admin:events_registration_change", args=[registration.pk])).content.decode()
    words = [">Places cancelled</a>", ">Personal link</a>", ">Registration received</a>"]
    assert sorted(words, key=page.index) == words
    assert "24 November 2026, 18:00, Seoul time: Failed for good SMTPRecipientsRefused 550" in page
    assert "Confirmed from the waiting list" not in page
    page = registrar.get(reverse("admin:events_registration_change", args=[next_on_waitlist.pk])).content.decode()
    assert ">Confirmed from the waiting list</a>" in page
    OutboxMail.objects.all().delete()
    page = registrar.get(reverse("admin:events_registration_change", args=[registration.pk])).content.decode()
    assert "None within the last thirty days." in page
