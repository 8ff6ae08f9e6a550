"""A file of addresses, as programs for tables save it: read, or refused by the line that cannot be."""

import contextlib
import re
import time
import timeit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from events.domain.address_list import MAX_LINES, UnreadableFileError, read_addresses

KIM = [("kim@city.example", "ko", "Kim Minji")]
ROW = "kim@city.example;ko;Kim Minji"


def found(data):
    addressees, bad = read_addresses(data.encode() if isinstance(data, str) else data)
    return [(each.email, each.language, each.name) for each in addressees], [line.number for line in bad]


@pytest.mark.parametrize(
    "data",
    [
        f"email;language;name\n{ROW}\n",
        f"E-mail;Language;Name\r\n{ROW}\r\n",
        f"\ufeffE-Mail Address;LANGUAGE;ｎａｍｅ\r\n{ROW}\r\n",
        f"sep=;\r\nEmail;Language;Name\r\n{ROW}\r\n",
        f'\ufeff"sep=;"\nEmail;Language;Name\n{ROW}\n',
        f"sep=,\nEmail,Language,Name\n{ROW.replace(';', ',')}\n",
        f"Email;Language;Name;;\r\n{ROW};;\r\n;;;;\r\n\r\n",
        f";Email;;Language;Name\r\n;{ROW.replace(';', ';;', 1)}\r\n",
        f"Email;Language;Name;\r\n{ROW};\r\n",
        f"Email;Language;Name\r\n{ROW};;;\r\n",
        "email\tlanguage\tname\r\n" + ROW.replace(";", "\t") + "\r\n",
        ("email\tlanguage\tname\r\n" + ROW.replace(";", "\t") + "\r\n").encode("utf-16"),
        ("\ufeffemail\tlanguage\tname\r\n" + ROW.replace(";", "\t") + "\r\n").encode("utf-16-be"),
        f"email;language;name\r{ROW}\r",
        f"\n\nemail;language;name\n\n\n{ROW}",
        f"メールアドレス;言語;氏名\n{ROW}",
        f"이메일;언어;이름\n{ROW}",
        '"email","language","name"\n"kim@city.example","KO","Kim Minji"\n',
        f"Name;Language;Email\n{';'.join(reversed(ROW.split(';')))}\n",
    ],
)
def test_a_table_is_read_however_it_was_saved(data):
    assert found(data) == (KIM, [])


@pytest.mark.parametrize(
    "data", ["E-mail\nkim@city.example\n", "email;\nkim@city.example;\n", "email\nkim@city.example;\n"]
)
def test_one_column_is_enough(data):
    assert found(data) == ([("kim@city.example", "en", "")], [])


def test_lines_are_numbered_as_in_the_file():
    data = "sep=;\r\n\r\nemail;name\r\nkim@city.example;Kim\r\n;;\r\nnobody;x\r\n;Lee\r\nlee@city.example;Lee;more\r\n"
    assert found(data) == ([("kim@city.example", "en", "Kim")], [6, 7, 8])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("email,name\nkim@city.example,김\n".encode("cp949"), "not text in UTF-8"),
        ("email,name\nkim@city.example,金\n".encode("shift_jis"), "not text in UTF-8"),
        ("email\nkim@city.example\n".encode("utf-16-le"), "not text in UTF-8"),
        (b"\xff\xfea", "not text in UTF-8"),
        ("", "has to name the columns"),
        ("sep=;\n", "has to name the columns"),
        ("kim@city.example\nlee@city.example\n", "has to name the columns"),
        ("email,E-mail\na@b.example,c@d.example", "These columns are the same: email, E-mail."),
        ("email,telephone,fax\n", "There is no such column here: telephone, fax."),
        # Quotes that run over a line would hide who stands in it.
        ('email,name\nkim@city.example,"Kim\nlee@city.example,Lee"\n', "Line 2 is not a line of a table."),
        ('email,name\nkim@city.example,Kim\nlee@city.example,"Lee\nsato@city.example\n', "Line 3 is not a line"),
        ('email,name\nkim@city.example,"Kim"x\n', "Line 2 is not a line"),
        ("email\n" + "x" * 2001, "Line 2 is too long."),
        ("email" + ";" * 2001, "Line 1 is too long."),
        ("email\n" + "\n" * (MAX_LINES + 1), "More than 5000 lines"),
        ("email\n" + "a@b.example\n" * 90_000, "larger than 1 MB"),
    ],
)
def test_a_file_is_refused_by_what_cannot_be_read(data, words):
    with pytest.raises(UnreadableFileError) as refusal:
        found(data)
    assert words in str(refusal.value)


cells = st.text(alphabet=st.sampled_from('ab@.;,\t"\n\r \0é\u200b\x0b\x85\u2028'), max_size=12)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(cells, st.just("a@b.example")), max_size=8), st.sampled_from(["email", "email;name", "email,x"])
)
def test_every_line_is_accounted_for(lines, headings):
    data = "\n".join([headings, *lines])
    try:
        addressees, bad = read_addresses(data.encode())
    except UnreadableFileError:
        return
    written = [line for line in re.split(r"\r\n|\r|\n", data)[1:] if line.strip(';,\t" \x0b\x85\u2028')]
    assert len(addressees) + len(bad) >= len(written)


@pytest.mark.parametrize("line", ["a@b.example", '""', '"a"";', ";", "@", "\u200b@\u0345\u0334", "x" * 90, "=1;sep="])
def test_its_cost_grows_as_its_length(line):
    def cost(lines):
        data = ("email;name\n" + f"{line}\n" * lines).encode()

        def read():
            with contextlib.suppress(UnreadableFileError):
                read_addresses(data)

        return min(timeit.repeat(read, timer=time.process_time, number=1, repeat=7))

    # Four times the lines: 4 if it grows as they do, 16 if as their square.
    assert cost(4_000) < 8 * cost(1_000)
