"""
A real site at three moments, by every way that it can be read, into a real store.

What is new, edited, moved and retracted is exactly what `tests/boards/history.py`
says, and nothing secret stands anywhere. Each moment is read twice, a day
apart: a deletion wants to be told a second time.
"""

import html
import re
import unicodedata
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy
from publisher.feeds.plan import plan
from publisher.flows.compose import compose
from publisher.flows.ingest import Ingested, ingest
from publisher.flows.release import letters_for, release
from publisher.flows.syndicate import syndicate
from publisher.markup import fold, text_of
from publisher.model import Entry, EntryStatus, Slot, fill
from publisher.net import Fetcher
from publisher.store import archives, editions, entries
from publisher.store.database import Database, open_database
from tests.archive.boardroom import MOMENTS
from tests.boards import RecordedBoard
from tests.boards.dump import Post
from tests.boards.history import DUMPS, READABLE, Change, Moment, Place, change, moment, place_of
from tests.mariadb import MariaDB
from tests.samples import HOUSE, SITE, WEEKLY

pytestmark = pytest.mark.recorded

DAY = timedelta(days=1)
STEPS = ("t1", "t2", "t3")
OVER_HTTP: Mapping[str, Mapping[str, Any]] = {
    "feed, list and views": {},
    "list and views": {"rss": False},
    "mobile": {"device": "mobile"},
    "addresses by number": {"rewrite": 1},
    "addresses by title": {"rewrite": 2},
}
DATABASE = "database"
LATE = {
    "list and views": frozenset({("data_son", 74)}),
    "mobile": frozenset({("data_son", 77)}),
}
"""Edits that nothing shows on this way: no list tells of a text, no phone of a file. A second look finds them."""
SECOND_LOOKS = 8  # days within which a post of that age is looked at again
PURIFIED = {("data_son", 49), ("data_son", 55)}
"""Their pages have an alt text more, and broken entities less, than their authors typed."""
NAMES = {table: table.replace("_", "") for table in READABLE}  # of the archives
TABLES = {name: table for table, name in NAMES.items()}
NEWS = replace(WEEKLY, archives=tuple(NAMES.values()))
FEEDS = plan(SITE, {name: {"ko": "자료실", "en": "Archive"} for name in NEWS.archives})
RIGHTS = dict.fromkeys(NEWS.archives, "full")  # whatever can stand in a feed does


# ── The ways ─────────────────────────────────────────────────────────────────


class Site:
    """The recorded site, read over HTTP or in its database. `policy` says how one of its boards is read at a moment."""

    def __init__(self, board: RecordedBoard, mariadb: MariaDB | None, databases: Mapping[str, str]) -> None:
        self.board = board
        self._mariadb = mariadb
        self._databases = databases

    def policy(self, step: str, table: str) -> ArchivePolicy:
        self.board.moment = step
        short = f"{self.board.site}/{table}" if self.board.rewrite else self.board.board_url(table)
        policy = ArchivePolicy(
            name=NAMES[table],
            kind="gnuboard",
            url=short,
            allow=(self.board.place,),
            pause=timedelta(0),
            settle=timedelta(0),
            first_read="mail",
        )
        if self._mariadb is None:
            return policy
        return replace(policy, kind="gnuboard-db", database=self._mariadb.policy(self._databases[step]))


