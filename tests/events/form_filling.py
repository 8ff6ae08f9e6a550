"""Filling in the registration form as a browser does, and reading what a page says."""

import datetime
import re

from django.utils import timezone

from wego_portal.foundation.guarded_form import stamp

TYPED = {
    "parts": ["1"],
    "name": "Observer 1",
    "email": "observer1@city.example",
    "organization_name": "City of Example",
    "sector": "municipal",
    "country": "JP",
    "position": "",
    "language": "en",
    "privacy": "on",
}


def form_of(event):
    return f"/events/{event.slug}/register/"


def fetched():
    """The hidden field of a form that was fetched a minute ago."""
    return {"stamp": stamp(timezone.now() - datetime.timedelta(minutes=1))}


def send(client, event, follow=False, extra=None, **typed):
    return client.post(form_of(event), {**TYPED, **fetched(), **typed}, follow=follow, **(extra or {}))


def text(response):
    """What a reader reads of a page, on one line."""
    content = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", content).split())
