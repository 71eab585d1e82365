"""A real board's tables at three moments, loaded into a real MariaDB, against facts labelled by hand."""

import json
import unicodedata
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from publisher.errors import SourceError
from publisher.markup import fold
from publisher.model import SourceItem
from tests.archive.boardroom import MOMENTS, Reading, read_address
from tests.archive.tablesroom import read_tables
from tests.boards import RecordedBoard
from tests.boards.dump import read_dump
from tests.mariadb import MariaDB

pytestmark = pytest.mark.recorded

SITE = "https://peace.example.org"
DUMPS = {"t1": "posts.sql", "t2": "posts_t2.sql", "t3": "posts_t3.sql"}
READABLE = ("data_son", "data_pds", "gallery_act")


class Site:
    """The recorded site, its database at each moment."""

    def __init__(self, mariadb: MariaDB, recordings: Path) -> None:
        self.mariadb = mariadb
        self.recordings = recordings
        self._loaded: dict[str, str] = {}

    def database(self, moment: str) -> str:
        if moment not in self._loaded:
            dumps = [(self.recordings / name).read_text(encoding="utf-8") for name in ("schema.sql", DUMPS[moment])]
            self._loaded[moment] = self.mariadb.database(*dumps)
        return self._loaded[moment]

    async def read(self, moment: str, table: str = "data_son", before: Reading | None = None) -> Reading:
        now = MOMENTS[moment]
        return await read_tables(self.mariadb, self.database(moment), table, before, now=now, site=SITE)

    def facts(self, moment: str, table: str) -> list[dict[str, Any]]:
        facts = json.loads((self.recordings / "facts.json").read_text(encoding="utf-8"))[moment]
        return [fact for fact in facts if fact["id"]["bo_table"] == table]


@pytest.fixture(scope="module")
def site(mariadb: MariaDB, recordings: Path) -> Site:
    return Site(mariadb, recordings)


def key_of(fact: dict[str, Any]) -> str:
    return str(fact["id"]["wr_id"])


@pytest.mark.parametrize("moment", ["t1", "t2"])
@pytest.mark.parametrize("table", READABLE)
async def test_every_fact_holds(site: Site, moment: str, table: str) -> None:
    reading = await site.read(moment, table)
    facts = site.facts(moment, table)
    assert set(reading.items) == {key_of(fact) for fact in facts if not fact["must_skip"]}
    assert set(reading.skipped) == {key_of(fact) for fact in facts if fact["must_skip"]}
    for fact in facts:
        if not fact["must_skip"]:
            agrees(reading.items[key_of(fact)], fact)


def agrees(item: SourceItem, fact: dict[str, Any]) -> None:
    name = fact["key"]
    assert item.url == fact["url"], name
    assert item.title == (fold(fact["title"]) or item.title), name
    assert item.title, name
    assert item.author == fact["author"], name
    assert item.published_at == (datetime.fromisoformat(fact["created"]) if fact["created"] else None), name
    assert item.language == fact["language"], name
    assert item.categories == ((fact["category"],) if fact["category"] else ()), name
    assert item.is_notice == fact["is_notice"], name
    assert sorted((plain(each.name), each.size, not each.needs_session) for each in item.attachments) == sorted(
        (plain(each["name"]), each["bytes"], each["image"]) for each in fact["attachments"]
    ), name
    if name != "odd_cites":  # six citations: what to report is left open
        assert item.citation.outlet == fact["outlet"], name
        assert (item.citation.date.isoformat() if item.citation.date else None) == fact["outlet_date"], name
        assert item.citation.url == fact["original_link"], name


def plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)


async def test_a_title_that_was_cut_when_it_was_posted_keeps_its_torn_end(site: Site) -> None:
    assert (await site.read("t1")).items["22"].title.endswith("필요성과 ?")


async def test_hosts_of_automatic_links_have_no_tail(site: Site) -> None:
    item = (await site.read("t1")).items["5"]
    assert item.citation.url == "https://www.hanbit.example/opinion/column/2024/11/18/20241118500044?ref=main&page=2"


# ── Three reads of one board ─────────────────────────────────────────────────


