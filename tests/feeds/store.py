"""Feeds over a real store: pieces put in, and what a reader's program is given."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from publisher.feeds.publish import Rendered
from publisher.flows.press import Imprint, Press
from publisher.flows.syndicate import FeedShelf
from publisher.model import Entry, Held, SourceItem
from publisher.store import arrivals
from publisher.store.database import Database
from tests.feeds.example import ARCHIVES, FEEDS, RIGHTS, SITE, face, moment

NOW = moment("2026-03-10T09:00+09:00")


def item(number: int, language: str = "ko", **changes: Any) -> SourceItem:
    """A piece, one day younger for each number."""
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


async def add(db: Database, *items: SourceItem, held: Held | None = None, archive: str = "columns") -> None:
    async with db.begin() as tx:
        for one in items:
            await arrivals.add(tx, archive, one, host="gaon.example", now=NOW, due_at=NOW, held=held)


def sign(shown: Sequence[Entry]) -> list[Entry]:
    return [replace(each, printed_author={"ko": "한가온"}) for each in shown]


def press(hub: str = "") -> Press:
    return Press(Imprint(feeds=FEEDS, titles=ARCHIVES, site=SITE, rights=RIGHTS, hub=hub), sign)


def shelf(db: Database, look_every: timedelta = timedelta(0), now: datetime = NOW, hub: str = "") -> FeedShelf:
    return FeedShelf(db, press(hub), now=lambda: now, look_every=look_every)


async def given(shown: FeedShelf, slug: str = "all", number: int | None = None, extension: str = "json") -> Rendered:
    document = await shown.get(slug, extension, number)
    assert document is not None
    return document


async def titles(shown: FeedShelf, slug: str = "all", number: int | None = None) -> list[str]:
    document = await given(shown, slug, number)
    return [each["title"] for each in json.loads(document.content)["items"]]


async def walk(shown: FeedShelf, slug: str = "all") -> list[list[str]]:
    """The ids of each document, from the current one down to the last page, as JSON Feed's next_url leads."""
    found: list[list[str]] = []
    number: int | None = None
    while True:
        told = json.loads((await given(shown, slug, number)).content)
        found.append([each["id"] for each in told["items"]])
        if "next_url" not in told:
            return found
        number = int(told["next_url"].rpartition("/")[2].removesuffix(".json"))
