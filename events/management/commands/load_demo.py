from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone, translation

from events.demo.events import load_events
from events.demo.organizations import load_organizations
from events.demo.rows import Rows
from events.demo.samples import load_samples


class Command(BaseCommand):
    """Load the demo content. Run again, it adds what is missing and does not change what exists."""

    help = "Load the demo content from events/demo/data. Safe to repeat: what exists is left as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--refresh",
            action="store_true",
            help="set the rows that exist to what the files say; samples stay as they are",
        )

    def handle(self, *, refresh: bool, verbosity: int, **options: object) -> None:
        rows = Rows(refresh=refresh)
        with transaction.atomic(), translation.override("en"):
            load_organizations(rows)
            load_events(rows)
            load_samples(rows, now=timezone.now())
        if verbosity:
            self.stdout.write(rows.summary())
