"""A fixture with the addresses of every public form."""

import datetime

import pytest
import time_machine

from events.domain.invitation import Addressee, invite
from events.models import Invitation, Question
from tests.factories.events import YES_OR_NO, EventFactory, PartFactory, QuestionFactory
from tests.factories.registrations import registered
from tests.moments import NOW


@pytest.fixture
def form_addresses(db):
    """An event that asks for everything, with the addresses of all pages that bear a form: {name: address}."""
    with time_machine.travel(NOW, tick=False):
        event = EventFactory(with_part=True)
        PartFactory(event=event)
        for kind in Question.Kind:
            choices = () if kind == Question.Kind.TEXT else YES_OR_NO
            QuestionFactory(event=event, kind=kind, label_en="Why?", choices=choices)
        registration = registered(event.parts.first(), now=NOW)
        expires_at = NOW + datetime.timedelta(days=1)
        invite(event=event, addressees=[Addressee("a@city.example", "en")], expires_at=expires_at, now=NOW)
        yield {
            "RegistrationForm": f"/events/{event.slug}/register/",
            "ChangeForm": f"/registrations/{registration.token}/",
            "InvitedAddressForm": f"/invitations/{Invitation.objects.get().token}/",
            "LostLinkForm": "/registrations/lost-link/",
            "InquiryForm": "/membership/",
            "LoginForm": "/admin/login/",
        }
