"""What waits for staff: each app says what of its rows does, and the admin's first page counts it.

Here because rows of both apps, and mails, wait in one place.
"""

import dataclasses
import datetime
from collections.abc import Callable

from django.contrib.admin import AdminSite
from django.db import models
from django.http import HttpRequest
from django.urls import reverse

from .lazy_text import LazyText


@dataclasses.dataclass(frozen=True)
class _TaskKind:
    model: type[models.Model]
    words: str | LazyText
    query: str
    count: Callable[[datetime.datetime], int]


_kinds: list[_TaskKind] = []


@dataclasses.dataclass(frozen=True)
class StaffTask:
    """Rows of `model` that wait, in words with their number, and the address of the list that shows them."""

    model: type[models.Model]
    words: str
    address: str


def register_staff_task(
    model: type[models.Model], *, words: str | LazyText, query: str
) -> Callable[[Callable[[datetime.datetime], int]], Callable[[datetime.datetime], int]]:
    """Decorator: the function says how many rows of the model wait at the aware datetime it is given, by one query.

    `words` (translatable, with a plural by "count") name them, and `query` makes the model's list in the admin show
    them.
    """

    def register(count: Callable[[datetime.datetime], int]) -> Callable[[datetime.datetime], int]:
        _kinds.append(_TaskKind(model, words, query, count))
        return count

    return register


def open_staff_tasks(request: HttpRequest, site: AdminSite, *, now: datetime.datetime) -> list[StaffTask]:
    """The tasks open at the aware datetime `now` that the user of the request may see in this admin site."""
    tasks = []
    for kind in _kinds:
        if site.get_model_admin(kind.model).has_view_permission(request) and (count := kind.count(now)):
            address = reverse(f"admin:{kind.model._meta.app_label}_{kind.model._meta.model_name}_changelist")
            tasks.append(StaffTask(kind.model, kind.words % {"count": count}, f"{address}?{kind.query}"))
    return tasks
