"""RSS and Atom, beside feedgen writing the same entries from scratch."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

from feedgen.feed import FeedGenerator
from lxml import etree

from publisher.feeds import atom, rss
from publisher.feeds.format import Fragment
from publisher.feeds.head import Head
from publisher.feeds.piece import piece
from publisher.feeds.plan import plan
from publisher.feeds.publish import bind, write_entries
from publisher.flows.press import MOST_ENTRIES, Imprint, Press
from publisher.flows.syndicate import FeedShelf
from publisher.model import Entry, Feed, Site
from publisher.store import entries
from publisher.store.database import Database, open_database
from tests.bench import invented
from tests.bench.house import add_entry, folder, make_archive, url_of
from tests.bench.measure import FASTER, Row, Sizes, Work, at_least, check
from tests.samples import HOUSE, SITE

_TITLES = {"director": {"ko": "소장 칼럼", "en": "From the Director"}}
_FEEDS = plan(SITE, _TITLES)
_ALL = next(feed for feed in _FEEDS if feed.slug == "all")
_RIGHTS = {"director": "full"}
_FORMATS = ("rss", "atom")
_ATOM = "{http://www.w3.org/2005/Atom}"


@contextmanager
def one_new_entry(sizes: Sizes) -> Iterator[Work]:
    """
    What a reader waits for after something has changed: the store is asked and both documents are made.

    Without archive pages and fragments that are kept, feedgen has to write the whole archive again.
    """
    with folder() as place, asyncio.Runner() as runner:
        archive = runner.run(_open(make_archive(place / "archive.db", sizes.archive), sizes.archive))
        yield Work(
            name=f"feeds, one new entry in {sizes.archive:,}",
            peer="feedgen from scratch, the whole archive",
            ours=lambda: runner.run(archive.grow()),
            theirs=lambda: _by_feedgen(archive.everything),
            target=at_least(20),
        )
        runner.run(archive.db.close())


@contextmanager
def one_new_entry_shown(sizes: Sizes) -> Iterator[Work]:
    """The same beside feedgen that has the shown entries at hand, and asks no store."""
    with folder() as place, asyncio.Runner() as runner:
        archive = runner.run(_open(make_archive(place / "archive.db", sizes.archive), sizes.archive))
        yield Work(
            name=f"feeds, one new entry in {sizes.archive:,}, as shown",
            peer="feedgen from scratch, the shown entries",
            ours=lambda: runner.run(archive.grow()),
            theirs=lambda: _by_feedgen(archive.shown),
            target=FASTER,
        )
        runner.run(archive.db.close())


@contextmanager
def from_scratch(sizes: Sizes) -> Iterator[Work]:
    """The same documents, byte for byte, made of entries that are at hand: beside feedgen writing them in one go."""
    with folder() as place, asyncio.Runner() as runner:
        archive = runner.run(_open(make_archive(place / "archive.db", min(sizes.archive, MOST_ENTRIES)), 0))
        yield Work(
            name="feeds from scratch",
            peer="feedgen in one go, the same bytes",
            ours=lambda: _by_us(archive.shown),
            theirs=lambda: _in_one_go(archive.shown),
            target=at_least(1),
        )
        runner.run(archive.db.close())


def by_hand(count: int) -> Row:
    """Entries that were written before, joined into one document, beside writing it all as strings: the limit."""

    @contextmanager
    def row(sizes: Sizes) -> Iterator[Work]:
        entries = [invented.entry_of(number) for number in range(1, min(count, sizes.archive) + 1)]
        fragments = _fragments(entries)
        yield Work(
            name=f"feeds, {count:,} entries joined",
            peer="writing the strings, the limit",
            ours=lambda: _joined(fragments),
            theirs=lambda: _by_strings(entries),
            target=FASTER,
        )

    return row


class _Archive:
    """An open archive that grows by one entry at a time, and the shelf on which its feeds stand."""

    def __init__(self, db: Database, everything: Sequence[Entry], shown: int, size: int) -> None:
        self.db = db
        self.everything = everything
        self.shown = everything[:shown]
        self._size = size
        press = Press(Imprint(feeds=_FEEDS, titles=_TITLES, site=SITE, rights=_RIGHTS), HOUSE.sign)
        self.shelf = FeedShelf(db, press, now=lambda: datetime.now(UTC))

    async def grow(self) -> float:
        self._size += 1
        await add_entry(self.db, self._size, minute=self._size)
        self.shelf.look_again()
        began = time.process_time()
        documents = [await self.shelf.get(_ALL.slug, extension) for extension in _FORMATS]
        took = time.process_time() - began
        for document in documents:
            assert document is not None
            _check(document.content, len(self.shown), newest=str(self._size))
        return took


async def _open(store: Path, size: int) -> _Archive:
    db = await open_database(url_of(store))
    async with db.read() as tx:
        everything = await entries.in_public(tx, limit=-1)
    empty = _Archive(db, everything, 0, size)
    fitting = []
    for extension in _FORMATS:
        document = await empty.shelf.get(_ALL.slug, extension)
        assert document is not None
        fitting.append(len(_read(document.content)))
    return _Archive(db, everything, min(fitting), size)


def _by_us(shown: Sequence[Entry]) -> float:
    began = time.process_time()
    fragments = _fragments(shown)
    documents = [bind(_ALL, extension, fragments, SITE).content for extension in _FORMATS]
    took = time.process_time() - began
    for document in documents:
        _check(document, len(shown))
    return took


def _in_one_go(shown: Sequence[Entry]) -> float:
    began = time.process_time()
    documents = []
    for form in (rss, atom):
        made = [piece(entry, _ALL.language, SITE, _RIGHTS[entry.archive]) for entry in shown]
        whole = form.generated_head(Head(feed=_ALL, site=SITE, updated=max(one.updated for one in made)))
        for one in made:
            whole.add_entry(form.generated_entry(one), order="append")
        documents.append(whole.rss_str(pretty=True) if form is rss else whole.atom_str(pretty=True))
    took = time.process_time() - began
    check(
        documents == [bind(_ALL, extension, _fragments(shown), SITE).content for extension in _FORMATS], "other bytes"
    )
    return took


def _joined(fragments: Sequence[Fragment]) -> float:
    began = time.process_time()
    documents = [bind(_ALL, extension, fragments, SITE).content for extension in _FORMATS]
    took = time.process_time() - began
    for document in documents:
        _check(document, len(fragments))
    return took


def _fragments(shown: Sequence[Entry]) -> list[Fragment]:
    return write_entries(shown, _ALL.language, SITE, _RIGHTS)


def _check(document: bytes, least: int, newest: str = "") -> None:
    read = _read(document)
    ids = {one for one, _ in read}
    check(len(ids) == len(read) >= least, f"the feed holds {len(ids)} entries instead of {least}")
    check(newest in read[0][1], "the newest entry is not the first")


def _read(document: bytes) -> list[tuple[str, str]]:
    """Id and title of each entry. Strict: a document that is cut off is no XML."""
    root = etree.fromstring(document)
    items = [(one.findtext("guid"), one.findtext("title")) for one in root.iter("item")]
    found = items or [(one.findtext(f"{_ATOM}id"), one.findtext(f"{_ATOM}title")) for one in root.iter(f"{_ATOM}entry")]
    return [(one_id or "", title or "") for one_id, title in found]


# ── The peers ────────────────────────────────────────────────────────────────


def _by_strings(shown: Sequence[Entry]) -> float:
    began = time.process_time()
    documents = [
        "".join(("<rss><channel>", *map(_item, shown), "</channel></rss>")).encode(),
        "".join((f'<feed xmlns="{_ATOM[1:-1]}">', *map(_entry, shown), "</feed>")).encode(),
    ]
    took = time.process_time() - began
    for document in documents:
        _check(document, len(shown))
    return took


def _item(entry: Entry) -> str:
    face = next(iter(entry.faces.values()))
    return (
        f"<item><guid>{escape(entry.atom_id)}</guid><title>{escape(face.title)}</title><link>{escape(entry.url)}</link>"
        f"<description>{escape(face.summary)}</description><content>{escape(face.html)}</content>"
        f"<pubDate>{format_datetime(entry.dated)}</pubDate></item>"
    )


def _entry(entry: Entry) -> str:
    face = next(iter(entry.faces.values()))
    return (
        f'<entry><id>{escape(entry.atom_id)}</id><title>{escape(face.title)}</title><link href="{escape(entry.url)}"/>'
        f"<summary>{escape(face.summary)}</summary><content>{escape(face.html)}</content>"
        f"<published>{entry.dated.isoformat()}</published><updated>{entry.updated_at.isoformat()}</updated></entry>"
    )


def _by_feedgen(shown: Sequence[Entry]) -> float:
    began = time.process_time()
    generator = _generator(_ALL, SITE)
    for entry in shown:
        _add(generator, entry)
    documents = [generator.rss_str(pretty=True), generator.atom_str(pretty=True)]
    took = time.process_time() - began
    for document in documents:
        _check(document, len(shown))
    return took


def _generator(feed: Feed, site: Site) -> Any:
    generator = FeedGenerator()
    generator.id(site.feed_url(feed.slug, "atom"))
    generator.title(feed.title)
    generator.description(feed.description)
    generator.link(href=site.url, rel="alternate")
    return generator


def _add(generator: Any, entry: Entry) -> None:
    face = next(iter(entry.faces.values()))
    added = generator.add_entry(order="append")
    added.id(entry.atom_id)
    added.guid(entry.atom_id)
    added.title(face.title)
    added.link(href=entry.url)
    added.published(entry.published_at)
    added.updated(entry.updated_at)
    added.author(name=entry.author)
    added.description(face.summary)
    added.content(face.html, type="html")
