"""What a page is taken for, without asking anybody."""

import pytest

from publisher.archive.recognise import recognise
from publisher.archive.sighting import Sighting
from publisher.errors import SourceError
from publisher.net import Page

SIX = b'<html><script>var g6_url = "";</script><div id="bo_list"></div>'


def page(url: str, content: bytes, status: int = 200, **headers: str) -> Page:
    return Page(url=url, status=status, headers=headers, content=content)


def test_a_board_of_gnuboard_6_is_known_by_its_page_and_address() -> None:
    seen = recognise(page("https://hanbit.example/board/press/12", SIX))
    assert seen.here == Sighting(kind="gnuboard6", url="https://hanbit.example/board/press")


def test_wordpress_is_known_by_the_header_alone() -> None:
    link = '<https://hanbit.example/?rest_route=/>; rel="https://api.w.org/"'
    [found] = recognise(page("https://hanbit.example/2026/11/hello", b"<html>", link=link)).linked
    assert (found.kind, found.url) == ("wordpress", "https://hanbit.example/?rest_route=/wp/v2/posts")


@pytest.mark.parametrize(
    "content", [b"", b"<html>" + b"<div>" * 50_000, b"\xff" * 1000, b"{" * 100_000, b"[" * 100_000]
)
def test_whatever_comes_is_told_in_our_own_words(content: bytes) -> None:
    with pytest.raises(SourceError) as caught:
        recognise(page("https://hanbit.example/", content))
    assert caught.value.reason == "not recognised"


def test_a_missing_page_of_any_site_is_no_missing_board() -> None:
    with pytest.raises(SourceError) as caught:
        recognise(page("https://hanbit.example/somewhere", b"<html>", 404))
    assert caught.value.reason == "missing"
