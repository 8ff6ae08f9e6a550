"""What the admin's forms send, and what is wrong with what was sent."""

import re

from django.db.models.fields.files import FieldFile
from django.urls import reverse


def admin_url(model, page, *args):
    """The address of a page of the admin for a model of `events`."""
    return reverse(f"admin:events_{model}_{page}", args=args)


def form_data(admin_client, url):
    """What the page at `url` would send if nothing was changed."""
    context = admin_client.get(url).context
    data = {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for field in form:
            value = field.value()
            if isinstance(value, FieldFile) or value is None or value is False:
                continue
            if hasattr(field.field.widget, "decompress"):
                for number, piece in enumerate(field.field.widget.decompress(value)):
                    data[f"{field.html_name}_{number}"] = "" if piece is None else str(piece)
            else:
                data[field.html_name] = value
    return data


def field_errors(response):
    """{name of a field or prefix of a formset: its messages} of an answer that refuses a form."""
    form = response.context["adminform"].form
    errors = dict(form.errors)
    for inline in response.context["inline_admin_formsets"]:
        for bound in inline.formset.forms:
            errors.update({f"{bound.prefix}-{name}": messages for name, messages in bound.errors.items()})
        if inline.formset.non_form_errors():
            errors[inline.formset.prefix] = inline.formset.non_form_errors()
    return {name: " ".join(messages) for name, messages in errors.items()}


def new_parts_data(*numbers, first=0):
    """What the form of an event sends of parts that are added, numbered in it from `first`."""
    data = {"parts-TOTAL_FORMS": first + len(numbers)}
    for index, number in enumerate(numbers, first):
        values = {"number": number, "status": "planned", "precision": "day", "has_waitlist": "on"}
        values |= {"date": f"2026-12-{10 + index}", "start_time": "15:00", "time_zone": "Asia/Seoul"}
        data |= {f"parts-{index}-{name}": value for name, value in values.items()}
    return data


def run_action(client, action, *rows, name="events_registration"):
    """Run an action on the chosen rows of a list; returns the page that follows."""
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(reverse(f"admin:{name}_changelist"), data, follow=True)


def confirm_action(client, preview, *, name="events_registration", **typed):
    """Press the button that confirms on the preview of an action of a list; returns the page that follows."""
    names = ("action", "seen", "_selected_action")
    fields = {each: re.search(f'name="{each}" value="([^"]*)"', preview.content.decode())[1] for each in names}
    return client.post(reverse(f"admin:{name}_changelist"), {**fields, "do": "confirm", **typed}, follow=True)
