"""
Where feeds are printed: what the store holds becomes documents.

    marks of what belongs ─▶ entries not yet written ─▶ each written once, in every format ─▶ joined into a document

An entry is written again only when its revision is another one; a document is
joined again only when other entries stand in it. So one new entry in ten
thousand costs the writing of one.
"""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from publisher.feeds import FORMATS
from publisher.feeds.format import Fragment, how_many_fit
from publisher.feeds.head import Place, place_name
from publisher.feeds.kept import Kept
from publisher.feeds.piece import Rights
from publisher.feeds.plan import category_feed, category_feeds, normal
from publisher.feeds.publish import Rendered, bind, render_catalogue, write_entries
from publisher.flows.compose import Sign
from publisher.model import Entry, Feed, Language, Site, Texts
from publisher.store import entries, shelves
from publisher.store.database import Tx
from publisher.store.shelves import Mark, Selection

MOST_ENTRIES = 200
"""Entries in the current document of a feed. The size of the document is a second limit, in `feeds.format`."""

_ROOM_FOR_FRAGMENTS = 24 * 1024 * 1024
_ROOM_FOR_DOCUMENTS = 24 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Imprint:
    """What is configured of feeds. `titles` are those of the archives; `hub` is the WebSub hub, or ''."""

    feeds: Sequence[Feed]
    titles: Mapping[str, Texts]
    site: Site
    rights: Rights
    hub: str = ""


@dataclass(frozen=True, kw_only=True)
class _Basis:
    """
    What a document is made of: with the same basis it has the same bytes.

    `unpaged` are the entries that came after the last full page, `unpaged_at` is their page.
    """

    marks: Sequence[Mark]
    place: Place
    unpaged: frozenset[int] = frozenset()
    unpaged_at: int = 0


class Press:
    """Prints feeds, and remembers what it printed in a room of a fixed size. For one task at a time."""

    def __init__(self, imprint: Imprint, sign: Sign) -> None:
        self._imprint = imprint
        self._sign = sign
        self._feeds = {feed.slug: feed for feed in imprint.feeds}
        self._fragments: Kept[tuple[int, int, Language | None], Fragment] = Kept(_ROOM_FOR_FRAGMENTS)
        self._documents: Kept[tuple[str, str], tuple[_Basis, Rendered]] = Kept(_ROOM_FOR_DOCUMENTS)
        self._categories: tuple[int, Mapping[str, tuple[str, ...]]] = (-1, {})

    @property
    def catalogue(self) -> Rendered:
        """The list of all feeds."""
        return render_catalogue(self._imprint.feeds, self._imprint.site)

    async def feed(self, tx: Tx, slug: str) -> Feed | None:
        """The feed with this slug: a planned one, or that of a category which any entry has."""
        if slug in self._feeds:
            return self._feeds[slug]
        if "-c-" not in slug:
            return None
        return category_feed(slug, self._imprint.site, self._imprint.titles, _named(await self._known(tx)))

    async def document(self, tx: Tx, feed: Feed, extension: str, number: int | None = None) -> Rendered | None:
        """The current document of a feed, or a page of its archive; None where that page holds nothing."""
        selection = await self._selection(tx, feed)
        basis = await (_current(tx, selection) if number is None else _page(tx, selection, number))
        return None if basis is None else await self._printed(tx, feed, extension, basis)

    async def everything(self, tx: Tx) -> list[Rendered]:
        """Every document of every feed, those of the categories among them, and the list of feeds."""
        known = _named(await self._known(tx))
        made = category_feeds(self._imprint.site, self._imprint.titles, known)
        documents = [self.catalogue]
        for feed in (*self._feeds.values(), *(each for each in made if each.slug not in self._feeds)):
            documents += await self._whole(tx, feed)
        return documents

    async def _whole(self, tx: Tx, feed: Feed) -> list[Rendered]:
        selection = await self._selection(tx, feed)
        bases = [await _current(tx, selection), *await _pages(tx, selection)]
        return [await self._printed(tx, feed, extension, basis) for basis in bases for extension in FORMATS]

    async def _printed(self, tx: Tx, feed: Feed, extension: str, basis: _Basis) -> Rendered:
        key = (place_name(feed.slug, basis.place.number), extension)
        before = self._documents.get(key)
        if before is not None and before[0] == basis:
            return before[1]
        fragments = await self._written(tx, feed.language, basis.marks)
        fresh = await asyncio.to_thread(self._bound, feed, extension, basis, fragments)
        if before is not None and before[1].etag == fresh.etag:
            fresh = before[1]  # with its compressed forms
        self._documents.put(key, (basis, fresh), 2 * len(fresh.content))
        return fresh

    def _bound(self, feed: Feed, extension: str, basis: _Basis, fragments: Sequence[Fragment]) -> Rendered:
        place = basis.place
        if place.number is None:
            fitting = how_many_fit(fragments, extension)
            if basis.unpaged - {entry_id for entry_id, _ in basis.marks[:fitting]}:
                # What stands neither here nor on a full page must be found all the same.
                place = Place(older=basis.unpaged_at)
            fragments = fragments[:fitting]
        return bind(feed, extension, fragments, self._imprint.site, place=place, hub=self._imprint.hub)

    async def _written(self, tx: Tx, language: Language | None, marks: Sequence[Mark]) -> list[Fragment]:
        """What these entries look like. Missing is only one whose last face went in this very moment."""
        written = {mark: self._fragments.get((*mark, language)) for mark in marks}
        missing = {mark[0]: mark for mark, fragment in written.items() if fragment is None}
        if missing:
            found = self._sign(await entries.find(tx, ids=list(missing)))
            fresh = await asyncio.to_thread(self._write, found, language)
            for entry, fragment in zip(found, fresh, strict=True):
                mark = missing[entry.id]
                written[mark] = fragment
                self._fragments.put((*mark, language), fragment, fragment.size)
        return [fragment for fragment in written.values() if fragment is not None]

    def _write(self, found: Sequence[Entry], language: Language | None) -> list[Fragment]:
        return write_entries(found, language, self._imprint.site, self._imprint.rights)

    async def _selection(self, tx: Tx, feed: Feed) -> Selection:
        texts = await self._texts(tx, feed) if feed.categories else None
        return Selection(archives=feed.archives, language=feed.language, categories=texts)

    async def _texts(self, tx: Tx, feed: Feed) -> tuple[str, ...]:
        wanted = set(map(normal, feed.categories))
        known = {text for texts in (await self._known(tx)).values() for text in texts}
        return tuple(sorted(text for text in known if not wanted.isdisjoint(map(normal, json.loads(text)))))

    async def _known(self, tx: Tx) -> Mapping[str, tuple[str, ...]]:
        number = await shelves.changes(tx)
        if self._categories[0] != number:
            self._categories = (number, await shelves.categories(tx))
        return self._categories[1]


