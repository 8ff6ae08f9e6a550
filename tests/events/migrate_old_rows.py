"""A program of its own: puts rows into a database as it was, migrates it, and prints what became of them as JSON.

Started by test_migrations.py with a DATABASE_URL to an empty database.
"""

import datetime
import json
import sys

import django

from tests.moments import NOW

BEFORE = [("events", "0009_what_a_reason_is_for"), ("organizations", "0003_text_messages")]
BEFORE_RENAMES = [("events", "0021_parts_begin_with_one"), ("foundation", "0002_attempts")]


def old_rows(apps):
    """Two spellings of one person, and answers to questions whose choices were translated or corrected since."""
    models = {
        name: apps.get_model("events", name) for name in ("Event", "Contact", "Registration", "Question", "Answer")
    }
    event = models["Event"].objects.create(slug="e", title_en="E", publication="published")
    given = {"organization_name": "X", "sector": "municipal", "country": "JP", "language": "en", "event": event}
    given |= {"privacy_consent_at": NOW, "privacy_consent_text": "Yes", "registered_at": NOW, "changed_at": NOW}
    registrations = []
    for number, email in enumerate(["user@bücher.example", "user@xn--bcher-kva.example", "other@city.example"]):
        contact = models["Contact"].objects.create(email=email, created_at=NOW)
        row = {"reference": f"r{number}", "name": f"N{number}", "contact": contact}
        registrations.append(models["Registration"].objects.create(**given, **row))
    questions = [
        {"kind": "choice", "label_ja": "通訳", "options_en": "Yes\nNo", "options_ja": "はい\nいいえ"},
        {"kind": "choices", "label_en": "Topics", "options_en": "Water\nEnergy"},
        {"kind": "text", "label_en": "Why"},
    ]
    values = [["はい"], ["Watr", "Energy"], ["Because"]]
    for order, (row, answered) in enumerate(zip(questions, values, strict=True)):
        question = models["Question"].objects.create(event=event, order=order, **row)
        models["Answer"].objects.create(registration=registrations[2], question=question, values=answered)
    inquiry = {"kind": "other", "name": "A", "organization_name": "X", "sector": "municipal", "country": "JP"}
    inquiry |= {"message": "M", "language": "en", "consent_text": "Yes", "sent_at": NOW}
    for email in ("User@Bücher.example", "User@localhost"):
        apps.get_model("organizations", "Inquiry").objects.create(email=email, **inquiry)


def rows_before_renames(apps):
    """A postponed part with the record of that, a place that is held and two seats that wait."""
    Part, Seat = apps.get_model("events", "Part"), apps.get_model("events", "Seat")
    event, registration = apps.get_model("events", "Event").objects.get(), apps.get_model("events", "Registration")
    dates = {"date": NOW.date(), "earliest": NOW, "latest": NOW + datetime.timedelta(hours=1)}
    parts = [
        Part.objects.create(event=event, number=1, course="postponed", waiting_list=False, **dates),
        Part.objects.create(event=event, number=2, course="held", waiting_list=True, **dates),
    ]
    first, second = registration.objects.order_by("pk")
    first.address_proved_at = None
    first.save()
    for part, registration, state, number, held in (
        (parts[0], first, "confirmed", None, NOW),
        (parts[0], second, "waiting", 7, None),
        (parts[1], second, "waiting", 1, None),
    ):
        row = {"state": state, "line_number": number, "held_until": held, "changed_at": NOW}
        Seat.objects.create(part=part, registration=registration, **row)
    apps.get_model("events", "ChangeOfPlans").objects.create(
        event=event,
        kind="postponed",
        before={"parts": {str(parts[0].pk): {"number": 1, "course": "planned"}}},
        after={"parts": {str(parts[0].pk): {"number": 1, "course": "postponed"}}, "where": {"mode": "online"}},
        told=3,
        changed_at=NOW,
    )
    mails = apps.get_model("foundation", "OutboxMail").objects
    mails.create(kind="plans_postponed", cause="plans_postponed:1:1", created_at=NOW, send_after=NOW)
    kind = apps.get_model("contenttypes", "ContentType").objects.create(app_label="events", model="changeofplans")
    apps.get_model("auth", "Permission").objects.create(content_type=kind, codename="view_changeofplans", name="plans")


def what_became_of_them():
    from django.contrib.auth.models import Permission

    from events.models import (
        Answer,
        Choice,
        Contact,
        FormerContact,
        Part,
        Registration,
        ScheduleChange,
        Seat,
        SeatCount,
    )
    from organizations.models import Inquiry
    from wego_portal.foundation.models import OutboxMail

    return {
        "contacts": sorted(Contact.objects.values_list("email", flat=True)),
        "registrations": Registration.objects.count(),
        "former": FormerContact.objects.count(),
        "inquiries": sorted(Inquiry.objects.values_list("email", flat=True)),
        "answers": [answer.texts_for_display for answer in Answer.objects.order_by("question__order")],
        "parts": list(Part.objects.order_by("number").values_list("status", "has_waitlist")),
        "verified": [each.has_verified_address for each in Registration.objects.order_by("pk")],
        "seats": list(Seat.objects.order_by("pk").values_list("state", "waitlist_number")),
        "holds": [seat.hold_expires_at == NOW for seat in Seat.objects.order_by("pk")],
        "counts": list(SeatCount.objects.order_by("part").values_list("confirmed", "waiting")),
        "changes": [
            [list(each.before["parts"].values()), each.after["where"], each.notified_count]
            for each in ScheduleChange.objects.all()
        ],
        "mails": list(OutboxMail.objects.values_list("kind", flat=True)),
        "permission": Permission.objects.get(name="plans").codename,
        "choices": list(Choice.objects.order_by("pk").values_list("label_en", "label_ja", "order", "is_offered")),
    }


def main():
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    from events.models import Seat
    from events.models.seat_count import TRIGGERS

    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    old_rows(executor.loader.project_state(BEFORE).apps)
    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE_RENAMES)
    with connection.cursor() as cursor:
        for statement in TRIGGERS[connection.vendor]:
            cursor.execute(statement)
    rows_before_renames(executor.loader.project_state(BEFORE_RENAMES).apps)
    call_command("migrate", verbosity=0)
    seat = Seat.objects.get(state=Seat.State.CONFIRMED)
    Seat.objects.filter(pk=seat.pk).update(state=Seat.State.CANCELLED, hold_expires_at=None)
    Seat.objects.filter(pk=seat.pk).update(state=Seat.State.CONFIRMED, hold_expires_at=NOW)
    sys.stdout.write(json.dumps(what_became_of_them()))


if __name__ == "__main__":
    main()
