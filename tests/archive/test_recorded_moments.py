"""A real board at three moments: what a reader that comes again sees, and what it asks for."""

import json
from pathlib import Path

import pytest

from publisher.errors import SourceError
from tests.archive.boardroom import read_address, read_board
from tests.boards import RecordedBoard
from tests.boards.dump import read_dump

pytestmark = pytest.mark.recorded


@pytest.mark.parametrize("device", ["pc", "mobile"])
@pytest.mark.parametrize("table", ["data_son", "data_pds", "gallery_act", "data_memb"])
async def test_an_unchanged_board_costs_at_most_six_requests(recordings: Path, table: str, device: str) -> None:
    with RecordedBoard(recordings, device=device) as board:
        before = await read_board(board, table)
        with board.counting() as asked:
            reading = await read_board(board, table, before)
    assert reading.items == {}
    assert len(asked) <= 6


@pytest.mark.parametrize("device", ["pc", "mobile"])
async def test_the_second_moment_brings_what_is_new_and_what_changed(recordings: Path, device: str) -> None:
    with RecordedBoard(recordings, device=device) as board:
        first = await read_board(board)
        board.moment = "t2"
        with board.counting() as asked:
            second = await read_board(board, before=first)
    assert {"83", "85", "86", "87", "88"} <= set(second.items)
    edited = {key for key, item in second.items.items() if key in first.items and item.digest != first.known[key]}
    assert {"69", "74"} <= edited <= {"69", "74", "77"}
    assert (second.items["72"].is_notice, second.items["87"].is_notice, second.items["1"].is_notice) == (
        True,
        True,
        False,
    )
    assert second.items["72"].digest == first.known["72"]
    assert second.items["69"].published_at == first.items["69"].published_at
    assert "70" in second.skipped
    assert len(asked) <= 22  # four days later: all list pages, and a view of what is missing from them


async def test_a_file_added_by_an_edit_is_noticed_on_the_first_page(recordings: Path) -> None:
    with RecordedBoard(recordings) as board:
        first = await read_board(board)
        board.moment = "t2"
        second = await read_board(board, before=first)
    stored = read_dump(recordings / "posts_t2.sql").files["data_son", 77]
    assert [file.name for file in second.items["77"].attachments] == [row["bf_source"] for row in stored]


async def test_a_post_moved_in_keeps_its_old_date_and_loses_the_note_of_the_move(recordings: Path) -> None:
    with RecordedBoard(recordings, moment="t2") as board:
        moved = (await read_board(board)).items["83"]
    assert moved.published_at is not None
    assert moved.published_at.isoformat() == "2024-09-10T10:00:00+09:00"
    assert "이동 됨" not in moved.faces["ko"].html + moved.faces["ko"].summary


async def test_the_third_moment_brings_the_new_year(recordings: Path) -> None:
    with RecordedBoard(recordings, moment="t2") as board:
        second = await read_board(board)
        board.moment = "t3"
        third = await read_board(board, before=second)
    rows = {str(post.number): post for post in read_dump(recordings / "posts_t3.sql").posts["data_son"]}
    new = {key for key, post in rows.items() if post.written > "2025-05-12 09:00:00"}
    assert set(third.items) == new
    for key in new:
        written = third.items[key].published_at
        assert written is not None
        assert f"{written:%Y-%m-%d %H:%M:%S}" == rows[key].written


@pytest.mark.parametrize("moment", ["t2", "t3"])
async def test_a_later_first_read_finds_exactly_what_stands_there(recordings: Path, moment: str) -> None:
    with RecordedBoard(recordings, moment=moment) as board:
        reading = await read_board(board)
    posts = read_dump(recordings / {"t2": "posts_t2.sql", "t3": "posts_t3.sql"}[moment]).posts["data_son"]
    assert set(reading.items) == {str(post.number) for post in posts if not post.is_secret}
    assert set(reading.skipped) == {str(post.number) for post in posts if post.is_secret}


