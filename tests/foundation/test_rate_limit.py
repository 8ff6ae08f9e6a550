import datetime
import re
import threading

import pytest
from django.db import connection
from django.test import RequestFactory

from tests.moments import MINUTE
from wego_portal.foundation.rate_limit import Attempt, delete_old_attempts, network_of, record_attempts

NOW = datetime.datetime(2026, 11, 23, 9, 5, tzinfo=datetime.UTC)


@pytest.mark.django_db
def test_each_key_is_counted_within_its_ten_minutes_by_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert record_attempts("form", "network", "one", now=NOW) == [1, 1]
    assert record_attempts("form", "network", "two", now=NOW + 4 * MINUTE) == [2, 1]
    assert record_attempts("form", "network", "one", now=NOW + 4 * MINUTE) == [3, 2]
    assert record_attempts("other", "network", now=NOW) == [1]
    assert record_attempts("form", "network", now=NOW + 5 * MINUTE) == [1]


@pytest.mark.django_db
def test_what_is_kept_names_nobody_and_goes():
    record_attempts("form", "ada@city.example", now=NOW)
    assert re.fullmatch(r"[0-9a-f]{64}", Attempt.objects.get().key)
    assert delete_old_attempts(now=NOW + 54 * MINUTE) == 0
    assert delete_old_attempts(now=NOW + 60 * MINUTE) == 1


@pytest.mark.django_db(transaction=True)
def test_none_is_lost_among_many_at_once():
    def count():
        for _ in range(10):
            record_attempts("form", "network", now=NOW)
        connection.close()

    threads = [threading.Thread(target=count) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert record_attempts("form", "network", now=NOW) == [61]


@pytest.mark.parametrize(
    ("proxies", "forwarded", "remote", "network"),
    [
        (0, None, "203.0.113.77", "203.0.113.0/24"),
        (0, "198.51.100.1", "203.0.113.77", "203.0.113.0/24"),
        (0, None, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (0, None, "::ffff:203.0.113.77", "203.0.113.0/24"),
        (0, None, "127.0.0.1", None),
        (0, None, "::1", None),
        (0, None, "", None),
        (1, "198.51.100.1", "127.0.0.1", "198.51.100.0/24"),
        (1, "192.0.2.1, 198.51.100.1", "127.0.0.1", "198.51.100.0/24"),
        (2, "192.0.2.1, 198.51.100.1, 10.0.0.1", "127.0.0.1", "198.51.100.0/24"),
        (2, "198.51.100.1", "10.0.0.1", "198.51.100.0/24"),
        (1, None, "203.0.113.77", None),
        (1, "nonsense", "127.0.0.1", None),
        (1, "198.51.100.1:4711", "127.0.0.1", "198.51.100.0/24"),
        (1, "[2001:db8:1:2::9]:4711", "127.0.0.1", "2001:db8:1:2::/64"),
        (1, "[2001:db8:1:2::9]", "127.0.0.1", "2001:db8:1:2::/64"),
        (1, "::5", "127.0.0.1", "::/64"),
        (1, "198.51.100.1:", "127.0.0.1", "198.51.100.0/24"),
        (1, ":", "127.0.0.1", None),
    ],
)
def test_the_network_is_that_of_the_visitor_and_not_what_they_say(settings, proxies, forwarded, remote, network):
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert network_of(RequestFactory().get("/", REMOTE_ADDR=remote, headers=headers)) == network
