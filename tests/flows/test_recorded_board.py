"""A real board at three moments, read into a real store: what is new, edited, moved and retracted, and nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

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
from tests.boards import RecordedBoard, Reply
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


async def test_the_post_that_stands_twice_on_the_board_is_one_entry(recordings: Path, db: Database) -> None:
    with RecordedBoard(recordings) as board:
        result = await read(db, board)
    assert {"62", "63"} <= await standing(db)
    assert result.new == len(readable(recordings, "t1")) - 1
    assert len({"62", "63"} & set(await by_key(db))) == 1


LOST = "variants/table_lost_list.html"
BOT_WALL = Reply(b"<html><title>Just a moment</title><form class=captcha>Are you human?</form></html>")
BROKEN: Mapping[str, tuple[str, Mapping[str, str | Reply]]] = {
    "table lost": ("suspicious", {"&device=pc": LOST, "": LOST, "&sst=wr_datetime&sod=desc": LOST}),
    "database down": ("database down", {"&device=pc": "variants/db_down.html"}),
    "blocked": ("blocked", {"&device=pc": "variants/blocked_ip.html"}),
    "not allowed": ("blocked", {"&device=pc": "variants/not_allowed_ip.html"}),
    "forbidden": ("blocked", {"&device=pc": Reply(b"Forbidden", 403)}),
    "too many requests": ("blocked", {"&device=pc": Reply(b"Too Many Requests", 429)}),
    "bot wall": ("not a board", {"&device=pc": BOT_WALL}),
    "out of order": ("unreachable", {"&device=pc": Reply(b"Bad Gateway", 502)}),
    "cut short": ("", {f"&page={page}": LOST for page in range(2, 8)}),
}
"""What breaks → what the read fails with ('': it does not, but the archive is in doubt), what is answered instead."""


@pytest.mark.parametrize("what", BROKEN)
async def test_a_broken_board_retracts_nothing(recordings: Path, db: Database, what: str) -> None:
    reason, answers = BROKEN[what]
    with RecordedBoard(recordings) as board:
        await read(db, board)
        before = await by_key(db)
        for post in read_dump(recordings / "posts.sql").posts["data_son"]:
            board.instead(f"/bbs/board.php?bo_table=data_son&wr_id={post.number}", "variants/table_lost_view.html")
        for target, answer in answers.items():
            address = f"/bbs/board.php?bo_table=data_son{target}"
            if isinstance(answer, Reply):
                board.replies[address] = answer
            else:
                board.instead(address, answer)
        board.instead("/bbs/rss.php?bo_table=data_son", "variants/table_lost_rss.xml")
        for later in (DAY, 2 * DAY, 3 * DAY):
            with capture_logs() as logs:
                result = await read(db, board, later=later)
            told = await state(db)
            assert result.retracted == 0
            assert (told.reason or "", told.doubt is None) == (reason, bool(reason))
            assert (told.failing_since is None) == (not reason)
            if reason:
                assert [each["reason"] for each in logs if each["event"] == "archive not read"] == [reason]
            else:
                assert ("archive suspicious" in {each["event"] for each in logs}) == (later == DAY)
            seen = judge(told, DATASON, now=MOMENTS["t1"] + later).state
            assert seen is (State.FAILING if reason == "unreachable" else State.SUSPICIOUS)
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
