"""The feeds over a real store: rendered once per change, and served from memory."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from publisher.model import Held
from publisher.store.database import Database
from tests.feeds.example import FEEDS
from tests.feeds.store import NOW, given, item, press, shelf, titles
from tests.feeds.store import add as put
from tests.samples import hold

NEVER = timedelta(days=1)


async def add(db: Database, number: int, language: str = "ko", held: Held | None = None, **changes: Any) -> int:
    """Gives the id of the entry: the store here counts as we do."""
    await put(db, item(number, language, **changes), held=held)
    return number


async def test_everything_is_rendered_in_every_format(db: Database) -> None:
    await add(db, 1)
    async with db.read() as tx:
        rendered = await press().everything(tx)
    names = [each.name for each in rendered]
    holding = ("all", "all-ko", "columns", "columns-ko")
    assert len(names) == len(set(names)) == (len(FEEDS) + len(holding)) * 3 + 1
    assert {f"{slug}/1.atom" for slug in holding} <= set(names)
    by_name = {each.name: each.content for each in rendered}
    assert "강 1" in by_name["columns-ko.atom"].decode()
    assert "한가온" in by_name["columns-ko.rss"].decode()
    assert "강 1" not in by_name["all-en.rss"].decode()


async def test_files_and_pages_hold_the_same_bytes(db: Database) -> None:
    await add(db, 1)
    served = shelf(db)
    async with db.read() as tx:
        filed = await press().everything(tx)
    for document in filed:
        slug, _, number = document.slug.partition("/")
        shown = await served.get(slug, document.extension, int(number) if number else None)
        assert shown is not None
        assert shown.content == document.content


async def test_what_does_not_exist_is_none(db: Database) -> None:
    served = shelf(db)
    assert await served.get("nowhere", "rss") is None
    assert await served.get("all", "xml") is None
    assert await served.get("all", "opml") is None
    assert await served.get("feeds", "opml", 1) is None
    assert await served.get("all", "rss", 1) is None
    assert await served.get("all", "rss", 10**30) is None
    assert await served.get("x" * 10_000, "rss") is None


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
    before = await given(served)
    await hold(db, held, Held.FIRST)
    assert await titles(served) == ["강 2", "강 1"]
    assert before.last_modified == NOW
    assert (await given(served)).last_modified == later


async def test_an_entry_that_was_taken_out_moves_the_date_and_a_restart_keeps_it(db: Database) -> None:
    await add(db, 1)
    await add(db, 2)
    first = await given(shelf(db))
    await retract(db, 2)
    second = await given(shelf(db, now=NOW - timedelta(hours=1)))  # a clock that was set back
    assert first.last_modified is not None
    assert second.last_modified == first.last_modified + timedelta(seconds=1)
    third = await given(shelf(db, now=NOW + timedelta(days=3)))
    assert (third.etag, third.last_modified) == (second.etag, second.last_modified)


async def test_a_store_that_goes_away_leaves_what_was_shown(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await add(db, 1)
    served = shelf(db)
    shown = await given(served)

    def away() -> None:
        raise OperationalError("SELECT 1", {}, Exception("disk I/O error"))

    monkeypatch.setattr(db, "read", away)
    assert await given(served) is shown
    with pytest.raises(OperationalError):
        await served.get("all", "rss")


async def test_a_change_that_leaves_no_time_behind_is_noticed(db: Database) -> None:
    await add(db, 1)
    served = shelf(db)
    assert await titles(served) == ["강 1"]
    async with db.begin() as tx:  # as one read of an archive does, whose changes all carry one time
        await tx.execute(text("UPDATE faces SET title = '강물'"))
    assert await titles(served) == ["강물"]


async def retract(db: Database, entry_id: int) -> None:
    async with db.begin() as tx:
        await tx.execute(text("UPDATE entries SET status = 'retracted' WHERE id = :id"), {"id": entry_id})


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
