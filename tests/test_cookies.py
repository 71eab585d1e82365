"""The tolerant cookie jar of a crawl."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.net import CookieJar


@pytest.mark.parametrize(
    ("lines", "sent"),
    [
        (["a=1; path=/"], "a=1"),
        (["a=1", "b=2; HttpOnly; SameSite=None"], "a=1; b=2"),
        (["a=1", "a=2"], "a=2"),
        (["a=1", "a", "a=", "=a", ";;;", "a=x y", "a=x,y; path=/", "", "a b=1", "a=\u00e9"], "a=1"),
        (["a=1", "a=x; Max-Age=0"], ""),
        (["a=1", "a=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/"], ""),
        (["a=1; expires=Wed, 01 Jan 2200 00:00:00 GMT"], "a=1"),
        (["a=1; expires=soon", "b=2; max-age=never"], "a=1; b=2"),
        (["a=" + "x" * 5000], ""),
    ],
)
def test_cookies_are_taken_where_they_can_be_read(lines: list[str], sent: str) -> None:
    jar = CookieJar()
    jar.take("board.example", lines, secure=False)
    assert jar.header_for("board.example", secure=False) == sent


def test_a_secure_cookie_does_not_go_over_http() -> None:
    jar = CookieJar()
    jar.take("board.example", ["a=1; Secure", "b=2"], secure=True)
    assert jar.header_for("board.example", secure=True) == "a=1; b=2"
    assert jar.header_for("board.example", secure=False) == "b=2"


def test_a_host_cannot_fill_the_jar() -> None:
    jar = CookieJar()
    jar.take("board.example", [f"n{number}=1" for number in range(1000)], secure=False)
    assert len(jar.header_for("board.example", secure=False).split("; ")) == 50


@given(st.lists(st.text(), max_size=5))
def test_no_cookie_breaks_a_header(lines: list[str]) -> None:
    jar = CookieJar()
    jar.take("board.example", lines, secure=False)
    sent = jar.header_for("board.example", secure=False)
    assert sent.isascii()
    assert sent == "" or sent.isprintable()