@contextmanager
def site(way: str, recordings: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    with RecordedBoard(recordings, **OVER_HTTP.get(way, {})) as board:
        if way != DATABASE:
            yield Site(board, None, {})
            return
        mariadb: MariaDB = request.getfixturevalue("mariadb")
        schema = (recordings / "schema.sql").read_text(encoding="utf-8")
        dumps = {step: (recordings / DUMPS[step]).read_text(encoding="utf-8") for step in STEPS}
        yield Site(board, mariadb, {step: mariadb.database(schema, dump) for step, dump in dumps.items()})


# ── The house ────────────────────────────────────────────────────────────────


@dataclass
class House:
    """A store, and what it came to."""

    db: Database
    site: Site

    async def read(self, step: str, later: timedelta = timedelta(0)) -> dict[str, Ingested]:
        """Each board once."""
        results = {}
        for table in READABLE:
            results[table] = await self.read_one(self.site.policy(step, table), MOMENTS[step] + later)
            assert results[table].failure is None
        return results

    async def read_one(self, policy: ArchivePolicy, now: datetime) -> Ingested:
        async with Fetcher(allow=policy.allow) as fetcher:
            source = open_source(policy, fetcher, lambda: now)
            return await ingest(self.db, source, policy, host=SITE.host, now=now)

    async def places(self) -> dict[Place, tuple[Entry, bool]]:
        """Each place where a post stands or stood: its entry, and whether it stands there still."""
        async with self.db.read() as tx:
            by_id = {entry.id: entry for entry in await entries.listed(tx, limit=-1)}
            rows = await tx.execute(text("SELECT archive, source_key, entry_id, gone_at FROM source_items"))
            return {self.place(row.archive, row.source_key): (by_id[row.entry_id], row.gone_at is None) for row in rows}

    def place(self, archive: str, key: str) -> Place:
        return place_of(self.site.board.recordings, TABLES[archive], key)

    async def standing(self) -> dict[Place, Entry]:
        return {place: entry for place, (entry, stands) in (await self.places()).items() if stands}

    async def announce(self, now: datetime) -> tuple[set[Place], list[str]]:
        """Compose and release what is due; the places in it, and its letters in all four language keys as text."""
        async with self.db.begin() as tx:
            edition = (await compose(tx, NEWS, by="kim", now=now)).edition
            assert edition is not None
            letters = await letters_for(tx, edition, NEWS, HOUSE)
            await editions.approve(tx, edition.id, by="kim", now=now)
            approved = await editions.get(tx, edition.id)
            await release(tx, approved, NEWS, HOUSE, by="kim", now=now, grace=timedelta(0))
        assert set(letters) == {"ko", "en", "ko+en", "en+ko"}
        values = dict.fromkeys(Slot, "https://letters.hanbit-peace.example/")
        runs = [run for letter in letters.values() for run in (letter.html, letter.text)]
        told = [fill(run, values) for run in runs] + [letter.subject for letter in letters.values()]
        return {self.place(entry.archive, entry.source_key) for entry in edition.entries}, told

    async def feeds(self) -> list[str]:
        async with self.db.read() as tx:
            return [each.content.decode() for each in await syndicate(tx, FEEDS, SITE, RIGHTS, HOUSE.sign)]

    async def kept(self) -> list[str]:
        """Every text that the store holds of entries that are live."""
        told = []
        async with self.db.read() as tx:
            live = f"SELECT id FROM entries WHERE status = '{EntryStatus.LIVE}'"
            for question in (
                f"SELECT * FROM entries WHERE id IN ({live})",
                f"SELECT * FROM faces WHERE entry_id IN ({live})",
                f"SELECT * FROM source_items WHERE gone_at IS NULL AND entry_id IN ({live})",
            ):
                told += [str(value) for row in await tx.execute(text(question)) for value in row]
        return told


@pytest.fixture
async def open_house(tmp_path: Path) -> AsyncIterator[Any]:
    opened: list[Database] = []

    async def open_one(site: Site) -> House:
        db = await open_database(f"sqlite:///{tmp_path}/{len(opened)}.db")
        opened.append(db)
        async with db.begin() as tx:
            await editions.start_list(tx, "weekly", MOMENTS["t1"] - DAY)
        return House(db=db, site=site)

    yield open_one
    for db in opened:
        await db.close()


# ── The claims ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("way", [*OVER_HTTP, DATABASE])
async def test_each_moment_brings_exactly_what_happened(
    way: str, recordings: Path, request: pytest.FixtureRequest, open_house: Any
) -> None:
    with site(way, recordings, request) as read_site:
        house: House = await open_house(read_site)
        first = moment(recordings, "t1")
        results = await house.read("t1")
        standing = await house.standing()
        assert standing.keys() == first.facts.keys()
        twice = len(standing) - len({entry.id for entry in standing.values()})
        assert sum(each.new for each in results.values()) == len(first.facts) - twice
        assert twice == 1  # one article was posted twice
        await agrees(house, first, way)
        await house.read("t1", DAY)
        assert await house.standing() == standing
        everything, letters = await house.announce(MOMENTS["t1"] + DAY)
        assert len(everything) == len(first.facts) - twice
        await holds_nothing_secret(house, first, letters)

        for before, after in (("t1", "t2"), ("t2", "t3")):
            what, now = change(recordings, before, after), moment(recordings, after)
            await brings(house, after, what, LATE.get(way, frozenset()))
            await agrees(house, now, way)
            announced, letters = await house.announce(MOMENTS[after] + DAY)
            assert announced == what.new
            await holds_nothing_secret(house, now, letters)


async def test_both_ways_give_the_same_entries(
    recordings: Path, request: pytest.FixtureRequest, open_house: Any
) -> None:
    ways = ("feed, list and views", DATABASE)
    with site(ways[0], recordings, request) as board, site(ways[1], recordings, request) as tables:
        houses: list[House] = [await open_house(board), await open_house(tables)]
        for step in STEPS:
            for house in houses:
                for later in (0 * DAY, DAY):
                    await house.read(step, later)
            shown, stored = [
                {place: told(place, entry) for place, entry in (await house.standing()).items()} for house in houses
            ]
            assert shown == stored


def told(place: Place, entry: Entry) -> object:
    """What both ways tell of an entry: without seconds, and names as far as a page gives them."""
    words = {name: (face.title, "".join(text_of(face.html).split())) for name, face in entry.faces.items()}
    facts = (entry.public_id, entry.status, entry.language, entry.is_notice, entry.citation, entry.links)
    return words if place not in PURIFIED else "", facts, at_minute(entry.published_at), (entry.author or "")[:14]


LOSSES = {
    "table emptied": ("suspicious", "DELETE FROM g5_write_data_son"),
    "table lost": ("table missing", "DROP TABLE g5_write_data_son"),
    "rows lost": ("", "DELETE FROM g5_write_data_son WHERE wr_id < 40"),
    "settings lost": ("board missing", "DELETE FROM g5_board"),
    "rights lost": ("closed", "UPDATE g5_board SET bo_list_level = 2"),
}
"""What breaks → what the read fails with ('': it does not, but the archive is in doubt), and how it breaks."""


@pytest.mark.parametrize("what", [*LOSSES, "server down"])
async def test_a_broken_database_retracts_nothing(
    what: str, recordings: Path, request: pytest.FixtureRequest, open_house: Any
) -> None:
    with site(DATABASE, recordings, request) as tables:
        house: House = await open_house(tables)
        await house.read("t1")
        before = await house.places()
        policy = tables.policy("t1", "data_son")
        assert policy.database
        if what in LOSSES:
            reason, harm = LOSSES[what]
            request.getfixturevalue("mariadb").run(policy.database.name, harm)
        else:
            reason = "unreachable"
            policy = replace(policy, database=replace(policy.database, socket="/nowhere/socket"))
        for later in (DAY, 2 * DAY):
            await house.read_one(policy, MOMENTS["t1"] + later)
            async with house.db.read() as tx:
                state = await archives.state_of(tx, policy.name)
            assert (state.reason or "", state.doubt is None) == (reason, bool(reason))
        assert await house.places() == before
        await house.read("t2")
        await house.read("t2", DAY)
        assert (await house.standing()).keys() == moment(recordings, "t2").facts.keys()
        async with house.db.read() as tx:
            state = await archives.state_of(tx, policy.name)
        assert (state.failing_since, state.doubt) == (None, None)


async def brings(house: House, step: str, what: Change, late: frozenset[Place]) -> None:
    """A moment, read twice; what is edited `late` may be seen some days after."""
    before = await house.places()
    results = await house.read(step)
    told = await house.places()
    assert told.keys() - before.keys() == what.new | set(what.moved.values())
    edited = {place for place in before if is_edited(before[place][0], told[place][0])}
    assert edited == what.edited - late
    assert sum(each.new for each in results.values()) == len(what.new)
    assert sum(each.changed for each in results.values()) == len(edited)
    assert sum(each.retracted for each in results.values()) == len(what.secret)  # at once; what was deleted waits
    for old, new in what.moved.items():
        assert told[new][0].public_id == told[old][0].public_id
    confirmed = await house.read(step, DAY)
    assert sum(each.retracted for each in confirmed.values()) == len(what.deleted)
    assert [each.new for each in confirmed.values()] == [0] * len(READABLE)
    found_late = sum(each.changed for each in confirmed.values())
    for day in range(2, 2 + SECOND_LOOKS if late else 0):
        results = await house.read(step, day * DAY)
        assert not any(each.new or each.retracted for each in results.values())
        found_late += sum(each.changed for each in results.values())
    assert found_late == len(late & what.edited)
    at_last = await house.places()
    went = {place for place, (_, stands) in before.items() if stands and not at_last[place][1]}
    assert went == what.secret | what.deleted | what.moved.keys()
    retracted = {place for place in went if at_last[place][0].status is EntryStatus.RETRACTED}
    assert retracted == what.secret | what.deleted
    assert {place: entry.public_id for place, (entry, _) in before.items()} == {
        place: at_last[place][0].public_id for place in before
    }
    async with house.db.read() as tx:
        assert [(await archives.state_of(tx, name)).doubt for name in NEWS.archives] == [None] * len(READABLE)


def is_edited(before: Entry, after: Entry) -> bool:
    return after.updated_at != before.updated_at and after.status is before.status


async def agrees(house: House, now: Moment, way: str) -> None:
    """What stands in the store is what the facts say, as far as the way shows it."""
    standing = await house.standing()
    assert standing.keys() == now.facts.keys()
    for place, fact in now.facts.items():
        entry = standing[place]
        if house.place(entry.archive, entry.source_key) != place:
            continue  # the second place of an entry, which tells what its first one says
        assert entry.status is EntryStatus.LIVE
        created = datetime.fromisoformat(fact["created"]) if fact["created"] else None
        assert at_minute(entry.published_at) == at_minute(created), place
        if way == DATABASE:
            assert entry.published_at == created, place
        assert same_author(entry.author or "", fact["author"]), place
        assert fold(fact["title"]) in {face.title for face in entry.faces.values()} | {""}, place
        assert entry.is_notice == fact["is_notice"], place
        assert entry.categories == ((fact["category"],) if fact["category"] else ()), place
        assert len(entry.attachments) == len(fact["attachments"]), place
        assert [plain(each.name) for each in entry.attachments if each.needs_session] == [
            plain(each["name"]) for each in fact["attachments"] if not each["image"]
        ], place
        if "language" in fact:
            assert entry.language == fact["language"], place
        if "outlet" in fact and fact["key"] != "odd_cites":  # six citations: what to report is left open
            cited = entry.citation
            said = (cited.outlet, cited.date.isoformat() if cited.date else None, cited.url)
            assert said == (fact["outlet"], fact["outlet_date"], fact["original_link"]), place


async def holds_nothing_secret(house: House, now: Moment, letters: Sequence[str]) -> None:
    secrets = {(post.table, post.number, words) for post in now.hidden for words in secrets_of(post)}
    assert secrets
    told = {"entries": await house.kept(), "feeds": await house.feeds(), "letters": letters}
    for where, texts in told.items():
        shown = bare("\n".join(texts))
        assert not {secret for secret in secrets if secret[-1] in shown}, where


def secrets_of(post: Post) -> set[str]:
    """The title of a post and the pieces of its text, as `bare` gives them."""
    pieces = [post.row["wr_subject"], *re.split(r"<[^>]*>", post.row["wr_content"])]
    return {words for piece in pieces if (words := bare(piece))}


def bare(text: str) -> str:
    """Letters and digits alone, so that no escape, blank or break hides a word."""
    shown = html.unescape(html.unescape(re.sub(r"\\[nrt]", "", text)))
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", shown))


def at_minute(at: datetime | None) -> datetime | None:
    return at.replace(second=0) if at else None


def same_author(read: str, stated: str) -> bool:
    """Pages cut names at 15 characters."""
    return read == stated or (read.endswith("…") and stated.startswith(read[:-1]))


def plain(name: str) -> str:
    return unicodedata.normalize("NFC", name)
