"""How many seats of a part are confirmed and waiting, kept by the database itself.

Counting them anew costs the more the more there are, and every form, page and registration asks. Triggers on the table
of seats write the numbers in the statement that changes a seat, whichever code sends it: they are right in every
transaction that sees the seats, and undone with it.
"""

from django.db import connections, models, transaction
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from .part import Part
from .seat import Seat

SEATS = Seat._meta.db_table


class SeatCount(models.Model):
    """The numbers of one part; a part that never had such a seat has no row. Written by the triggers alone."""

    part = models.OneToOneField(
        Part,
        verbose_name=_("part"),
        primary_key=True,
        on_delete=models.DO_NOTHING,  # a part that has seats cannot be deleted, and numbers of 0 tell of nothing
        db_constraint=False,
        related_name="+",
        editable=False,
    )
    confirmed = models.IntegerField(_("confirmed"), editable=False)
    waiting = models.IntegerField(_("waiting"), editable=False)

    class Meta:
        verbose_name = _("seat count")
        verbose_name_plural = _("seat counts")

    def __str__(self):
        return f"{self.part_id}: {self.confirmed}, {self.waiting}"


COUNTS = SeatCount._meta.db_table


def _added(sign, row):
    """An INSERT that adds the seat in the trigger's `row` (NEW or OLD) to the numbers of its part, or takes it away."""
    confirmed, waiting = (
        f"{sign}(CASE WHEN {row}.state = '{state}' THEN 1 ELSE 0 END)"
        for state in (Seat.State.CONFIRMED, Seat.State.WAITING)
    )
    return (
        f"INSERT INTO {COUNTS} (part_id, confirmed, waiting) VALUES ({row}.part_id, {confirmed}, {waiting})"
        f" ON CONFLICT (part_id) DO UPDATE SET confirmed = {COUNTS}.confirmed + excluded.confirmed,"
        f" waiting = {COUNTS}.waiting + excluded.waiting;"
    )


TAKE_OLD, ADD_NEW = _added("-", "OLD"), _added("+", "NEW")
CHANGED = "OLD.state <> NEW.state OR OLD.part_id <> NEW.part_id"


def _sqlite_trigger(name, event, body):
    return [
        f"DROP TRIGGER IF EXISTS {SEATS}_count_{name}",
        f"CREATE TRIGGER {SEATS}_count_{name} AFTER {event} ON {SEATS} {body}",
    ]


TRIGGERS = {
    "sqlite": [
        *_sqlite_trigger("new", "INSERT", f"BEGIN {ADD_NEW} END"),
        *_sqlite_trigger("old", "DELETE", f"BEGIN {TAKE_OLD} END"),
        *_sqlite_trigger("changed", "UPDATE", f"WHEN {CHANGED} BEGIN {TAKE_OLD} {ADD_NEW} END"),
    ],
    "postgresql": [
        f"CREATE OR REPLACE FUNCTION {SEATS}_count() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP <> 'INSERT' THEN {TAKE_OLD} END IF; IF TG_OP <> 'DELETE' THEN {ADD_NEW} END IF;"
        f" RETURN NULL; END $$",
        f"CREATE OR REPLACE TRIGGER {SEATS}_count_made AFTER INSERT OR DELETE ON {SEATS}"
        f" FOR EACH ROW EXECUTE FUNCTION {SEATS}_count()",
        f"CREATE OR REPLACE TRIGGER {SEATS}_count_changed AFTER UPDATE ON {SEATS}"
        f" FOR EACH ROW WHEN ({CHANGED}) EXECUTE FUNCTION {SEATS}_count()",
    ],
}


def keep_seat_counts(*, using, **_signal):
    """Make the triggers and count once. After every migration, since on SQLite one that alters seats drops them."""
    connection = connections[using]
    if COUNTS not in connection.introspection.table_names():  # while only some migrations were applied
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
