"""
Boards with any history: whatever happens to one, and however it breaks on the
way, nothing is announced twice, nothing retracted without proof, and in the
end the house shows what the board shows.
"""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy
from publisher.flows.compose import compose
from publisher.flows.ingest import Ingested, ingest
from publisher.flows.release import release
from publisher.model import EntryStatus
from publisher.store import archives, editions, entries
from publisher.store.database import Database, open_database
from tests.boards.paper import GONE, URL, PaperBoard, post
from tests.samples import HOUSE, SITE, WEEKLY

POLICY = ArchivePolicy(
    name="director", kind="gnuboard", url=URL, pause=timedelta(0), settle=timedelta(0), flood=1000, first_read="mail"
)
LIST = "/bbs/board.php?bo_table=director"
START = datetime(2025, 12, 1, tzinfo=UTC)
ALERT = f'<script>alert("{GONE}");</script>'


def broken(how: str) -> dict[str, str]:
    """What a broken board answers instead of its pages."""
    empty = "<div id='bo_list'><div id='bo_list_total'>Total 40건</div><table></table></div>"
    views = {f"{LIST}&wr_id={number}": ALERT for number in range(1, 120)}
    match how:
        case "lost":
            return {f"{LIST}&device=pc": empty, f"{LIST}&page=2": empty, **views}
        case "half":
            return {**{f"{LIST}&page={page}": empty for page in range(2, 9)}, **views}
        case "views":
            return views
        case "down":
            return {f"{LIST}&device=pc": "MySQL Host, User, Password, DB 정보에 오류가 있습니다."}
        case _:
            return {f"{LIST}&page=2": "<meta charset=utf-8>접근 불가합니다."}


@dataclass
class Play:
    """One history: the board, the house, and what was seen on the way."""

    db: Database
    board: PaperBoard
    now: datetime = START
    announced: list[int] = field(default_factory=list)
    broken_for: int = 0  # steps
    went: set[str] = field(default_factory=set)  # deleted or secret at some time

    async def read(self) -> Ingested:
        source = open_source(POLICY, self.board, lambda: self.now)
        before = await self.shown()
        result = await ingest(self.db, source, POLICY, host=SITE.host, now=self.now)
        lost = before - await self.shown()
        assert lost <= self.went, "something was retracted that never went"
        assert not self.board.pages or not lost & self.public(), "a broken board was believed"
        return result

    async def announce(self) -> None:
        async with self.db.begin() as tx:
            edition = (await compose(tx, WEEKLY, by="kim", now=self.now)).edition
            if edition is None:
                return
            assert all(entry.status is EntryStatus.LIVE for entry in edition.entries)
            await editions.approve(tx, edition.id, by="kim", now=self.now)
            current = await editions.get(tx, edition.id)
            done = await release(tx, current, WEEKLY, HOUSE, by="kim", now=self.now, grace=timedelta(0))
        self.announced += [entry.id for entry in done.edition.entries]
        assert len(self.announced) == len(set(self.announced)), "something was announced twice"

    async def step(self, action: tuple[str, int]) -> None:
        name, number = action
        chosen = sorted(self.board.posts)[number % len(self.board.posts)] if self.board.posts else None
        self.broken_for -= 1
        if self.broken_for <= 0:
            self.board.pages = {}
        self._change(name, number, chosen)
        self.now += timedelta(hours=25 if number % 3 else 5)
        await self.read()
        await self.announce()

    def _change(self, name: str, number: int, chosen: int | None) -> None:
        match name:
            case "put":
                key = max(self.board.posts, default=40) + 1 + number % 2
                if key not in self.board.posts:
                    self.board.put(
                        post(key, written=f"{self.now:%Y-%m-%d %H:%M:%S}", title=f"{self.now:%j%H%M} 글 {key}")
                    )
            case "delete" if chosen is not None and len(self.board.posts) > 20:
                del self.board.posts[chosen]
                self.went.add(str(chosen))
            case "hide" if chosen is not None:
                self.board.change(chosen, is_secret=True)
                self.went.add(str(chosen))
            case "show" if chosen is not None:
                self.board.change(chosen, is_secret=False)
            case "edit" if chosen is not None:
                self.board.change(chosen, body=f"<p>{self.now.isoformat()}에 고쳐 쓴 글.</p>")
            case "mark" if chosen is not None:
                self.board.change(chosen, is_notice=not self.board.posts[chosen].is_notice)
            case "feed":
                self.board.rss = not self.board.rss
            case "break":
                self.board.pages = dict(broken(HOWS[number % len(HOWS)]))
                self.broken_for = 1 + number % 4

    def public(self) -> set[str]:
        return {str(number) for number, each in self.board.posts.items() if not each.is_secret}

    async def shown(self) -> set[str]:
        async with self.db.read() as tx:
            return {entry.source_key for entry in await entries.in_public(tx, limit=-1)}

    async def settle(self) -> None:
        """The board mends and rests for some days; the operator answers whatever is asked."""
        self.board.pages = {}
        for _ in range(3):
            self.now += timedelta(days=1, hours=1)
            await self.read()
            async with self.db.begin() as tx:
                await archives.believe(tx, "director")
        await self.announce()


HOWS = ("lost", "half", "views", "down", "blocked")
ACTIONS = st.tuples(
    st.sampled_from(
        ["put", "put", "delete", "delete", "hide", "show", "edit", "mark", "feed", "break", "break", "rest", "rest"]
    ),
    st.integers(0, 200),
)


@pytest.fixture(scope="module")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with its tables, to be copied: making them takes longer than a history."""
    file = tmp_path_factory.mktemp("store") / "empty.db"

    async def make() -> None:
        await (await open_database(f"sqlite:///{file}")).close()

    asyncio.run(make())
    return file


async def play(store: Path, history: Sequence[tuple[str, int]]) -> None:
    db = await open_database(f"sqlite:///{store}")
    try:
        async with db.begin() as tx:
            await editions.start_list(tx, "weekly", START - timedelta(days=1))
        one = Play(db=db, board=PaperBoard((post(number) for number in range(1, 41)), page_rows=10))
        await one.read()
        await one.announce()
        for action in history:
            await one.step(action)
        await one.settle()
        assert await one.shown() == one.public()
        async with db.read() as tx:
            taken = await entries.listed(tx, limit=-1)
            texts = {entry.source_key: entry.faces["ko"].title for entry in taken}
        assert {key: texts[key] for key in one.public()} == {
            str(number): each.title for number, each in one.board.posts.items() if not each.is_secret
        }
        assert {entry.id for entry in taken if entry.source_key in one.public()} <= set(one.announced)
    finally:
        await db.close()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=st.lists(ACTIONS, min_size=1, max_size=12))
def test_any_history_of_a_board_ends_well(
    empty_store: Path, tmp_path: Path, history: Sequence[tuple[str, int]]
) -> None:
    for old in tmp_path.glob("store.db*"):
        old.unlink()
    store = Path(shutil.copy(empty_store, tmp_path / "store.db"))
    asyncio.run(play(store, history))
