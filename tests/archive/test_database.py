"""An invented board, read in a real MariaDB."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from tests.archive.boardroom import Reading
from tests.archive.tablesroom import INVENTED, SITE, read_tables
from tests.mariadb import MariaDB

PAGE = Path(__file__).parents[2] / "docs" / "configuration.md"


@pytest.fixture(scope="module")
def untouched(mariadb: MariaDB) -> str:
    return mariadb.database(INVENTED)


@pytest.fixture
def database(mariadb: MariaDB) -> str:
    return mariadb.database(INVENTED)


# ── One read ─────────────────────────────────────────────────────────────────


async def test_every_open_post_is_read_newest_first_and_no_comment(mariadb: MariaDB, untouched: str) -> None:
    reading = await read_tables(mariadb, untouched)
    assert list(reading.items) == ["12", "11", "10", "5", "4", "3", "2", "1"]
    assert reading.skipped == {"6": "secret", "9": "empty"}
    assert (reading.expected, reading.remarks) == (9, [])


async def test_a_post_is_read_whole(mariadb: MariaDB, untouched: str) -> None:
    item = (await read_tables(mariadb, untouched)).items["3"]
    assert item.url == f"{SITE}/bbs/board.php?bo_table=director&wr_id=3"
    assert item.title == "강을 함께 쓰는 법"
    assert item.author == "긴 이름을 가진 연구기획실 편집 담당자"
    assert item.published_at == datetime.fromisoformat("2025-07-04T20:35:12+09:00")
    assert item.categories == ("칼럼",)
    assert item.links == ("http://daily.example/river/1",)
    assert (item.citation.outlet, item.citation.url) == ("느티나무일보", "https://daily.example/river/1")


async def test_pictures_stand_open_and_other_files_need_the_post(mariadb: MariaDB, untouched: str) -> None:
    picture, paper = (await read_tables(mariadb, untouched)).items["3"].attachments
    assert (picture.name, picture.needs_session, picture.size) == ("현장 사진.jpg", False, 4096)
    assert picture.url == f"{SITE}/data/file/director/b2%20%EC%82%AC%EC%A7%84.jpg"
    assert (paper.name, paper.needs_session, paper.type) == ("발표문 최종.hwp", True, "application/x-hwp")
    assert paper.url == f"{SITE}/bbs/download.php?bo_table=director&wr_id=3&no=0"


async def test_a_stored_name_cannot_lead_out_of_the_folder_of_files(mariadb: MariaDB, untouched: str) -> None:
    (file,) = (await read_tables(mariadb, untouched)).items["4"].attachments
    assert file.url == f"{SITE}/data/file/director/config.php"


async def test_notices_are_those_that_the_board_names(mariadb: MariaDB, untouched: str) -> None:
    items = (await read_tables(mariadb, untouched)).items
    assert {key for key, item in items.items() if item.is_notice} == {"1", "2"}


async def test_plain_text_is_shown_as_the_software_would(mariadb: MariaDB, untouched: str) -> None:
    item = (await read_tables(mariadb, untouched)).items["4"]
    html = item.faces["ko"].html
    assert item.published_at is None
    assert item.author is None
    assert "<br>" in html
    assert 'href="https://daily.example/old?a=1&amp;b=2"' in html
    assert "&lt;b&gt;굵지 않다&lt;/b&gt;" in html


async def test_a_hostile_post_is_harmless(mariadb: MariaDB, untouched: str) -> None:
    item = (await read_tables(mariadb, untouched)).items["5"]
    assert item.title == "<script>alert(1)</script>제목 {{ 7*7 }}"  # plain text, escaped wherever it is put out
    assert item.author == "<b>손님</b>"
    for word in ("script", "onclick", "iframe", "javascript"):
        assert word not in item.faces["ko"].html


async def test_an_emoji_survives_and_lines_of_html2_count(mariadb: MariaDB, untouched: str) -> None:
    item = (await read_tables(mariadb, untouched)).items["10"]
    assert item.title == "Shared rivers 🌱"
    assert "<br>" in item.faces["en"].html


async def test_the_note_of_a_move_goes_and_the_old_date_stays(mariadb: MariaDB, untouched: str) -> None:
    item = (await read_tables(mariadb, untouched)).items["11"]
    assert "이동 됨" not in item.faces["ko"].html
    assert item.published_at == datetime.fromisoformat("2024-01-02T03:04:05+09:00")


async def test_a_title_that_really_ends_in_dots_is_whole(mariadb: MariaDB, untouched: str) -> None:
    assert (await read_tables(mariadb, untouched)).items["12"].title == "말줄임으로 끝나는 제목…"


# ── Who may see what ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("table", ["members", "grouped", "adults"])
async def test_a_board_that_guests_may_not_read_gives_no_text(mariadb: MariaDB, untouched: str, table: str) -> None:
    reading = await read_tables(mariadb, untouched, table)
    assert (reading.items, reading.skipped) == ({}, {"1": "members only"})


async def test_a_board_without_a_group_is_open(mariadb: MariaDB, untouched: str) -> None:
    assert set((await read_tables(mariadb, untouched, "orphan")).items) == {"1"}


async def test_nothing_secret_leaves_the_reader(mariadb: MariaDB, untouched: str) -> None:
    told = str(await read_tables(mariadb, untouched)) + str(await read_tables(mariadb, untouched, "members"))
    for word in ("비밀의 제목", "비밀의 본문", "비밀 댓글", "회원의 제목", "never", "203.0.113.24"):
        assert word not in told


async def test_the_rights_that_the_page_names_are_enough(mariadb: MariaDB, database: str) -> None:
    grants = PAGE.read_text(encoding="utf-8").partition("```sql\n")[2].partition("```")[0]
    mariadb.run("", "DROP USER IF EXISTS 'letters'@'localhost'")
    mariadb.run("", grants.replace("hanbit.", f"{database}."))
    reading = await read_tables(mariadb, database, user="letters", password="a long password")
    assert len(reading.items) == 8
    mariadb.run("", "DROP USER 'letters'@'localhost'")


# ── The next read ────────────────────────────────────────────────────────────


async def reread(mariadb: MariaDB, database: str, change: str, before: Reading | None = None) -> Reading:
    before = before or await read_tables(mariadb, database)
    if change:
        mariadb.run(database, change)
    return await read_tables(mariadb, database, before=before)


async def test_an_unchanged_board_gives_nothing_again(mariadb: MariaDB, database: str) -> None:
    second = await reread(mariadb, database, "UPDATE g5_write_director SET wr_hit = wr_hit + 1")
    assert second.items == {}
    assert second.expected == 1  # the empty one
    assert second.skipped == {"6": "secret", "9": "empty"}


async def test_a_new_comment_is_no_change(mariadb: MariaDB, database: str) -> None:
    second = await reread(
        mariadb,
        database,
        "INSERT INTO g5_write_director (wr_parent, wr_is_comment, wr_content, wr_link1, wr_link2)"
        " VALUES (3, 1, '새 댓글', '', '')",
    )
    assert second.items == {}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ("UPDATE g5_write_director SET wr_content = '<p>고친 본문</p>' WHERE wr_id = 1", "1"),
        ("UPDATE g5_write_director SET wr_subject = '고친 제목' WHERE wr_id = 2", "2"),
        ("UPDATE g5_write_director SET ca_name = '논평' WHERE wr_id = 3", "3"),
        ("UPDATE g5_write_director SET wr_link2 = 'https://other.example/2' WHERE wr_id = 3", "3"),
        ("UPDATE g5_board_file SET bf_source = '고친 발표문.hwp' WHERE wr_id = 3 AND bf_no = 0", "3"),
        ("UPDATE g5_board SET bo_notice = '1' WHERE bo_table = 'director'", "2"),
        ("UPDATE g5_write_director SET wr_option = 'html1' WHERE wr_id = 6", "6"),
        (
            "INSERT INTO g5_write_director (wr_id, wr_subject, wr_content, wr_link1, wr_link2)"
            " VALUES (700, '새 글', '본문', '', '')",
            "700",
        ),
    ],
)
async def test_what_changed_is_read_and_nothing_else(mariadb: MariaDB, database: str, change: str, key: str) -> None:
    second = await reread(mariadb, database, change)
    assert set(second.items) == {key}
    assert (await reread(mariadb, database, "", second)).items == {}


async def test_a_post_that_became_secret_is_passed_over_and_comes_back(mariadb: MariaDB, database: str) -> None:
    second = await reread(mariadb, database, "UPDATE g5_write_director SET wr_option = 'html1,secret' WHERE wr_id = 1")
    assert (second.items, second.skipped["1"], second.gone) == ({}, "secret", {"1": "secret"})
    third = await reread(mariadb, database, "UPDATE g5_write_director SET wr_option = 'html1' WHERE wr_id = 1", second)
    assert set(third.items) == {"1"}


async def test_a_board_that_closed_and_opened_is_told_again(mariadb: MariaDB, database: str) -> None:
    shut = await reread(mariadb, database, "UPDATE g5_board SET bo_read_level = 2 WHERE bo_table = 'director'")
    assert set(shut.skipped.values()) == {"members only"}
    opened = await reread(mariadb, database, "UPDATE g5_board SET bo_read_level = 1", shut)
    assert len(opened.items) == 8


async def test_a_deleted_post_is_told_to_be_gone(mariadb: MariaDB, database: str) -> None:
    second = await reread(mariadb, database, "DELETE FROM g5_write_director WHERE wr_id = 3")
    assert (second.items, second.gone, second.is_sweep) == ({}, {"3": "deleted"}, True)


async def test_many_that_vanish_while_the_board_counts_them_are_kept(mariadb: MariaDB, database: str) -> None:
    second = await reread(mariadb, database, "DELETE FROM g5_write_director WHERE wr_id > 2")
    assert (second.remarks, second.gone) == (["suspicious"], {})
    deleted = await reread(mariadb, database, "UPDATE g5_board SET bo_count_write = 2", second)
    assert (deleted.remarks, len(deleted.gone)) == ([], 6)


async def test_a_memory_of_another_road_is_no_memory(mariadb: MariaDB, database: str) -> None:
    before = await read_tables(mariadb, database)
    for cursor in ({"version": 1, "posts": {}}, {"version": "database 1", "blocks": 7, "hidden": "x"}):
        again = await read_tables(mariadb, database, before=replace(before, cursor=cursor))
        assert set(again.items) <= {"1", "2"}  # the notices, which nobody remembers


async def test_the_memory_of_a_large_board_is_small(mariadb: MariaDB, database: str) -> None:
    mariadb.run(
        database,
        "INSERT INTO g5_write_director (wr_subject, wr_content, wr_link1, wr_link2)"
        " SELECT CONCAT('글 ', seq), CONCAT('본문 ', seq), '', '' FROM seq_1_to_600",
    )
    reading = await read_tables(mariadb, database)
    assert len(reading.items) == 608
    assert len(str(reading.cursor)) < 1500
    changed = await reread(
        mariadb, database, "UPDATE g5_write_director SET wr_content = 'x' WHERE wr_id = 300", reading
    )
    assert set(changed.items) == {"300"}
    assert changed.expected is not None
    assert changed.expected < 40


# ── Gnuboard 6 ───────────────────────────────────────────────────────────────


async def test_gnuboard_6_is_read_by_its_prefix_and_has_its_own_addresses(mariadb: MariaDB) -> None:
    database = mariadb.database(INVENTED.replace("g5_", "g6_"))
    items = (await read_tables(mariadb, database, kind="gnuboard6", prefix="g6_")).items
    assert items["3"].url == f"{SITE}/board/director/3"
    assert items["3"].attachments[1].url == f"{SITE}/board/director/3/download/0"
    assert len(items) == 8