async def test_the_hand_labelled_facts_of_the_second_moment_hold(recordings: Path) -> None:
    with RecordedBoard(recordings, moment="t2") as board:
        items = (await read_board(board)).items
    facts = json.loads((recordings / "facts.json").read_text(encoding="utf-8"))["t2"]
    for fact in facts:
        if fact["id"]["bo_table"] != "data_son" or fact.get("must_skip") or fact["key"] == "odd_cites":
            continue
        item = items[str(fact["id"]["wr_id"])]
        assert (item.is_notice, item.citation.outlet, item.citation.url) == (
            fact["is_notice"],
            fact["outlet"],
            fact["original_link"],
        ), fact["key"]


async def test_all_roads_lead_to_the_same_digests(recordings: Path) -> None:
    digests = []
    for device, rss in (("pc", True), ("pc", False), ("mobile", True), ("mobile", False)):
        with RecordedBoard(recordings, device=device, rss=rss) as board:
            digests.append((await read_board(board, "gallery_act")).known)
    assert all(each == digests[0] for each in digests[1:])


# ── Forms of address ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("folder", ["", "/home/site"])
async def test_addresses_by_number_give_the_same_keys(recordings: Path, folder: str) -> None:
    with RecordedBoard(recordings, folder=folder) as board:
        long = await read_board(board)
    with RecordedBoard(recordings, rewrite=1, folder=folder) as board:
        short = await read_address(f"{board.site}/data_son", board)
        assert short.items["75"].url == f"{board.site}/bbs/board.php?bo_table=data_son&wr_id=75"
    assert set(short.items) == set(long.items)


async def test_addresses_by_title_give_numbers_only_where_a_page_betrays_one(recordings: Path) -> None:
    with RecordedBoard(recordings, rewrite=2) as board:
        reading = await read_address(f"{board.site}/data_son", board)
        with board.counting() as asked:
            again = await read_address(f"{board.site}/data_son", board, reading)
    numbers = {key for key in reading.items if not key.startswith("slug:")}
    assert len(reading.items) == 72
    assert numbers == {"32", "34", "36", "54", "81"}  # files, link fields, or no title to make an address of
    assert again.items == {}
    assert len(asked) <= 6


async def test_a_post_renamed_between_two_moments_keeps_its_key(recordings: Path) -> None:
    with RecordedBoard(recordings, rewrite=2) as board:
        first = await read_address(f"{board.site}/data_son", board)
        board.moment = "t2"
        second = await read_address(f"{board.site}/data_son", board, first)
    old = read_dump(recordings / "posts.sql").post("data_son", 69)
    new = read_dump(recordings / "posts_t2.sql").post("data_son", 69)
    assert old is not None
    assert new is not None
    renamed = second.items[f"slug:{old.row['wr_seo_title']}"]
    assert renamed.title == new.row["wr_subject"]
    assert renamed.url != first.items[renamed.source_key].url
    assert f"slug:{new.row['wr_seo_title']}" not in second.items


# ── Closed boards ────────────────────────────────────────────────────────────


async def test_a_board_for_members_gives_no_items(recordings: Path) -> None:
    with RecordedBoard(recordings) as board:
        reading = await read_board(board, "data_memb")
    assert (reading.items, reading.skipped, reading.remarks) == ({}, {"1": "members only"}, ["rss closed"])


@pytest.mark.parametrize(("table", "reason"), [("data_close", "closed"), ("nope", "board missing")])
async def test_a_board_that_cannot_be_read_says_why(recordings: Path, table: str, reason: str) -> None:
    with RecordedBoard(recordings) as board, pytest.raises(SourceError) as caught:
        await read_board(board, table)
    assert caught.value.reason == reason


async def test_nothing_secret_leaves_the_reader(recordings: Path) -> None:
    with RecordedBoard(recordings) as board:
        reading = await read_board(board)
        asked = " ".join(board.asked)
    secrets = [post for post in read_dump(recordings / "posts.sql").posts["data_son"] if post.is_secret]
    assert secrets
    for post in secrets:
        assert post.row["wr_subject"] not in str(reading)
        assert f"wr_id={post.number} " not in f"{asked} "
