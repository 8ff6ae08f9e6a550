"""What the tool that reschedules, postpones and cancels parts sends, and its two steps."""

import re

from django.urls import reverse


def reschedule_url(event):
    return reverse("admin:events_event_reschedule", args=[event.pk])


def reschedule_data(client, event, **changes):
    """What the tool's page would send: as things stand, but for the changes."""
    context = client.get(reschedule_url(event)).context
    data = {field.html_name: field.value() for field in context["adminform"].form if field.value() is not None}
    return {**data, "seen": context["seen"], "do": "look", **changes}


def preview_and_confirm(client, event, **changes):
    """Preview what the tool would do, then confirm it; returns both responses."""
    looked = client.post(reschedule_url(event), reschedule_data(client, event, **changes))
    assert "mails" in looked.context, looked.context["errors"]
    sent = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', looked.content.decode()))
    sent |= {name: value for name, value in changes.items() if name == "message"}
    return looked, client.post(reschedule_url(event), {**sent, "do": "confirm"}, follow=True)


def rescheduled_to(part, date="2026-12-17", start="10:00", zone="Asia/Tokyo", end="11:30"):
    """What is typed to reschedule a part."""
    values = {"date": date, "start_time": start, "time_zone": zone, "end_time": end}
    return {"kind": "rescheduled", **{f"{name}_{part.pk}": value for name, value in values.items()}}
