"""Which spellings are addresses, and which are the same person."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.address import mask, parse
from publisher.errors import InvalidAddress


@pytest.mark.parametrize(
    ("written", "address", "key"),
    [
        ("kim@nara.example", "kim@nara.example", "kim@nara.example"),
        ("  Kim.H+news@NARA.example\r\n", "Kim.H+news@nara.example", "kim.h+news@nara.example"),
        ("reader@trial.test", "reader@trial.test", "reader@trial.test"),
        ("reader@localhost", "reader@localhost", "reader@localhost"),
        ("kim@나라.example", "kim@나라.example", "kim@xn--910bs4k.example"),
        ("kim@xn--910bs4k.example", "kim@나라.example", "kim@xn--910bs4k.example"),
        ("김하늘@나라.example", "김하늘@나라.example", "김하늘@xn--910bs4k.example"),
        ("kim@straße.example", "kim@straße.example", "kim@xn--strae-oqa.example"),
        ("\u1100\u1161@nara.example", "가@nara.example", "가@nara.example"),
        ("o'hara_1@mail.nara.example", "o'hara_1@mail.nara.example", "o'hara_1@mail.nara.example"),
    ],
)
def test_an_address_is_shown_as_written_and_known_by_its_key(written: str, address: str, key: str) -> None:
    found = parse(written)
    assert (found.address, found.key) == (address, key)
    assert found.domain == key.rpartition("@")[2]
    assert found.domain.isascii()


@pytest.mark.parametrize(
    "written",
    [
        "",
        "kim",
        "@nara.example",
        "kim@",
        "kim@nara",
        "kim@@nara.example",
        "kim lee@nara.example",
        "kim@nara .example",
        "Kim <kim@nara.example>",
        "<kim@nara.example>",
        "kim@nara.example, lee@nara.example",
        "kim@nara.example\r\nBcc: lee@nara.example",
        "kim\x00@nara.example",
        "kim\u200b@nara.example",
        "kim@na\u202era.example",
        ".kim@nara.example",
        "kim..lee@nara.example",
        '"kim lee"@nara.example',
        "kim@[192.0.2.1]",
        "kim@-nara.example",
        "kim@na_ra.example",
        "kim@xn--zz.example",
        "k" * 65 + "@nara.example",
        "kim@" + "n" * 64 + ".example",
        "kim@" + "nara." * 60 + "example",
    ],
)
def test_what_is_no_address_is_refused_in_one_sentence_without_repeating_it(written: str) -> None:
    with pytest.raises(InvalidAddress) as refusal:
        parse(written)
    sentence = str(refusal.value)
    assert sentence.endswith((".", ")."))
    assert "\n" not in sentence
    assert not written or "kim@nara.example" not in sentence


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("kim@nara.example", "k***@nara.example"),
        ("김하늘@나라.example", "김***@나라.example"),
        ("not an address", "***"),
        ("@nara.example", "***"),
        ("", "***"),
    ],
)
def test_a_masked_address_keeps_one_letter_and_the_domain(address: str, masked: str) -> None:
    assert mask(address) == masked


@given(st.emails() | st.text(max_size=40) | st.text(max_size=10).map(lambda local: f"{local}@nara.example"))
def test_a_key_is_an_address_with_itself_as_key(written: str) -> None:
    try:
        found = parse(written)
    except InvalidAddress:
        return
    again = parse(found.key)
    assert (again.key, again.domain) == (found.key, found.domain)
    assert parse(found.address).key == found.key


@given(
    st.from_regex(r"[A-Za-z0-9_+.-]{1,70}", fullmatch=True),
    st.sampled_from(["mail.example", "메일.example", "x", "a_b.example", "b." * 100 + "example"]),
)
@settings(deadline=None)
def test_a_plain_address_is_judged_as_any_other(local: str, host: str) -> None:
    def judged() -> object:
        try:
            return parse(f"{local}@{host}")
        except InvalidAddress as error:
            return str(error)

    quickly = judged()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("publisher.address._PLAIN", re.compile("(?!)"))
        assert judged() == quickly
