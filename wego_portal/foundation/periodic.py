"""Jobs that come round: the worker does each again and again.

Here because both apps have such jobs, and the worker, which is the foundation's, cannot know them.
"""

import datetime
import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

logger = logging.getLogger(__name__)

RETRY_DELAY = datetime.timedelta(minutes=5)


class Job(Protocol):
    """A function that does a job at the aware datetime `now`; what it returns is for tests."""

    __qualname__: str

    def __call__(self, *, now: datetime.datetime) -> object: ...


_Job = TypeVar("_Job", bound=Job)
_jobs: dict[Job, datetime.timedelta] = {}


def every(interval: datetime.timedelta) -> Callable[[_Job], _Job]:
    """Decorator: the worker calls the function with `now` (aware) when it starts and then every `interval`.

    Several workers may do a job at the same moment, and any may be killed within it: the job has to be right even so.
    """

    def register(function: _Job) -> _Job:
        _jobs[function] = interval
        return function

    return register


class Schedule:
    """One worker's memory of when each job comes round next."""

    def __init__(self) -> None:
        self._next: dict[Job, datetime.datetime] = {}

    def do_due(self, *, now: datetime.datetime) -> None:
        """Do the jobs that are due at `now`. One that fails is logged, tried again soon, and keeps no other back."""
        for job, interval in _jobs.items():
            if self._next.get(job, now) > now:
                continue
            try:
                job(now=now)
            except Exception:
                logger.exception("job %s failed", job.__qualname__)
                interval = min(interval, RETRY_DELAY)
            self._next[job] = now + interval
