"""
A day of a house: pieces come, are edited, taken away and let in again, the process ends and begins.

Three readers poll all the while, each known by how it tells entries apart and
what it asks by. None sees an entry twice, or misses one; what did not change
keeps its bytes, its tag and its date.
"""

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import text

from publisher.feeds.publish import Rendered
from publisher.flows.syndicate import FeedShelf
from publisher.store import arrivals
from publisher.store.database import Database, open_database
from tests.feeds.example import face
from tests.feeds.store import NOW, item, press
from tests.feeds.validator import faults

SLUGS = ("all", "all-en", "columns-ko")


class Reader:
    """A program that shows what it has not shown before, and asks only for what changed since."""

    def __init__(self, known_by: Callable[[Any], str], *, by_date: bool) -> None:
        self._known_by = known_by
        self._by_date = by_date
        self.shown: Counter[str] = Counter()
        self._had: dict[str, object] = {}
        self._known: set[str] = set()

    def poll(self, document: Rendered) -> None:
        tag = document.last_modified if self._by_date else document.etag
        if self._had.get(document.name) == tag:
            return
        self._had[document.name] = tag
        for one in feedparser.parse(document.content).entries:
            key = self._known_by(one)
            if key not in self._known:
                self._known.add(key)
                self.shown[one.id] += 1


class Day(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="publisher-day-")
        self._loop = asyncio.Runner()
        self._db: Database = self._do(open_database(f"sqlite:///{Path(self._folder.name)}/publisher.db"))
        self._now = NOW
        self._number = 0
        self._live: set[int] = set()
        self._languages: dict[int, str] = {}
        self._gone: set[int] = set()
        self._before: dict[str, tuple[Rendered, object]] = {}
        self._readers = [
            Reader(lambda one: str(one.id), by_date=False),
            Reader(lambda one: str(one.id), by_date=True),
            Reader(lambda one: str(one.link), by_date=False),
        ]
        self._restart()

    def _do(self, work: Any) -> Any:
        return self._loop.run(work)

    def _restart(self) -> None:
        self._shelf = FeedShelf(self._db, press(), now=lambda: self._now, look_every=timedelta(0))

    @rule()
    def process_ends_and_begins(self) -> None:
        self._restart()

    @rule(minutes=st.integers(1, 600))
    def time_passes(self, minutes: int) -> None:
        self._now += timedelta(minutes=minutes)

    @rule(language=st.sampled_from(["ko", "en"]), days_ago=st.integers(0, 400), count=st.integers(1, 30))
    def pieces_come(self, language: str, days_ago: int, count: int) -> None:
        for _ in range(count):
            self._number += 1
            piece = replace(item(self._number, language), published_at=self._now - timedelta(days=days_ago))
            self._do(self._change(piece, is_new=True))
            self._live.add(self._number)
            self._languages[self._number] = language

    @precondition(lambda self: self._live)
    @rule(data=st.data(), words=st.text(min_size=1, max_size=20))
    def a_piece_is_edited(self, data: st.DataObject, words: str) -> None:
        number = data.draw(st.sampled_from(sorted(self._live)))
        language = self._languages[number]
        edited = {language: face(language, words, words)}
        piece = item(number, language, digest=f"{words} {self._now}", faces=edited)
        self._do(self._change(piece, is_new=False))

    @precondition(lambda self: self._live)
    @rule(data=st.data())
    def a_piece_is_taken_away(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self._live)))
        self._do(self._set(number, "retracted"))
        self._live.remove(number)
        self._gone.add(number)

    @precondition(lambda self: self._gone)
    @rule(data=st.data())
    def a_piece_stands_again(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self._gone)))
        self._do(self._set(number, "live"))
        self._gone.remove(number)
        self._live.add(number)

    @invariant()
    def readers_see_everything_once(self) -> None:
        if not hasattr(self, "_shelf"):
            return
        for slug in SLUGS:
            document = self._do(self._shelf.get(slug, "atom"))
            self._unchanged_or_newer(document)
            if slug == "all":
                for reader in self._readers:
                    reader.poll(document)
        for reader in self._readers:
            assert max(reader.shown.values(), default=1) == 1
        assert self._readers[0].shown == self._readers[1].shown == self._readers[2].shown

    def _unchanged_or_newer(self, document: Rendered) -> None:
        before = self._before.get(document.name)
        if before is not None:
            same = before[0].content == document.content
            assert same is (before[0].etag == document.etag) is (before[0].last_modified == document.last_modified)
            assert document.last_modified >= before[0].last_modified
            assert same or before[1] != self._told(document), "bytes changed, and nothing that they tell"
        self._before[document.name] = (document, self._told(document))

    def _told(self, document: Rendered) -> object:
        found = feedparser.parse(document.content)
        assert not found.bozo
        return [(one.id, one.updated, one.title, one.get("summary")) for one in found.entries], found.feed.links

    @rule()
    def the_archive_is_walked(self) -> None:
        found: list[str] = []
        number: int | None = None
        while True:
            document = self._do(self._shelf.get("all", "json", number))
            assert faults(document.content, "json") == []
            told = json.loads(document.content)
            found += [one["id"] for one in told["items"]]
            if "next_url" not in told:
                break
            number = int(told["next_url"].rpartition("/")[2].removesuffix(".json"))
        assert len(set(found)) == len(self._live)

    async def _change(self, piece: Any, *, is_new: bool) -> None:
        async with self._db.begin() as tx:
            if is_new:
                await arrivals.add(
                    tx, "columns", piece, host="gaon.example", now=self._now, due_at=self._now, held=None
                )
            else:
                await arrivals.change(tx, "columns", piece, now=self._now)

    async def _set(self, number: int, status: str) -> None:
        async with self._db.begin() as tx:
            await tx.execute(
                text("UPDATE entries SET status = :status WHERE id = :id"), {"status": status, "id": number}
            )

    def teardown(self) -> None:
        if hasattr(self, "_shelf"):
            self._do(self._db.close())
            self._loop.close()
            self._folder.cleanup()


TestDay = Day.TestCase
TestDay.settings = settings(max_examples=4, stateful_step_count=12)
