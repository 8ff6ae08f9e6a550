"""The one spelling of an email address: what is folded, what is refused, and that a mail can be made for the rest."""

import email
import email.policy
import time
import timeit

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from hypothesis import given, settings
from hypothesis import strategies as st

from wego_portal.foundation.email_address import AddressField, normalise_address, unicode_spelling


@pytest.mark.parametrize(
    "typed",
    [
        "user@city.example",
        " User@City.Example\n",
        "user@city.example\u202c",  # copied from a text that runs in both directions
        "\u202auser@city.example\u202c",
        "us\u200ber@city.example",
        "user@ci\u00adty.example",
        "\ufeffuser@city.example",
        "user\u2060@city.example",
        "us\u200der@ci\u200cty.example",
        "\u3000user@city.example\u00a0",
        "ｕｓｅｒ＠ｃｉｔｙ．ｅｘａｍｐｌｅ",
        "user@city。example",
    ],
)
def test_one_person_has_one_address(typed):
    assert normalise_address(typed) == "user@city.example"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("user@bücher.example", "user@xn--bcher-kva.example"),
        ("user@BÜCHER.example", "user@xn--bcher-kva.example"),
        ("user@bu\u0308cher.example", "user@xn--bcher-kva.example"),
        ("user@xn--bcher-kva.example", "user@xn--bcher-kva.example"),
        ("user@日本語。jp", "user@xn--wgv71a119e.jp"),
        ("user@서울.한국", "user@xn--2i4bq6h.xn--3e0b707e"),
        # The joiner is part of this domain; without it mail would go to another one.
        ("user@نامه\u200cای.example", "user@xn--mgba3gch31f060k.example"),
        ("o'hara+a_b-c.d@r3---sn.city.example", "o'hara+a_b-c.d@r3---sn.city.example"),
    ],
)
def test_a_domain_is_kept_in_ascii(typed, kept):
    assert normalise_address(typed) == kept
    assert normalise_address(unicode_spelling(kept)) == kept


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Enter an email address like"),
        ("user", "Enter an email address like"),
        ("@city.example", "Enter an email address like"),
        ("user@", "Enter an email address like"),
        ("\u200b@\u200b", "Enter an email address like"),
        ("us er@city.example", "Enter an email address like"),
        ("us\u3000er@city.example", "Enter an email address like"),
        ("user@ci ty.example", "Enter an email address like"),
        ("a@b@city.example", "Enter an email address like"),
        ("a@city.example\r\nBcc: b@city.example", "Enter an email address like"),
        ("user@city..example", "Enter an email address like"),
        ("user@-city.example", "Enter an email address like"),
        ("us..er@city.example", "Enter an email address like"),
        ("a\0b@city.example", "Enter an email address like"),
        ("a" * 65 + "@city.example", "Enter an email address like"),
        ('"a b"@city.example', "Before the @"),
        ('"a\x01b"@city.example', "Before the @"),
        ("üser@city.example", "Before the @"),
        ("ユーザー@city.example", "Before the @"),
        ("user@localhost", "No mail can be sent"),
        ("user@mail.localhost", "No mail can be sent"),
        ("user@city.invalid", "No mail can be sent"),
        ("user@city", "No mail can be sent"),
        ("user@[127.0.0.1]", "No mail can be sent"),
        ("user@[IPv6:::1]", "No mail can be sent"),
        ("user@192.0.2.44", "No mail can be sent"),
        ("user@☃.example", "No mail can be sent"),
        ("user@xn--zzzzzzz999.example", "No mail can be sent"),
        ("user@" + "ü" * 64 + ".example", "No mail can be sent"),
        ("user@" + "x" * 245 + ".example", "at most 254 characters"),
        ("user@" + ".".join("ü" * 20 for _ in range(10)) + ".example", "No mail can be sent|at most 254 characters"),
    ],
)
def test_what_no_mail_can_reach_is_refused_with_the_reason(typed, words):
    with pytest.raises(ValidationError) as refusal:
        AddressField().clean(typed or "x")
    assert any(each in refusal.value.messages[0] for each in words.split("|"))


marks = st.sampled_from("@.\u202c\u200b\u00ad\u3000\u0345\u0334\"[]<>,;:()\\\r\n\0 －＠．。üß٠İK-_'+")


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.text(max_size=300),
        st.builds("{}@{}.{}".format, *[st.text(alphabet=st.one_of(marks, st.characters()), max_size=20)] * 3),
        st.builds("{}@{}.example".format, *[st.text(alphabet=st.one_of(marks, st.sampled_from("abxn--1")))] * 2),
    )
)
def test_for_every_address_that_is_taken_a_mail_can_be_made(typed):
    try:
        address = normalise_address(typed)
    except ValidationError:
        return
    assert address.isascii()
    assert address == address.lower() == normalise_address(address)
    sent = EmailMessage("Subject", "Body", "portal@city.example", [address]).message().as_bytes()
    read = email.message_from_bytes(sent, policy=email.policy.default)
    assert [each.addr_spec for each in read["To"].addresses] == [address]


@pytest.mark.parametrize(
    "pattern", ["a", "a\u0345\u0334", ".", "-", "@", "<", '"', " ", "\n", "＠", "\u200b", "ﷺ", "ü."]
)
@pytest.mark.parametrize("frame", ["{}", "{}@city.example", "user@{}.example"])
def test_what_is_too_long_is_not_looked_at(pattern, frame):
    def cost(length):
        typed = frame.format(pattern * length)

        def look():
            with pytest.raises(ValidationError):
                AddressField().clean(typed)

        return min(timeit.repeat(look, timer=time.process_time, number=50, repeat=7))

    assert cost(400_000) < 4 * cost(100_000)
