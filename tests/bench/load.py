"""People who fetch a form, fill it in and send it, some at a time, as fast as they are answered."""

import dataclasses
import itertools
import threading
import time

from tests.serving import Visitor

AT_A_TIME = 8  # people; four for each of the server's two processes, so that neither runs out of them

_numbers = itertools.count()


@dataclasses.dataclass(frozen=True, eq=False)
class Form:
    """A form at an address. `fields` are what is sent, besides the email address, which is another each time."""

    name: str
    address: str
    fields: dict


@dataclasses.dataclass(frozen=True)
class Round:
    """What a round came to: people served, in how many seconds, and the seconds of CPU that they took themselves."""

    people: int
    seconds: float
    own_cpu: float

    @property
    def rate(self):
        """People a second."""
        return self.people / self.seconds


def run(form, *, port, seconds):
    """A Round of this form. Each person has a connection and cookies of her own. Raises if one is not redirected."""
    served, wrong = [], []
    began, cpu = time.monotonic(), time.process_time()

    def come():
        while time.monotonic() < began + seconds and not wrong:
            try:
                status, text = _send(form, port, next(_numbers))
            except OSError as error:
                status, text = 0, repr(error)
            if status == 302:
                served.append(time.monotonic())
            else:
                wrong.append(f"{form.name} was answered with {status}: {text[:2_000]}")

    threads = [threading.Thread(target=come) for _ in range(AT_A_TIME)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(wrong[0])
    return Round(len(served), max(served) - began, time.process_time() - cpu)


def _send(form, port, number):
    visitor = Visitor(port)
    try:
        email = f"person{number}@city{number % 97}.example"
        status, _address, text = visitor.send_form(form.address, email=email, **form.fields)
    finally:
        visitor.close()
    return status, text
