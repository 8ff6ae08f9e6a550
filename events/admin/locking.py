"""Rows that staff saves while others register: nobody takes, gives up or erases a seat in between."""

from django.db import transaction

from ..domain.seat import lock_parts


class LockingAdminMixin:
    """For an admin of rows that belong to an event: what is to be saved is read once the event's parts are locked.

    `event_key` is the attribute with the event's primary key.
    """

    event_key = "event_id"

    def get_object(self, request, object_id, from_field=None):
        """The row; locked on the way to be saved or deleted, which alone the admin does in a transaction."""
        row = super().get_object(request, object_id, from_field)
        if row and request.method == "POST" and transaction.get_connection().in_atomic_block:
            lock_parts(event_id=getattr(row, self.event_key))
            row = super().get_object(request, object_id, from_field)
        return row
