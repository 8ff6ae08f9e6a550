from django.core.management.base import BaseCommand
from django.db import transaction

from events.demo.events import load_events
from events.demo.organizations import load_organizations
from events.demo.rows import Rows


class Command(BaseCommand):
    """Puts the demo content into the database. Run again, it adds what is missing and leaves alone what is there."""

    help = "Load the demo content from events/demo/data. Safe to repeat: what exists is left as it is."

    def add_arguments(self, parser):
        parser.add_argument(
            "--refresh",
            action="store_true",
            help="set the rows that exist to what the files say; samples stay as they are",
        )

    def handle(self, *, refresh, **options):
        rows = Rows(refresh=refresh)
        with transaction.atomic():
            load_organizations(rows)
            load_events(rows)
        self.stdout.write(rows.summary())
