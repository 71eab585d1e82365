"""The three forms of an address, and the one that is stored."""

import pytest

from publisher.archive.gnuboard.addresses import Board, board_of
from publisher.errors import SourceError

BOARD = Board(root="https://naru.example", table="director")


@pytest.mark.parametrize(
    ("url", "root"),
    [
        ("https://naru.example/bbs/board.php?bo_table=director", "https://naru.example"),
        ("https://naru.example/bbs/board.php?bo_table=director&wr_id=7&page=2", "https://naru.example"),
        ("https://naru.example/bbs/rss.php?bo_table=director", "https://naru.example"),
        ("https://naru.example/home/site/bbs/board.php?bo_table=director", "https://naru.example/home/site"),
        ("https://naru.example/director", "https://naru.example"),
        ("https://naru.example/director/", "https://naru.example"),
        ("https://naru.example/director/75", "https://naru.example"),
        ("https://naru.example/director/a-title-of-a-post/", "https://naru.example"),
        ("https://naru.example/rss/director", "https://naru.example"),
        ("https://naru.example/home/director", "https://naru.example/home"),
        ("http://127.0.0.1:9200/bbs/board.php?bo_table=director", "http://127.0.0.1:9200"),
        ("  https://naru.example/bbs/board.php?bo_table=director \n", "https://naru.example"),
    ],
)
def test_a_board_is_known_by_any_of_its_addresses(url: str, root: str) -> None:
    assert board_of(url) == Board(root=root, table="director")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "director",
        "ftp://naru.example/director",
        "https://naru.example/",
        "https://naru.example/bbs/board.php",
        "https://naru.example/bbs/board.php?bo_table=../etc",
        "https://user:pass@naru.example/director",
        "https://[::1/director",
    ],
)
def test_what_is_no_board_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(SourceError, match="bo_table=notice") as caught:
        board_of(url)
    assert caught.value.reason == "not a board"


@pytest.mark.parametrize(
    ("href", "key"),
    [
        ("https://naru.example/bbs/board.php?bo_table=director&wr_id=75", "75"),
        ("./board.php?bo_table=director&wr_id=0075&page=3&sst=wr_datetime", "75"),
        ("https://naru.example/director/75", "75"),
        ("https://naru.example/director/75?page=2", "75"),
        ("https://naru.example/director/%EB%8B%A4%EB%A6%AC/", "slug:다리"),
        ("https://naru.example/director/a-title/?page=2", "slug:a-title"),
        ("https://naru.example/director/75/", "slug:75"),
        ("https://naru.example/director/a-title", None),
        ("https://naru.example/director", None),
        ("https://naru.example/director/a/b/", None),
        ("https://naru.example/director/%FF/", None),
        ("https://naru.example/bbs/board.php?bo_table=DIRECTOR&wr_id=75", None),
        ("https://naru.example/bbs/board.php?bo_table=other&wr_id=75", None),
        ("https://naru.example/bbs/board.php?bo_table=director&wr_id=0", None),
        ("https://naru.example/bbs/board.php?bo_table=director&wr_id=7٧", None),
        ("https://naru.example/bbs/board.php?bo_table=director", None),
        ("javascript:alert(1)", None),
        ("https://[bad", None),
    ],
)
def test_a_link_to_a_post_gives_its_key(href: str, key: str | None) -> None:
    assert BOARD.key_of(href) == key


@pytest.mark.parametrize(
    "link",
    [
        "https://naru.example/bbs/board.php?bo_table=director&amp;wr_id=75",
        "https://naru.example/bbs/board.php?bo_table=director&amp;amp;wr_id=75",
        "https://naru.example/bbs/board.php?bo_table=director&wr_id=75",
        "https://naru.example/director/75",
    ],
)
def test_a_feed_link_gives_its_key_however_often_it_is_escaped(link: str) -> None:
    assert BOARD.key_in_feed(link.replace("&amp;amp;", "&amp;")) == "75"


def test_the_stored_address_is_the_long_one() -> None:
    assert BOARD.address_of("75") == "https://naru.example/bbs/board.php?bo_table=director&wr_id=75"
    assert BOARD.address_of("slug:다리") == "https://naru.example/director/%EB%8B%A4%EB%A6%AC/"


def test_an_address_by_title_is_asked_for_exactly_as_the_site_wrote_it() -> None:
    decomposed = "https://naru.example/director/%E1%84%80%E1%85%A1%E1%86%BC/"  # NFD, from a Mac
    key = BOARD.key_of(decomposed)
    assert key is not None
    assert BOARD.address_of(key) == decomposed
