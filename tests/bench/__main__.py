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
from tests.events.form_filling import fetched  # noqa: E402
from tests.serving import database_url, served  # noqa: E402
from wego_portal.foundation.models import OutboxMail  # noqa: E402
from wego_portal.site.bootstrap import set_up  # noqa: E402

from .existing import fill_up, make_event  # noqa: E402
from .load import AT_A_TIME, Form, run  # noqa: E402
from .models import Registrant  # noqa: E402

FEW, MANY = 100, 100_000  # registrations of the event that are there already
WARMING_UP, ROUNDS, SECONDS = 1, 9, 1.5
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


def registration_form(part):
    """The portal's form for the event of this part."""
    fields = {**PERSON, "organization_name": "City of Example", "parts": part.number, **fetched()}
    return Form("registration", f"/events/{part.event.slug}/register/", fields)


def main():
    """Measure beside few registrations and beside many. The places are limited, so that they have to be counted."""
    call_command("migrate", run_syncdb=True, verbosity=0)
    set_up(lambda line: None)
    part = make_event(capacity=2 * MANY)
    registration = registration_form(part)
    beside_bare = {}
    with served(database_url(connection), settings="tests.bench.settings", DATA_DIR=str(settings.DATA_DIR)) as port:
        for existing in (FEW, MANY):
            fill_up(part, existing)
            rounds = measure([BARE, registration, SHORT], port)
            show(existing, rounds)
            beside_bare[existing] = statistics.median(ratios(rounds, registration, BARE))
    flatness = beside_bare[MANY] / beside_bare[FEW]
    print(f"Beside the bare form, the rate with {MANY:,} is {flatness:.2f} of that with {FEW}.", flush=True)


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
    print(f"\n{connection.vendor}, {existing:,} registrations there already")
    print(f"{'':28}{'a second':>20}{'beside the bare form':>24}{'without countries':>22}")
    for form, taken in rounds.items():
        rates = [each.rate for each in taken]
        print(
            f"{form.name:28}{spread(rates, 0):>20}{spread(ratios(rounds, form, BARE), 2):>24}"
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
