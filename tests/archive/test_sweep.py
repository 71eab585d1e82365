"""The daily sweep and the second looks: what is gone, what was edited without a mark, and what both cost."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.archive.gnuboard.addresses import board_of
from publisher.archive.gnuboard.memory import Memory
from publisher.archive.gnuboard.plan import Look
from publisher.archive.gnuboard.posts import Posts
from publisher.archive.gnuboard.rss import BoardFeed
from publisher.archive.gnuboard.visitor import Visitor
from publisher.errors import SourceError
from publisher.model import RETRACTED
from publisher.net import Fetcher
from tests.archive.boardroom import MOMENTS, Reading, read_board, read_paper
from tests.archive.test_crawl import BY_DATE, LIST, RSS, view
from tests.boards import RecordedBoard
from tests.boards.paper import GONE, MEMBERS, PaperBoard, post

NOW = datetime(2025, 12, 1, tzinfo=UTC)
DAY = timedelta(days=1)
ALERT = f'<script>alert("{GONE}");</script>'


@pytest.fixture
def board() -> PaperBoard:
    """Forty posts on three pages."""
    return PaperBoard(post(number) for number in range(1, 41))


async def after_a_day(board: PaperBoard, before: Reading) -> Reading:
    return await read_paper(board, before, now=NOW + DAY)


async def test_a_post_deleted_deep_in_the_list_is_told_gone_at_the_daily_sweep(board: PaperBoard) -> None:
    before = await read_paper(board)
    del board.posts[7]
    assert (await read_paper(board, before)).gone == {}
    reading = await after_a_day(board, before)
    assert (reading.gone, reading.is_sweep) == ({"7": "deleted"}, True)
    assert view(7) in board.asked


async def test_a_sweep_of_an_unchanged_board_costs_its_pages_and_two(board: PaperBoard) -> None:
    before = await read_paper(board)
    await after_a_day(board, before)
    lists = [target for target in board.asked if "wr_id" not in target]
    assert lists == [f"{LIST}&device=pc", RSS, f"{LIST}&page=2", f"{LIST}&page=3", f"{LIST}&page=4"]
    assert len(board.asked) - len(lists) <= 2  # second looks


async def test_a_gone_post_that_was_taken_away_is_not_asked_for_again(board: PaperBoard) -> None:
    before = await read_paper(board)
    del board.posts[7]
    before.known["7"] = RETRACTED
    assert (await after_a_day(board, before)).gone == {}
    assert view(7) not in board.asked


async def test_a_post_taken_away_that_stands_again_comes_as_it_was(board: PaperBoard) -> None:
    before = await read_paper(board)
    before.known["38"] = RETRACTED
    reading = await read_paper(board, before)
    assert list(reading.items) == ["38"]
    assert reading.items["38"].digest == before.items["38"].digest


async def test_a_post_that_the_list_forgot_but_its_address_shows_is_not_gone(board: PaperBoard) -> None:
    before = await read_paper(board)
    hidden = board.posts.pop(7)
    page = board._view(hidden)
    board.pages[view(7)] = page
    assert (await after_a_day(board, before)).gone == {}


@pytest.mark.parametrize("answer", ["", "<html>Checking your browser…</html>", f'<script>alert("{MEMBERS}");</script>'])
async def test_an_answer_that_is_no_deletion_proves_none(board: PaperBoard, answer: str) -> None:
    before = await read_paper(board)
    del board.posts[7]
    board.pages[view(7)] = answer
    assert (await after_a_day(board, before)).gone == {}


async def test_nothing_is_gone_while_no_other_post_can_be_seen(board: PaperBoard) -> None:
    before = await read_paper(board)
    del board.posts[7]
    for number in board.posts:
        board.pages[view(number)] = ALERT
    reading = await after_a_day(board, before)
    assert reading.gone == {}
    assert "suspicious" in reading.remarks


async def test_a_list_much_shorter_than_it_claims_proves_nothing(board: PaperBoard) -> None:
    before = await read_paper(board)
    for number in range(1, 11):
        del board.posts[number]
    board.total = 40
    reading = await after_a_day(board, before)
    assert (reading.gone, reading.remarks) == ({}, ["suspicious"])
    assert view(7) not in board.asked


async def test_a_table_lost_between_two_reads_ends_the_read(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.posts, board.total = {}, 40
    with pytest.raises(SourceError) as caught:
        await after_a_day(board, before)
    assert caught.value.reason == "suspicious"


async def test_a_post_that_became_secret_deep_in_the_list_is_told_without_being_asked_for(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.change(7, is_secret=True)
    reading = await after_a_day(board, before)
    assert reading.gone == {"7": "secret"}
    assert view(7) not in board.asked
    assert (await read_paper(board, reading, now=NOW + DAY)).gone == {"7": "secret"}  # and again, while it is so


async def test_a_late_reply_under_an_old_date_is_found_by_the_sweep(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.put(post(41, reply_to=3, written="2019-01-01 10:00:00"))
    board.total = 40  # the total does not tell
    assert list((await after_a_day(board, before)).items) == ["41"]


async def test_a_large_board_is_swept_over_several_reads() -> None:
    board = PaperBoard((post(number) for number in range(1, 151)), page_rows=2)
    before = await read_paper(board)
    del board.posts[7]
    first = await read_paper(board, before, now=NOW + DAY)
    assert (first.gone, first.is_sweep) == ({}, False)
    assert len(board.asked) <= 70
    second = await read_paper(board, first, now=NOW + DAY + timedelta(minutes=15))
    assert (second.gone, second.is_sweep) == ({"7": "deleted"}, True)
    third = await read_paper(board, second, now=NOW + DAY + timedelta(minutes=30))
    assert third.is_sweep is False
    assert len(board.asked) <= 6


async def test_posts_that_come_while_a_large_board_is_swept_do_not_end_the_sweep() -> None:
    board = PaperBoard((post(number) for number in range(1, 151)), page_rows=2)
    first = await read_paper(board, await read_paper(board), now=NOW + DAY)
    board.put(*(post(number, written="2025-12-02 10:00:00") for number in range(151, 161)))
    second = await read_paper(board, first, now=NOW + DAY + timedelta(minutes=15))
    assert len(second.items) == 10
    assert (second.gone, second.remarks, second.is_sweep) == ({}, [], True)


# ── Second looks ─────────────────────────────────────────────────────────────


async def test_an_edit_of_a_recent_post_is_found_though_no_list_or_feed_shows_it(board: PaperBoard) -> None:
    board.rss = False
    before = await read_paper(board)
    board.change(20, body="<p>고쳐 쓴 글.</p>")
    reading, found = before, []
    for week in range(1, 25):
        reading = await read_paper(board, reading, now=NOW + timedelta(days=7, hours=week))
        found += list(reading.items)
    assert found == ["20"]


async def test_a_file_that_was_added_is_found_though_list_and_feed_show_the_post_as_it_was(board: PaperBoard) -> None:
    before = await read_paper(board)
    board.pages[view(27)] = board._view(replace(board.posts[27], has_file=True))
    reading, found = before, []
    for day in range(1, 12):
        reading = await read_paper(board, reading, now=NOW + day * DAY)
        found += list(reading.items)
    assert found == ["27"]


async def test_an_edit_of_an_old_post_is_found_within_the_round() -> None:
    board = PaperBoard(post(number, written=f"2019-03-{number:02} 10:00:00") for number in range(1, 21))
    reading = await read_paper(board)
    board.change(3, body="<p>고쳐 쓴 글.</p>")
    found: list[str] = []
    for day in range(1, 125):
        reading = await read_paper(board, reading, now=NOW + day * DAY)
        found += reading.items
    assert found == ["3"]


async def test_second_looks_never_make_an_unchanged_board_dearer_than_six_requests(board: PaperBoard) -> None:
    board.put(post(41, is_secret=True), post(42, title="", body=""))
    reading = await read_paper(board)
    for hour in range(1, 60):
        reading = await read_paper(board, reading, now=NOW + timedelta(hours=hour))
        assert reading.items == {}
        if not reading.is_sweep:
            assert len(board.asked) <= 6
            assert board.asked[:3] == [f"{LIST}&device=pc", RSS, BY_DATE]


async def test_a_view_that_says_deleted_brings_the_sweep_forward(board: PaperBoard) -> None:
    board.rss = False
    reading = await read_paper(board)
    del board.posts[20]
    gone: dict[str, str] = {}
    for hour in range(1, 23):
        reading = await read_paper(
            board, reading, now=NOW + timedelta(days=-1, hours=hour)
        )  # a clock put back is no harm
        gone |= reading.gone
    assert gone == {"20": "deleted"}


@pytest.mark.parametrize("cursor", [{"swept": 3}, {"sweep_page": "x", "sweep_seen": [1]}, {"round_read": "2025-13-01"}])
async def test_a_damaged_memory_of_the_sweep_does_no_harm(board: PaperBoard, cursor: dict[str, object]) -> None:
    before = await read_paper(board)
    before.cursor = {**before.cursor, **cursor}
    reading = await read_paper(board, before)
    assert (reading.items, reading.gone) == ({}, {})


@pytest.mark.recorded
@pytest.mark.parametrize("device", ["pc", "mobile"])
@pytest.mark.parametrize("table", ["data_son", "data_pds", "gallery_act"])
async def test_no_second_look_finds_an_edit_that_nobody_made(recordings: Path, device: str, table: str) -> None:
    """Without the row and the feed's item, as deep in the list, a post says the same as with them."""
    with RecordedBoard(recordings, device=device) as recorded:
        first = await read_board(recorded, table)
        memory = Memory.of(first.cursor)
        async with Fetcher(allow=(recorded.place,)) as fetcher:
            posts = Posts(
                board=board_of(recorded.board_url(table)),
                visitor=Visitor(fetcher, 0),
                memory=memory,
                known=first.known,
                rows={},
                feed=BoardFeed(),
                board_title="",
                now=MOMENTS["t1"],
            )
            looks = [Look(key=key, shown=key) for key in first.items if key not in memory.notices]
            assert [event async for event in posts.look_at(looks)] == []
