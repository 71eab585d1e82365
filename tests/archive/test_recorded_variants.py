"""Other skins and releases, and a site that is broken: single recorded answers in place of the usual ones."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from publisher.archive.gnuboard.addresses import Board
from publisher.archive.gnuboard.listing import Listing, read_listing
from publisher.archive.gnuboard.pages import Kind, recognise
from publisher.archive.gnuboard.rss import BoardFeed, read_feed
from publisher.archive.gnuboard.view import View, read_view
from publisher.archive.weblinks import find_addresses
from publisher.archive.wording import whole_title
from publisher.errors import SourceError
from publisher.markup import fold, text_of
from publisher.net import Page
from tests.archive.boardroom import read_board
from tests.boards import RecordedBoard
from tests.boards.dump import read_dump

pytestmark = pytest.mark.recorded

BOARD = Board(root="https://peace.example.org", table="data_son")
NOW = datetime(2026, 1, 5, tzinfo=UTC)
LIST = "/bbs/board.php?bo_table=data_son"


def page(recordings: Path, name: str) -> Page:
    content = (recordings / "pages" / name).read_bytes()
    return Page(url=BOARD.list_page(), status=200, headers={}, content=content)


def view(recordings: Path, name: str) -> View:
    answer = recognise(page(recordings, name))
    assert answer.kind is Kind.VIEW
    return read_view(answer.tree, BOARD)


def listing(recordings: Path, name: str) -> Listing:
    answer = recognise(page(recordings, name))
    assert answer.kind is Kind.LIST
    return read_listing(answer.tree, BOARD)


def feed(recordings: Path, name: str) -> BoardFeed:
    return read_feed(page(recordings, f"variants/{name}"), BOARD, NOW)


@pytest.mark.parametrize(
    "name",
    [
        "t1/view_seed.html",
        "t1/mobile_view_seed.html",
        "t1_short_url_1/view_seed.html",
        "t1_short_url_2/view_seed.html",
        "variants/view_seed_sideview_ip_listview_good.html",
        "variants/skin53_view_seed.html",
        "variants/skin53_mobile_view_seed.html",
        "variants/no_theme_view_seed.html",
    ],
)
def test_every_skin_gives_the_same_post(recordings: Path, name: str) -> None:
    read = view(recordings, name)
    title = whole_title(read.shown_title, read.titles)
    assert title == fold(read_dump(recordings / "posts.sql").post("data_son", 75).row["wr_subject"])  # type: ignore[union-attr]  # it is there
    assert (read.author, read.written) == ("최고관리자", "25-05-07 20:35")
    assert len(text_of(read.html)) > 3000


@pytest.mark.parametrize(
    "name", ["t1/view_attach_mixed.html", "t1/mobile_view_attach_mixed.html", "variants/skin53_view_attach_mixed.html"]
)
def test_every_skin_gives_the_same_files(recordings: Path, name: str) -> None:
    files = view(recordings, name).attachments
    stored = read_dump(recordings / "posts.sql").files["data_son", 34]
    assert [(file.name, str(file.size)) for file in files if file.needs_session] == [
        (row["bf_source"], row["bf_filesize"]) for row in stored if row["bf_width"] == "0"
    ]
    assert [file.type for file in files if not file.needs_session] == ["image/jpeg", "image/png"]
    assert not any("thumb-" in file.url or "nonce" in file.url for file in files)


@pytest.mark.parametrize("name", ["variants/skin53_view_q_reply.html", "variants/view_q_reply_sideview_ip.html"])
def test_comments_and_the_menus_beside_a_name_are_no_part_of_a_post(recordings: Path, name: str) -> None:
    read, plain = view(recordings, name), view(recordings, "t1/view_q_reply.html")
    asked = read_dump(recordings / "posts.sql").post("data_son", 38)
    assert asked is not None
    assert whole_title(read.shown_title, read.titles) == fold(asked.row["wr_subject"])
    assert (read.author, read.written, text_of(read.html)) == (plain.author, plain.written, text_of(plain.html))


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("variants/list_70_rows.html", 70),
        ("variants/list_sideview_good.html", 15),
        ("variants/skin53_list.html", 15),
        ("variants/no_theme_list.html", 15),
        ("t1/list_search.html", 15),
        ("t1/list_p6.html", 0),
    ],
)
def test_every_list_gives_its_rows(recordings: Path, name: str, rows: int) -> None:
    assert len(listing(recordings, name).rows) == rows


def test_the_skins_agree_on_notices_and_order(recordings: Path) -> None:
    seen = {
        tuple((row.key, row.is_notice) for row in listing(recordings, f"variants/{name}").rows)
        for name in ("list_sideview_good.html", "skin53_list.html", "no_theme_list.html")
    }
    assert len(seen) == 1


def test_automatic_links_lose_what_they_swallowed(recordings: Path) -> None:
    html = view(recordings, "variants/view_autolinks.html").html
    addresses = [found.address for found in find_addresses(html.replace('"', " "))]
    for address in ("https://a.example/1", "https://b.example/x?y=1", "https://c.example/z", "https://e.example/끝"):
        assert addresses.count(address) == 2, address  # the link and its words
    assert "https://a.example/1에서 볼 수 있다" in text_of(html)


def test_relative_thumbnailed_and_insecure_pictures_are_found_where_they_are(recordings: Path) -> None:
    html = view(recordings, "t1/view_images.html").html
    assert f"{BOARD.root}/data/editor/2504/3f2b8c1d_1745300000.1234.png" in html
    assert html.count(f"{BOARD.root}/data/editor/2504/77aa_1745300001.0001.jpg") == 2
    assert "thumb-" not in html
    assert "view_image" not in html


# ── RSS of other releases ────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["rss_as_5.2.9.xml", "rss_as_5.4.20.xml"])
def test_old_dates_and_twice_escaped_links_are_read(recordings: Path, name: str) -> None:
    read = feed(recordings, name)
    assert read.remarks == ()
    assert read.items[0].key == "91"
    assert read.items[0].at is not None
    assert read.items[0].at.isoformat() == "2026-01-05T00:00:30+09:00"


def test_a_feed_that_links_every_item_to_the_board_has_items_without_keys(recordings: Path) -> None:
    read = feed(recordings, "rss_as_5.4.0.4.xml")
    assert [remark.code for remark in read.remarks] == ["rss without addresses"]
    assert {item.key for item in read.items} == {None}


async def test_seconds_are_taken_from_a_feed_without_addresses_by_title(recordings: Path) -> None:
    with RecordedBoard(recordings, moment="t3") as board:
        board.instead("/bbs/rss.php?bo_table=data_son", "variants/rss_as_5.4.0.4.xml")
        item = (await read_board(board)).items["91"]
    assert item.published_at is not None
    assert item.published_at.second == 30


async def test_an_ill_formed_feed_is_a_remark_and_the_board_is_read(recordings: Path) -> None:
    with RecordedBoard(recordings, moment="t3") as board:
        board.instead("/bbs/rss.php?bo_table=data_son", "variants/rss_70_rows.xml")
        reading = await read_board(board)
    assert reading.remarks == ["rss ill-formed"]
    assert len(reading.items) > 70


def test_odd_rows_of_a_feed_have_no_date_but_a_name(recordings: Path) -> None:
    pds = Board(root=BOARD.root, table="data_pds")
    read = read_feed(page(recordings, "variants/rss_data_pds_imports.xml"), pds, NOW)
    by_key = {item.key: item for item in read.items}
    assert by_key["9"].at is None
    guest = read_dump(recordings / "posts.sql").post("data_pds", 10)
    assert guest is not None
    assert by_key["10"].author == guest.row["wr_name"]


# ── A site that is broken ────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("recorded", "reason"),
    [
        ("variants/db_down.html", "database down"),
        ("variants/blocked_ip.html", "blocked"),
        ("variants/not_allowed_ip.html", "blocked"),
        ("variants/table_lost_list.html", "suspicious"),
        ("t1/deleted.html", "board missing"),
        ("t1/secret_password_form.html", "closed"),
        ("t1/index.html", "not a board"),
    ],
)
async def test_a_broken_site_ends_the_read_with_its_reason(recordings: Path, recorded: str, reason: str) -> None:
    with RecordedBoard(recordings, moment="t3") as board:
        before = await read_board(board)
        board.instead(f"{LIST}&device=pc", recorded)
        with pytest.raises(SourceError) as caught:
            await read_board(board, before=before)
    assert caught.value.reason == reason


async def test_a_table_lost_on_the_way_is_not_taken_for_deletions(recordings: Path) -> None:
    with RecordedBoard(recordings, moment="t3") as board:
        for post in board.dump.posts["data_son"]:
            board.instead(f"{LIST}&wr_id={post.number}", "variants/table_lost_view.html")
        with pytest.raises(SourceError) as caught:
            await read_board(board)
    assert caught.value.reason == "suspicious"


async def test_an_empty_feed_of_a_lost_table_is_suspicious_and_says_nothing_of_posts(recordings: Path) -> None:
    with RecordedBoard(recordings) as board:
        before = await read_board(board)
        board.instead("/bbs/rss.php?bo_table=data_son", "variants/table_lost_rss.xml")
        reading = await read_board(board, before=before)
    assert (reading.items, reading.remarks) == ({}, ["suspicious"])
