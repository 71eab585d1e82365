"""A real board at three moments, read into a real store: what is new, edited, moved and retracted, and nothing else."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy
from publisher.flows.alarm import look_after
from publisher.flows.compose import compose
from publisher.flows.health import State, judge
from publisher.flows.ingest import Ingested, ingest
from publisher.flows.release import release
from publisher.model import RETRACTED, DeliveryKind, EntryStatus, Held
from publisher.net import Fetcher
from publisher.store import archives, arrivals, editions, entries, reports
from publisher.store.archives import ArchiveState
from publisher.store.database import Database
from publisher.store.keys import all_keys
from tests.archive.boardroom import MOMENTS
from tests.boards import RecordedBoard
from tests.boards.dump import read_dump
from tests.samples import HOUSE, SITE, WEEKLY, enlist

pytestmark = pytest.mark.recorded

DAY = timedelta(days=1)
DATASON = ArchivePolicy(name="datason", kind="gnuboard", every=DAY)
OPERATED = replace(SITE, operators=("kim@hanbit-peace.example",))
DUMPS = {"t1": "posts.sql", "t2": "posts_t2.sql", "t3": "posts_t3.sql"}


async def read(
    db: Database, board: RecordedBoard, *, later: timedelta = timedelta(0), table: str = "data_son"
) -> Ingested:
    """One read of a board at its own moment, or some time after it while nothing changes there."""
    now = MOMENTS[board.moment] + later
    policy = ArchivePolicy(
        name=table.replace("_", ""),
        kind="gnuboard",
        url=board.board_url(table),
        allow=(board.place,),
        pause=timedelta(0),
        settle=timedelta(0),
    )
    async with Fetcher(allow=policy.allow) as fetcher:
        return await ingest(db, open_source(policy, fetcher, lambda: now), policy, host=SITE.host, now=now)


async def announce(db: Database, now: datetime) -> set[str]:
    """Compose and release what is due over both boards; gives the keys of what the edition holds."""
    news = replace(WEEKLY, archives=("datason", "datapds"))
    async with db.begin() as tx:
        edition = (await compose(tx, news, by="kim", now=now)).edition
        if edition is None:
            return set()
        await editions.approve(tx, edition.id, by="kim", now=now)
        done = await release(tx, await editions.get(tx, edition.id), news, HOUSE, by="kim", now=now, grace=timedelta(0))
    return {entry.source_key for entry in done.edition.entries}


async def standing(db: Database, archive: str = "datason") -> set[str]:
    async with db.read() as tx:
        return {key for key, digest in (await arrivals.digests(tx, archive)).items() if digest != RETRACTED}


async def by_key(db: Database, archive: str = "datason") -> dict[str, EntryStatus]:
    async with db.read() as tx:
        return {entry.source_key: entry.status for entry in await entries.listed(tx, archive=archive)}


async def state(db: Database) -> ArchiveState:
    async with db.read() as tx:
        return await archives.state_of(tx, "datason")


async def tend(db: Database, later: timedelta) -> None:
    """Tell the operators, as is done after every read."""
    async with db.read() as tx:
        key = (await all_keys(tx))[0]
    await look_after(db, DATASON, OPERATED, key, now=MOMENTS["t1"] + later)


async def alarms(db: Database) -> int:
    async with db.read() as tx:
        return len(await reports.last_letters(tx, DeliveryKind.ALARM, limit=10))


def readable(recordings: Path, moment: str, table: str = "data_son") -> set[str]:
    return {str(post.number) for post in read_dump(recordings / DUMPS[moment]).posts[table] if not post.is_secret}


async def test_each_moment_leaves_exactly_what_stands_on_the_board(recordings: Path, db: Database) -> None:
    with RecordedBoard(recordings) as board:
        for moment in ("t1", "t2", "t3"):
            board.moment = moment
            for later in (0 * DAY, DAY):
                assert (await read(db, board, later=later)).failure is None
            assert await standing(db) == readable(recordings, moment)
            assert (await state(db)).doubt is None


async def test_what_is_gone_is_retracted_as_the_facts_say(recordings: Path, db: Database) -> None:
    with RecordedBoard(recordings) as board:
        await read(db, board)
        board.moment = "t2"
        second = await read(db, board)
        assert second.retracted == 1
        assert (await by_key(db))["70"] is EntryStatus.RETRACTED  # secret: at once
        confirmed = await read(db, board, later=DAY)
    assert confirmed.retracted == 2
    retracted = {key for key, status in (await by_key(db)).items() if status is EntryStatus.RETRACTED}
    assert retracted == {"68", "70", "71"}
    async with db.read() as tx:
        shown = await entries.in_public(tx, limit=-1)
    assert not {"토론회 메모", "잘못 올린 글입니다"} & {entry.face("ko").title for entry in shown}


async def test_edits_are_taken_over_and_keep_their_ids(recordings: Path, db: Database) -> None:
    with RecordedBoard(recordings) as board:
        await read(db, board)
        async with db.read() as tx:
            before = {entry.source_key: entry for entry in await entries.listed(tx)}
        board.moment = "t2"
        second = await read(db, board)
    async with db.read() as tx:
        after = {entry.source_key: entry for entry in await entries.listed(tx)}
    edited = {key for key in before if after[key].updated_at != before[key].updated_at}
    assert edited == {"69", "74", "77"}
    assert second.changed == 3
    assert after["69"].face("ko").title == "인도적 협력의 조건"
    assert {key: entry.public_id for key, entry in before.items()}.items() <= {
        key: entry.public_id for key, entry in after.items()
    }.items()


async def test_each_new_post_is_announced_once_and_nothing_old(recordings: Path, db: Database) -> None:
    await enlist(db, "reader@mail.example", "ko+en")
    announced: list[set[str]] = []
    with RecordedBoard(recordings) as board:
        async with db.begin() as tx:
            await editions.start_list(tx, "weekly", MOMENTS["t1"] - DAY)
        for moment in ("t1", "t2", "t3"):
            board.moment = moment
            for later in (0 * DAY, DAY, 2 * DAY):
                await read(db, board, later=later)
                announced.append(await announce(db, MOMENTS[moment] + later))
    assert announced == [set(), set(), set(), {"85", "86", "87", "88"}, set(), set(), {"89", "90", "91"}, set(), set()]
    async with db.read() as tx:
        held = {entry.source_key: entry.held for entry in await entries.listed(tx)}
    assert held["83"] is Held.OLD


async def test_what_moved_between_two_archives_of_the_house_is_one_entry(recordings: Path, db: Database) -> None:
    await enlist(db, "reader@mail.example", "ko+en")
    announced = []
    with RecordedBoard(recordings) as board:
        async with db.begin() as tx:
            await editions.start_list(tx, "weekly", MOMENTS["t1"] - DAY)
        for moment in ("t1", "t2"):
            board.moment = moment
            for later in (0 * DAY, DAY):
                for table in ("data_son", "data_pds"):
                    await read(db, board, later=later, table=table)
                announced.append(await announce(db, MOMENTS[moment] + later))
    assert announced == [set(), set(), {"85", "86", "87", "88"}, set()]
    son, pds = await by_key(db), await by_key(db, "datapds")
    assert "83" not in son  # known under their first keys
    assert "12" not in pds
    assert (son["71"], pds["1"]) == (EntryStatus.LIVE, EntryStatus.LIVE)
    assert {"83"} <= await standing(db)
    assert {"12"} <= await standing(db, "datapds")
    async with db.read() as tx:
        urls = {entry.source_key: entry.url for entry in await entries.listed(tx, archive="datason")}
    assert urls["71"].endswith("bo_table=data_pds&wr_id=12")


async def test_the_post_that_stands_twice_on_the_board_is_one_entry(recordings: Path, db: Database) -> None:
    with RecordedBoard(recordings) as board:
        result = await read(db, board)
    assert {"62", "63"} <= await standing(db)
    assert result.new == len(readable(recordings, "t1")) - 1
    assert len({"62", "63"} & set(await by_key(db))) == 1


BROKEN = {
    "table lost": {
        "&device=pc": "variants/table_lost_list.html",
        "": "variants/table_lost_list.html",
        "&sst=wr_datetime&sod=desc": "variants/table_lost_list.html",
    },
    "database down": {"&device=pc": "variants/db_down.html"},
    "blocked": {"&device=pc": "variants/blocked_ip.html"},
    "not allowed": {"&device=pc": "variants/not_allowed_ip.html"},
    "cut short": {f"&page={page}": "variants/table_lost_list.html" for page in range(2, 8)},
}


@pytest.mark.parametrize("what", BROKEN)
async def test_a_broken_board_retracts_nothing(recordings: Path, db: Database, what: str) -> None:
    with RecordedBoard(recordings) as board:
        await read(db, board)
        before = await by_key(db)
        for post in read_dump(recordings / "posts.sql").posts["data_son"]:
            board.instead(f"/bbs/board.php?bo_table=data_son&wr_id={post.number}", "variants/table_lost_view.html")
        for target, recorded in BROKEN[what].items():
            board.instead(f"/bbs/board.php?bo_table=data_son{target}", recorded)
        board.instead("/bbs/rss.php?bo_table=data_son", "variants/table_lost_rss.xml")
        for later in (DAY, 2 * DAY, 3 * DAY):
            result = await read(db, board, later=later)
            told = await state(db)
            assert result.retracted == 0
            assert judge(told, DATASON, now=MOMENTS["t1"] + later).state is State.SUSPICIOUS
            await tend(db, later)
        assert await alarms(db) == 1
        assert await by_key(db) == before
        board.replies.clear()
        board.moment = "t2"
        await read(db, board)
        assert (await read(db, board, later=DAY)).failure is None
        told = await state(db)
    assert (told.failing_since, told.doubt) == (None, None)
    assert await standing(db) == readable(recordings, "t2")


async def test_an_empty_feed_retracts_nothing(recordings: Path, db: Database) -> None:
    with RecordedBoard(recordings) as board:
        await read(db, board)
        before = await by_key(db)
        board.instead("/bbs/rss.php?bo_table=data_son", "variants/table_lost_rss.xml")
        for later in (DAY, 2 * DAY):
            assert (await read(db, board, later=later)).failure is None
            assert judge(await state(db), DATASON, now=MOMENTS["t1"] + later).state is State.SUSPICIOUS
            await tend(db, later)
    assert await by_key(db) == before
    assert await alarms(db) == 1
