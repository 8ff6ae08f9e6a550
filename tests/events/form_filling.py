"""Filling in the registration form as a browser does, and reading what a page says."""

import datetime
import re

import html5lib
from django.utils import timezone

from wego_portal.foundation.abuse_guard import stamp

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


def filled_in(response, name):
    """What a browser sends of the form of a page that has a field of this name, if nothing is changed."""
    page = html5lib.parse(response.content.decode(), namespaceHTMLElements=False)
    (form,) = [each for each in page.iter("form") if any(field.get("name") == name for field in each.iter("input"))]
    sent = {}
    for field in form.iter():
        if field.get("name") is None or field.get("disabled") is not None:
            continue
        if field.tag == "textarea":
            sent[field.get("name")] = field.text or ""
        elif field.tag == "select":
            chosen = [option.get("value") for option in field.iter("option") if option.get("selected") is not None]
            sent[field.get("name")] = chosen or ""
        elif field.tag == "input" and (
            field.get("type") not in ("checkbox", "radio") or field.get("checked") is not None
        ):
            sent.setdefault(field.get("name"), []).append(field.get("value", "on"))
    return sent