async def test_the_second_moment_brings_exactly_what_changed(site: Site) -> None:
    first = await site.read("t1")
    second = await site.read("t2", before=first)
    new = set(second.items) - set(first.known)
    edited = {key for key in second.items if key in first.known and second.items[key].digest != first.known[key]}
    marked = set(second.items) - new - edited
    assert new == {"83", "85", "86", "87", "88"}
    assert edited == {"69", "74", "77"}
    assert marked == {"72", "1"}  # became a notice, is none any more
    assert second.gone == {"68": "deleted", "71": "deleted", "70": "secret"}
    assert second.skipped["70"] == "secret"


async def test_the_third_moment_brings_the_new_year(site: Site) -> None:
    second = await site.read("t2")
    third = await site.read("t3", before=second)
    rows = {str(post.number): post for post in read_dump(site.recordings / DUMPS["t3"]).posts["data_son"]}
    new = {key for key, post in rows.items() if post.written > "2025-05-12 09:00:00"}
    assert new
    assert set(third.items) == new
    for key in new:
        written = third.items[key].published_at
        assert written is not None
        assert f"{written:%Y-%m-%d %H:%M:%S}" == rows[key].written


@pytest.mark.parametrize("moment", ["t2", "t3"])
async def test_a_later_first_read_finds_exactly_what_stands_there(site: Site, moment: str) -> None:
    reading = await site.read(moment)
    posts = read_dump(site.recordings / DUMPS[moment]).posts["data_son"]
    assert set(reading.items) == {str(post.number) for post in posts if not post.is_secret}
    assert set(reading.skipped) == {str(post.number) for post in posts if post.is_secret}


@pytest.mark.parametrize("table", READABLE)
async def test_an_unchanged_board_gives_nothing_again(site: Site, table: str) -> None:
    first = await site.read("t1", table)
    assert (await site.read("t1", table, first)).items == {}


# ── Both roads ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("moment", ["t1", "t2"])
@pytest.mark.parametrize("table", READABLE)
async def test_both_roads_give_the_same_entries(site: Site, moment: str, table: str) -> None:
    with RecordedBoard(site.recordings, moment=moment) as board:
        shown = await read_address(board.board_url(table), board)
        place = board.site
    stored = await site.read(moment, table)
    assert set(stored.items) == set(shown.items)
    assert stored.skipped == shown.skipped
    for key, item in stored.items.items():
        other = shown.items[key]
        assert (item.title, item.language, item.is_notice) == (other.title, other.language, other.is_notice), key
        assert other.categories in ((), item.categories), key  # a post moved in keeps one that its board never shows
        assert (item.citation, item.links) == (other.citation, other.links), key
        assert item.url == other.url.replace(place, SITE), key
        assert [each.needs_session for each in item.attachments] == [each.needs_session for each in other.attachments]


# ── Closed boards ────────────────────────────────────────────────────────────


async def test_a_board_for_members_gives_no_items(site: Site) -> None:
    reading = await site.read("t1", "data_memb")
    assert (reading.items, reading.skipped) == ({}, {"1": "members only"})


@pytest.mark.parametrize(
    ("table", "reason"), [("data_close", "closed"), ("nope", "board missing"), ("DATA_SON", "board missing")]
)
async def test_a_board_that_cannot_be_read_says_why(site: Site, table: str, reason: str) -> None:
    with pytest.raises(SourceError) as caught:
        await site.read("t1", table)
    assert caught.value.reason == reason


@pytest.mark.parametrize("moment", ["t1", "t2", "t3"])
async def test_nothing_secret_leaves_the_reader(site: Site, moment: str) -> None:
    reading = await site.read(moment)
    secrets = [post for post in read_dump(site.recordings / DUMPS[moment]).posts["data_son"] if post.is_secret]
    assert secrets
    for post in secrets:
        assert post.row["wr_subject"] not in str(reading)


async def test_texts_of_a_site_with_three_byte_tables_come_as_it_kept_them(mariadb: MariaDB, recordings: Path) -> None:
    dumps = [(recordings / name).read_text(encoding="utf-8") for name in ("schema.sql", "posts.sql")]
    database = mariadb.database(dumps[0].replace("utf8mb4_unicode_ci", "utf8_general_ci").replace("=utf8mb4", "=utf8"))
    mariadb.run(database, "SET sql_mode=''; " + dumps[1])
    narrow = await read_tables(mariadb, database, "data_son", now=MOMENTS["t1"], site=SITE)
    assert "?" in narrow.items["53"].title + narrow.items["53"].faces["ko"].html
    assert len(narrow.items) == 72
