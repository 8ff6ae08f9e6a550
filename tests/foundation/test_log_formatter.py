"""Log lines hold no personal data."""

import logging
import sys

from wego_portal.foundation.log_formatter import NoPersonalData


def line_of(message, *args, exc_info=None):
    record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, message, args, exc_info)
    return NoPersonalData("%(message)s").format(record)


def test_the_token_of_a_personal_link_is_hidden():
    line = line_of("Not Found: %s", "/ja/registrations/abc.1.xyz/")
    assert line == "Not Found: /ja/registrations/…/"
    links = ("/events/one/registered/abc.1.xyz/", "/ko/invitations/abc.1.xyz/", "/unsubscribe/abc.xyz/")
    for address in (*links, "/ja/personal-data/abc.1.xyz/", "/personal-data/abc.1.xyz/file/"):
        assert "abc" not in line_of("Not Found: %s", address)


def test_a_line_is_short_however_long_the_address():
    lines = line_of("Not Found: %s\nsecond", "/" + "x" * 100_000).split("\n")
    assert [len(line) for line in lines] == [1_000, 6]


def test_the_values_a_database_quotes_are_hidden():
    address = "kim@example.org"
    try:
        try:
            raise ValueError(f'duplicate key violates "unique"\nDETAIL: Key (email)=({address}) already exists.')
        except ValueError as error:
            raise RuntimeError(f"no row\n{address}") from error
    except RuntimeError:
        line = line_of("Internal Server Error", exc_info=sys.exc_info())
    assert 'duplicate key violates "unique"' in line
    assert "RuntimeError: no row" in line
    assert address not in line
