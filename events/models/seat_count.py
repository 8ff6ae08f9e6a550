"""How many seats of each part are confirmed and waiting, counted by database triggers.

Counting the rows would take longer the more seats there are, and every form, page and registration needs the numbers.
Triggers on the table of seats update them in the same statement that changes a seat, whichever code sends it, so the
numbers are part of the same transaction and are rolled back with it.
"""

from django.db import connections, models, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from .part import Part
from .seat import Seat

SEAT_TABLE = Seat._meta.db_table


class SeatCount(models.Model):
    """The counts of one part, written by the triggers only. No row if it never had a confirmed or waiting seat."""

    part = models.OneToOneField(
        Part,
        verbose_name=_("part"),
        primary_key=True,
        # A part with seats cannot be deleted (PROTECT), and a row that is left behind with counts of 0 is never read.
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        editable=False,
    )
    confirmed = models.IntegerField(_("confirmed"), editable=False)
    waiting = models.IntegerField(_("waiting"), editable=False)

    class Meta:
        verbose_name = _("seat count")
        verbose_name_plural = _("seat counts")

    def __str__(self) -> str:
        return f"{self.part_id}: {self.confirmed}, {self.waiting}"


COUNT_TABLE = SeatCount._meta.db_table


def _update_counts_sql(sign: str, row: str) -> str:
    """Return the SQL that adds (`sign` "+") or subtracts ("-") the seat in the trigger's `row` ("NEW" or "OLD")."""
    confirmed, waiting = (
        f"{sign}(CASE WHEN {row}.state = '{state}' THEN 1 ELSE 0 END)"
        for state in (Seat.State.CONFIRMED, Seat.State.WAITING)
    )
    return (
        f"INSERT INTO {COUNT_TABLE} (part_id, confirmed, waiting) VALUES ({row}.part_id, {confirmed}, {waiting})"
        f" ON CONFLICT (part_id) DO UPDATE SET confirmed = {COUNT_TABLE}.confirmed + excluded.confirmed,"
        f" waiting = {COUNT_TABLE}.waiting + excluded.waiting;"
    )


SUBTRACT_OLD, ADD_NEW = _update_counts_sql("-", "OLD"), _update_counts_sql("+", "NEW")
CHANGED = "OLD.state <> NEW.state OR OLD.part_id <> NEW.part_id"


def _sqlite_trigger(name: str, event: str, body: str) -> list[str]:
    return [
        f"DROP TRIGGER IF EXISTS {SEAT_TABLE}_count_{name}",
        f"CREATE TRIGGER {SEAT_TABLE}_count_{name} AFTER {event} ON {SEAT_TABLE} {body}",
    ]


TRIGGERS = {
    "sqlite": [
        *_sqlite_trigger("new", "INSERT", f"BEGIN {ADD_NEW} END"),
        *_sqlite_trigger("old", "DELETE", f"BEGIN {SUBTRACT_OLD} END"),
        *_sqlite_trigger("changed", "UPDATE", f"WHEN {CHANGED} BEGIN {SUBTRACT_OLD} {ADD_NEW} END"),
    ],
    "postgresql": [
        f"CREATE OR REPLACE FUNCTION {SEAT_TABLE}_count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP <> 'INSERT' THEN {SUBTRACT_OLD} END IF; IF TG_OP <> 'DELETE' THEN {ADD_NEW} END IF;"
        f" RETURN NULL; END $$",
        f"CREATE OR REPLACE TRIGGER {SEAT_TABLE}_count_made AFTER INSERT OR DELETE ON {SEAT_TABLE}"
        f" FOR EACH ROW EXECUTE FUNCTION {SEAT_TABLE}_count()",
        f"CREATE OR REPLACE TRIGGER {SEAT_TABLE}_count_changed AFTER UPDATE ON {SEAT_TABLE}"
        f" FOR EACH ROW WHEN ({CHANGED}) EXECUTE FUNCTION {SEAT_TABLE}_count()",
    ],
}


def install_seat_count_triggers(*, using: str, **_signal: object) -> None:
    """Create the triggers and count all seats. Connected to post_migrate.

    It runs after every migration, because SQLite drops the triggers of a table that a migration rebuilds.
    """
    connection = connections[using]
    if COUNT_TABLE not in connection.introspection.table_names():  # while only some migrations were applied
        return
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for statement in TRIGGERS[connection.vendor]:
            cursor.execute(statement)
        SeatCount.objects.using(using).all().delete()
        counted = Seat.objects.using(using).order_by().values_list("part").annotate(
            confirmed=Count("pk", filter=Q(state=Seat.State.CONFIRMED)),
            waiting=Count("pk", filter=Q(state=Seat.State.WAITING)),
        )  # fmt: skip
        SeatCount.objects.using(using).bulk_create(
            SeatCount(part_id=part, confirmed=confirmed, waiting=waiting) for part, confirmed, waiting in counted
        )
