"""Measures on the empty database of DATABASE_URL and prints a table. `make bench` runs this."""

import os
import statistics

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "tests.bench.settings"
django.setup()

# Django has to be set up before its models are imported.
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from events.models import Registration, Seat  # noqa: E402
from tests.serving import database_url, served, typed_for_a_minute  # noqa: E402
from wego_portal.foundation.models import OutboxMail  # noqa: E402
from wego_portal.site.setting_up import set_up  # noqa: E402

from .existing import fill_up, make_event  # noqa: E402
from .load import AT_A_TIME, Form, run  # noqa: E402
from .models import Registrant  # noqa: E402

FEW, MANY = 100, 100_000  # registrations of each event that are there already
WARMING_UP, ROUNDS, SECONDS = 1, 5, 2
PERSON = {
    "name": "Observer",
    "sector": "municipal",
    "country": "JP",
    "position": "Head of unit",
    "language": "en",
    "privacy": "on",
}
BARE = Form("bare form", "/bare/", {**PERSON, "organization": "City of Example"})
SHORT = Form("bare form without countries", "/short/", BARE.fields)


def registration_form(name, part):
    """The portal's form for the event of this part."""
    fields = {**PERSON, "organization_name": "City of Example", "parts": part.number, **typed_for_a_minute()}
    return Form(name, f"/events/{part.event.slug}/register/", fields)


def main():
    """Measure beside few registrations and beside many."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    set_up(lambda line: None)
    parts = [make_event(capacity=2 * MANY), make_event()]
    limited, unlimited = (
        registration_form(name, part)
        for name, part in zip(("registration", "registration, places unlimited"), parts, strict=True)
    )
    beside_bare = {}
    with served(database_url(connection), settings="tests.bench.settings", DATA_DIR=str(settings.DATA_DIR)) as port:
        for existing in (FEW, MANY):
            for part in parts:
                fill_up(part, existing)
            rounds = measure([BARE, SHORT, limited, unlimited], port)
            show(existing, rounds)
            beside_bare[existing] = {form: statistics.median(ratios(rounds, form, BARE)) for form in rounds}
    for form in (limited, unlimited):
        flatness = beside_bare[MANY][form] / beside_bare[FEW][form]
        print(f"From {FEW} to {MANY:,} the rate of “{form.name}” beside the bare form became {flatness:.2f} of itself.")


def measure(forms, port):
    """{form: its Rounds}, taken in turns. Raises if any person's row is missing."""
    for form in forms:
        run(form, port=port, seconds=WARMING_UP)
    before = saved()
    rounds = {form: [] for form in forms}
    for _ in range(ROUNDS):
        for form in forms:
            rounds[form].append(run(form, port=port, seconds=SECONDS))
    bare, registered = 0, 0
    for form, taken in rounds.items():
        people = sum(each.people for each in taken)
        bare, registered = (bare + people, registered) if form in (BARE, SHORT) else (bare, registered + people)
    expected = [bare, registered, registered, registered]
    rows = [after - earlier for after, earlier in zip(saved(), before, strict=True)]
    if rows != expected:
        raise RuntimeError(f"{expected} rows of bare forms, registrations, places and mails expected, {rows} found")
    return rounds


def saved():
    """Rows of the bare form, registrations, confirmed places and queued mails."""
    return [
        Registrant.objects.count(),
        Registration.objects.count(),
        Seat.objects.confirmed().count(),
        OutboxMail.objects.filter(kind="registration_received").count(),
    ]


def ratios(rounds, form, other):
    """Rates of a form divided by those of another in the same turn."""
    return [one.rate / beside.rate for one, beside in zip(rounds[form], rounds[other], strict=True)]


def show(existing, rounds):
    """Print the table."""
    own = sum(each.own_cpu for taken in rounds.values() for each in taken)
    cpu = sum(each.seconds for taken in rounds.values() for each in taken) * os.cpu_count()
    print(f"\n{connection.vendor}, {existing:,} registrations of each event there already")
    print(f"{'':32}{'a second':>20}{'beside the bare form':>26}{'beside the other':>22}")
    for form, taken in rounds.items():
        rates = [each.rate for each in taken]
        print(
            f"{form.name:32}{spread(rates, 0):>20}{spread(ratios(rounds, form, BARE), 2):>26}"
            f"{spread(ratios(rounds, form, SHORT), 2):>22}"
        )
    print(
        f"Median of {ROUNDS} rounds (least to most) of {SECONDS} s, in turns, {AT_A_TIME} people at a time; making them"
        f" took {own / cpu:.0%} of this machine's {os.cpu_count()} processors.",
        flush=True,
    )


def spread(values, digits):
    """The median, with the least and the most."""
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


if __name__ == "__main__":
    main()