def _named(known: Mapping[str, Iterable[str]]) -> Mapping[str, set[str]]:
    return {archive: {name for text in texts for name in json.loads(text)} for archive, texts in known.items()}


# ── What stands where ────────────────────────────────────────────────────────


async def _current(tx: Tx, selection: Selection) -> _Basis:
    """
    The newest, and the way to the last full page.

    What came after that page mostly stands among the newest, and its own page
    is linked once it is full: a page that is linked does not change any more.
    """
    marks = await shelves.newest(tx, selection, MOST_ENTRIES)
    filling = await _filling(tx)
    unpaged = await shelves.page(tx, selection, filling)
    return _Basis(
        marks=marks,
        place=Place(older=await shelves.page_before(tx, selection, filling)),
        unpaged=frozenset(entry_id for entry_id, _ in unpaged),
        unpaged_at=filling,
    )


async def _page(tx: Tx, selection: Selection, number: int) -> _Basis | None:
    filling = await _filling(tx)
    marks = await shelves.page(tx, selection, number) if 0 < number <= filling else []
    if not marks:
        return None
    newer = await shelves.page_after(tx, selection, number)
    place = Place(
        number=number,
        older=await shelves.page_before(tx, selection, number),
        newer=newer if newer != filling else None,
    )
    return _Basis(marks=marks, place=place)


async def _pages(tx: Tx, selection: Selection) -> list[_Basis]:
    filling = await _filling(tx)
    return list(_chained(await shelves.everything(tx, selection), filling))


def _chained(pages: Mapping[int, Sequence[Mark]], filling: int) -> Iterator[_Basis]:
    numbers = list(pages)
    for older, number, newer in zip([None, *numbers], numbers, [*numbers[1:], None], strict=False):
        place = Place(number=number, older=older, newer=newer if newer != filling else None)
        yield _Basis(marks=pages[number], place=place)


async def _filling(tx: Tx) -> int:
    """The number of the page that the next entry to arrive will stand on."""
    return shelves.page_of(await shelves.last_arrived(tx) + 1)
