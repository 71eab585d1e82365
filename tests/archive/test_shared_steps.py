"""What several sources share: charsets, dates, keys."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.archive.asking import retry_after
from publisher.archive.charset import decoded
from publisher.archive.keys import canonical, fingerprint, source_key
from publisher.archive.moments import read_moment
from tests.archive.site import NOW


@pytest.mark.parametrize(
    ("written", "moment"),
    [
        ("2025-05-07T20:35:12+09:00", "2025-05-07T20:35:12+09:00"),
        ("2025-05-07T11:35:12Z", "2025-05-07T20:35:12+09:00"),
        ("2025-05-07", "2025-05-07T00:00:00+09:00"),
        ("Wed, 07 May 2025 20:35:12 +0900", "2025-05-07T20:35:12+09:00"),
        ("Wed, 07 May 2025 20:35:12 KST", "2025-05-07T20:35:12+09:00"),
        ("Wed, 07 May 2025 11:35:12 GMT", "2025-05-07T20:35:12+09:00"),
        ("Wed, 07 May 2025 11:35:12 -0000", "2025-05-07T20:35:12+09:00"),
        ("수, 07 5월 2025 20:35:12 +0900", "2025-05-07T20:35:12+09:00"),
        ("2025년 5월 7일 오후 8시 35분", "2025-05-07T20:35:00+09:00"),
        ("2025년 5월 7일(수) 오전 12:05", "2025-05-07T00:05:00+09:00"),
        ("2025. 5. 7. 오후 8:35:12", "2025-05-07T20:35:12+09:00"),
        ("2025.05.07 20:35", "2025-05-07T20:35:00+09:00"),
        ("25-05-07 20:35", "2025-05-07T20:35:00+09:00"),
        ("작성일 : 2025/05/07", "2025-05-07T00:00:00+09:00"),
        ("May 7, 2025 8:35 pm", "2025-05-07T20:35:00+09:00"),
        ("7 May 2025", "2025-05-07T00:00:00+09:00"),
        ("2025-05-07 20:35 UTC", "2025-05-08T05:35:00+09:00"),
    ],
)
def test_dates_are_read_in_every_usual_hand(written: str, moment: str) -> None:
    read = read_moment(written, NOW)
    assert read is not None
    assert read.isoformat() == moment


@pytest.mark.parametrize("written", ["", "soon", "20:35", "2025-13-40", "0000-00-00", "2052-05-07", "-1-11-30 00:00"])
def test_what_cannot_be_a_date_is_none(written: str) -> None:
    assert read_moment(written, NOW) is None


@given(st.text())
def test_any_text_is_a_date_or_none(written: str) -> None:
    read_moment(written, NOW)


@pytest.mark.parametrize(
    "content_type", ["", "text/html; charset=utf-8", "text/html; charset=euc-kr", "charset=nonsense"]
)
@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_text_is_read_whatever_the_header_says(charset: str, content_type: str) -> None:
    assert decoded("한글 똠방각하".encode(charset), content_type=content_type) == "한글 똠방각하"


def test_a_few_torn_characters_are_no_other_charset() -> None:
    assert decoded("다리 위의 겨울".encode()[:-1]) == "다리 위의 겨\ufffd"


@pytest.mark.parametrize("name", [b"idna", b"unicode_escape", b"zlib", b"utf-7"])
def test_a_charset_that_is_none_is_not_believed(name: bytes) -> None:
    assert decoded(b"<meta charset=" + name + b">+AGE- \\x41") == f"<meta charset={name.decode()}>+AGE- \\x41"


@given(st.binary(max_size=99), st.text(max_size=20))
def test_any_bytes_are_text(content: bytes, header: str) -> None:
    decoded(content, content_type=f"charset={header}")


def test_an_address_has_one_form() -> None:
    assert canonical("HTTP://WWW.Naru.example:80/a?b=1&utm_medium=x&c=#d") == "http://www.naru.example/a?b=1&c="
    assert [canonical(address) for address in ("", "mailto:a@x.example", "http://[::1", "/a")] == ["", "", "", ""]


@given(st.text())
def test_a_canonical_address_stays_as_it_is(address: str) -> None:
    assert canonical(canonical(address)) == canonical(address)


def test_a_key_that_is_stored_goes_before_a_better_one() -> None:
    assert source_key(("guid", "link"), {"link": "x"}) == "link"
    assert source_key(("", "link"), {}) == "link"
    assert source_key(("x" * 600,), {}).startswith("hash:")
    assert fingerprint("a  b", "2025") == fingerprint("ab", "2025") != fingerprint("ab", "2026")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        ("0", 60),
        ("999999999999", 86400),
        ("Mon, 01 Dec 2025 00:10:00 GMT", 600),
        ("soon", None),
        ("", None),
    ],
)
def test_how_long_to_stay_away(text: str, seconds: int | None) -> None:
    wait = retry_after(text, NOW)
    assert (wait.total_seconds() if wait else None) == seconds
