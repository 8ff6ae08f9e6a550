"""A request that runs for too long is answered 503, whatever it is stuck in, while others go on being answered."""

import pytest
from django.db import connection

from tests.serving import Visitor, all_at_once, database_url, served
from tests.stuck import VIEWS

SECONDS = 3


def ask(port, address):
    """(status, text) of the answer; (None, the error) if there is none."""
    visitor = Visitor(port)
    try:
        return visitor.get(address)
    except Exception as error:
        return None, repr(error)
    finally:
        visitor.close()


@pytest.fixture(scope="module")
def port(django_db_setup):
    with served(database_url(connection), REQUEST_SECONDS=str(SECONDS)) as port:
        yield port


@pytest.mark.parametrize("kind", [kind for kind in VIEWS if kind != "half"])
def test_a_stuck_request_is_answered_503_and_others_go_on(port, kind):
    stuck, *others = all_at_once(
        [lambda: ask(port, f"/stuck/{kind}/"), *(lambda: [ask(port, "/health/") for _ in range(10)] for _ in range(2))]
    )
    assert stuck[0] == 503
    assert "try again" in stuck[1] or "send it again" in stuck[1]
    # What the stuck process had accepted already is answered 503 with it. A process that loses its lock between saying
    # that it answers and doing so leaves that one request without an answer.
    answers = [answer for taken in others for answer in taken]
    assert {status for status, _text in answers} <= {200, 503, None}
    assert sum(status is None for status, _text in answers) <= len(others)
    assert sum(status == 200 for status, _text in answers) > len(answers) / 2
    assert ask(port, "/health/") == (200, "ok\n")


def test_more_stuck_requests_than_threads_are_all_answered_and_the_portal_comes_back(port):
    answers = all_at_once([lambda: ask(port, "/stuck/wait/") for _ in range(20)])
    assert {status for status, _text in answers} == {503}
    assert ask(port, "/health/") == (200, "ok\n")


def test_an_answer_that_stops_half_way_is_ended_not_continued(port):
    status, error = ask(port, "/stuck/half/")
    assert status is None
    assert "IncompleteRead(4 bytes read, 4 more expected)" in error
    assert ask(port, "/health/") == (200, "ok\n")
