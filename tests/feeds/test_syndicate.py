"""The feeds over a real store: rendered once per change, and served from memory."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from publisher.flows.syndicate import FeedShelf, syndicate
from publisher.model import Entry, Held, SourceItem
from publisher.store import arrivals
from publisher.store.database import Database
from tests.feeds.example import FEEDS, RIGHTS, SITE, face, moment
from tests.samples import hold

NOW = moment("2026-03-10T09:00+09:00")
NEVER = timedelta(days=1)


def item(number: int, language: str = "ko", **changes: Any) -> SourceItem:
    plain = SourceItem(
        source_key=str(number),
        url=f"https://board.example/{number}",
        author="관리자",
        published_at=moment("2026-03-01T09:00+09:00") + timedelta(days=number),
        language=language,
        faces={language: face(language, f"강 {number}", "요약.")},
        digest=f"digest {number}",
    )
    return replace(plain, **changes)


async def add(db: Database, number: int, language: str = "ko", held: Held | None = None, **changes: Any) -> int:
    async with db.begin() as tx:
        shown = item(number, language, **changes)
        return await arrivals.add(tx, "columns", shown, host="gaon.example", now=NOW, due_at=NOW, held=held)


def sign(shown: Sequence[Entry]) -> list[Entry]:
    return [replace(each, printed_author={"ko": "한가온"}) for each in shown]


def shelf(db: Database, look_every: timedelta = timedelta(0), now: datetime = NOW) -> FeedShelf:
    return FeedShelf(db, FEEDS, SITE, RIGHTS, sign, now=lambda: now, look_every=look_every)


async def titles(shown: FeedShelf, slug: str = "all") -> list[str]:
    document = await shown.get(slug, "json")
    assert document is not None
    return [each["title"] for each in json.loads(document.content)["items"]]


async def test_everything_is_rendered_in_every_format(db: Database) -> None:
    await add(db, 1)
    async with db.read() as tx:
        rendered = await syndicate(tx, FEEDS, SITE, RIGHTS, sign)
    names = [each.name for each in rendered]
    assert len(names) == len(set(names)) == len(FEEDS) * 3 + 1
    by_name = {each.name: each.content for each in rendered}
    assert "강 1" in by_name["columns-ko.atom"].decode()
    assert "한가온" in by_name["columns-ko.rss"].decode()
    assert "강 1" not in by_name["all-en.rss"].decode()


async def test_files_and_pages_hold_the_same_bytes(db: Database) -> None:
    await add(db, 1)
    served = shelf(db)
    async with db.read() as tx:
        for filed in await syndicate(tx, FEEDS, SITE, RIGHTS, sign):
            assert await served.get(filed.slug, filed.extension) == filed


async def test_what_does_not_exist_is_none(db: Database) -> None:
    served = shelf(db)
    assert await served.get("nowhere", "rss") is None
    assert await served.get("all", "xml") is None
    assert await served.get("all", "opml") is None


async def test_a_feed_is_rendered_once_per_change(db: Database) -> None:
    await add(db, 1)
    served = shelf(db)
    first = await served.get("all", "rss")
    assert await served.get("all", "rss") is first
    await add(db, 2)
    second = await served.get("all", "rss")
    assert second is not None
    assert first is not None
    assert second.etag != first.etag


async def test_a_feed_that_the_change_does_not_touch_stays_the_same_document(db: Database) -> None:
    await add(db, 1)
    served = shelf(db)
    first = await served.get("all-en", "atom")
    await add(db, 2, "ko")
    assert await served.get("all-en", "atom") is first


async def test_the_store_is_asked_at_most_so_often(db: Database) -> None:
    await add(db, 1)
    served = shelf(db, look_every=NEVER)
    assert await titles(served) == ["강 1"]
    await add(db, 2)
    assert await titles(served) == ["강 1"]
    served.look_again()
    assert await titles(served) == ["강 2", "강 1"]


async def test_many_readers_at_once_get_one_document(db: Database) -> None:
    await add(db, 1)
    served = shelf(db, look_every=NEVER)
    documents = await asyncio.gather(*(served.get("all", "atom") for _ in range(20)))
    assert len({id(each) for each in documents}) == 1


async def test_an_entry_that_was_let_in_shows_in_the_date(db: Database) -> None:
    held = await add(db, 1, held=Held.FLOOD)
    await add(db, 2)
    later = NOW + timedelta(hours=2)
    served = shelf(db, now=later)
    assert await titles(served) == ["강 2"]
    before = await served.get("all", "json")
    await hold(db, held, Held.FIRST)
    after = await served.get("all", "json")
    assert before is not None
    assert after is not None
    assert await titles(served) == ["강 2", "강 1"]
    assert before.last_modified == NOW
    assert after.last_modified == later


async def test_two_shelves_over_one_store_serve_the_same(db: Database) -> None:
    await add(db, 1)
    one, other = await shelf(db).get("all", "atom"), await shelf(db).get("all", "atom")
    assert one == other


async def test_a_feed_of_a_category_holds_that_category(db: Database) -> None:
    await add(db, 1, categories=("강과 습지",))
    await add(db, 2, categories=("소식",))
    assert await titles(shelf(db), "rivers") == ["강 1"]


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_feeds_of_a_language_hold_that_language(db: Database, language: str) -> None:
    await add(db, 1, "ko")
    await add(db, 2, "en")
    assert await titles(shelf(db), f"columns-{language}") == [{"ko": "강 1", "en": "강 2"}[language]]
