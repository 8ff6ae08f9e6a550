"""A program of its own: puts rows into a database as it was, migrates it, and prints what became of them as JSON.

Started by test_migrations.py with a DATABASE_URL to an empty database.
"""

import datetime
import json
import sys

import django

NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)
BEFORE = [("events", "0009_what_a_reason_is_for"), ("organizations", "0003_text_messages")]


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


def what_became_of_them():
    from events.models import Answer, Choice, Contact, FormerContact, Registration
    from organizations.models import Inquiry

    return {
        "contacts": sorted(Contact.objects.values_list("email", flat=True)),
        "registrations": Registration.objects.count(),
        "former": FormerContact.objects.count(),
        "inquiries": sorted(Inquiry.objects.values_list("email", flat=True)),
        "answers": [answer.texts for answer in Answer.objects.order_by("question__order")],
        "choices": list(Choice.objects.order_by("pk").values_list("label_en", "label_ja", "order", "is_offered")),
    }


def main():
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    executor.migrate(BEFORE)
    old_rows(executor.loader.project_state(BEFORE).apps)
    call_command("migrate", verbosity=0)
    sys.stdout.write(json.dumps(what_became_of_them()))


if __name__ == "__main__":
    main()
