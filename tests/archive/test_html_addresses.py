"""A post's key and address out of the link that a list has to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.archive.html.addresses import page_of, post_at

LIST = "https://naru.example/board/list.php?board=news&page=2"


@pytest.mark.parametrize(
    ("listing", "href", "key"),
    [
        (LIST, "view.php?board=news&no=12&page=2", "12"),
        (LIST, "view.php?no=0012&board=news&search_keyword=x", "12"),
        (LIST, "https://www.naru.example/board/view.php?board=news&no=12#c3", "12"),
        (LIST, "view.php?board=press&no=12", "url:naru.example/board/view.php?board=press&no=12"),
        (LIST, "/other/view.php?board=news&no=12", "url:naru.example/other/view.php?board=news&no=12"),
        (LIST, "view.php?board=news&no=12&lang=en", "url:naru.example/board/view.php?board=news&no=12&lang=en"),
        ("https://naru.example/notice", "/notice/1234", "1234"),
        ("https://naru.example/notice?page=3", "/index.php?mid=notice&document_srl=1234",
         "url:naru.example/index.php?mid=notice&document_srl=1234"),
        ("https://naru.example/index.php?mid=notice", "/index.php?mid=notice&page=2&document_srl=1234", "1234"),
        ("https://naru.example/news/list", "/news/view/12", "12"),
        ("https://naru.example/news/list", "/press/view/12", "url:naru.example/press/view/12"),
        ("https://naru.example/news/", "?mod=document&pageid=2&uid=7", "7"),
        ("https://naru.example/blog/", "/blog/2025/05/12", "url:naru.example/blog/2025/05/12"),
        ("https://naru.example/blog/", "a-winter-on-the-bridge", "url:naru.example/blog/a-winter-on-the-bridge"),
        ("https://naru.example/", "http://naru.example:8080/x", "url:naru.example:8080/x"),
        ("https://naru.example/list", "/v?t=%B0%A1", "url:naru.example/v?t=%B0%A1"),
    ],
)  # fmt: skip
def test_the_key_is_the_number_where_nothing_else_tells_posts_apart(listing: str, href: str, key: str) -> None:
    address = post_at(href, listing, listing)
    assert address is not None
    assert address.key == key


def test_addresses_in_old_charsets_are_kept_byte_for_byte() -> None:
    first, second = (post_at(f"/v?t={sign}", LIST, LIST) for sign in ("%B0%A1", "%B0%A2"))
    assert first is not None
    assert second is not None
    assert first.key != second.key
    assert first.url == "https://naru.example/v?t=%B0%A1"


@pytest.mark.parametrize(
    "href", ["", "#x", "javascript:x(1)", "mailto:a@b.example", "?page=3", "list.php", "http://", "\x00"]
)
def test_what_leads_to_no_page_of_its_own_is_no_post(href: str) -> None:
    address = post_at(href, "https://naru.example/list.php", "https://naru.example/list.php?page=1")
    assert address is None


def test_the_pages_of_a_list_are_counted_by_one_parameter() -> None:
    assert page_of(LIST, "page", 3) == "https://naru.example/board/list.php?board=news&page=3"
    assert page_of("https://naru.example/x#y", "p", 2) == "https://naru.example/x?p=2"


@given(st.text(max_size=80))
def test_no_link_breaks_it(href: str) -> None:
    address = post_at(href, LIST, LIST)
    assert address is None or (address.key and address.url.startswith(("http://", "https://")))
