"""
Reading a board's list: all of it at first, later as far as it brings something new.

The list comes by date as well as in the board's own order, because a late
reply stands deep in its thread, and a post moved in from another board stands
on top under an old date. Once a day all pages are swept, since only a whole
list can show that a post is missing from it.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime

from publisher.archive.gnuboard.addresses import Board
from publisher.archive.gnuboard.listing import Listing, Row, read_listing
from publisher.archive.gnuboard.memory import Memory
from publisher.archive.gnuboard.pages import Kind, failure, recognise
from publisher.archive.gnuboard.visitor import Visitor
from publisher.errors import SourceError

_MOST_PAGES = 2000
_SWEPT_AT_ONCE = 60  # pages: a larger board is swept over several reads
_PC_SKIN = "&device=pc"  # once per session: a mobile skin says less


class Lists:
    """
    The list pages of one read. `rows` holds every row met so far, in the board's
    order, each post once even where rows shift between two pages. `swept`: the keys,
    as shown, of a walk over all pages that ended with this read, None if none did.
    """

    def __init__(self, board: Board, visitor: Visitor, memory: Memory, known: Mapping[str, str], now: datetime) -> None:
        self._board = board
        self._visitor = visitor
        self._memory = memory
        self._known = known
        self._now = now
        self.rows: dict[str, Row] = {}
        self.swept: frozenset[str] | None = None
        self.front = Listing(rows=(), total=None, board_title="")

    async def open(self) -> None:
        """
        The front page. Raises SourceError when there is no list, or an empty one
        of a board that should hold something: that is how a lost table looks.
        """
        self.front = await self._read(self._board.list_page() + _PC_SKIN)
        expected = self.front.total or len(self._known)
        if not self.front.rows and expected:
            raise SourceError(
                "suspicious",
                f"{self._board.list_page()}: the list is empty though the board should hold {expected} posts; "
                "nothing is believed until it shows them again",
            )

    async def go_on(self) -> AsyncIterator[int]:
        """The further pages that this read needs; where that may be long, tells after each how many rows were met."""
        if self._is_first_read() or self._reads_like_the_first():
            async for met in self._walk():
                yield met
        elif self._memory.sweep_is_due(self._now):
            await self._sweep()
        else:
            await self._follow_news()
            if self._holds_more_than_expected():
                async for met in self._walk():
                    yield met

    def _is_first_read(self) -> bool:
        return self._memory.total is None

    def _reads_like_the_first(self) -> bool:
        # What was stored is gone (an archive started anew), so the memory of it is worth nothing.
        return bool(self._memory.posts) and not self._known

    def _holds_more_than_expected(self) -> bool:
        """Whether the total grew by more than the news found: something came that neither order shows in front."""
        if self.front.total is None or self._memory.total is None:
            return False
        return self.front.total > self._memory.total + sum(map(self._is_new, self.rows.values()))

    async def _walk(self) -> AsyncIterator[int]:
        """Every page of the list, in the board's own order, to the first empty one: totals are often wrong."""
        for page in range(2, _MOST_PAGES):
            if not await self._turn_to(self._board.list_page(page)):
                break
            yield len(self.rows)
        self._end_sweep(self.rows)

    async def _sweep(self) -> None:
        """
        The walk, some pages of it at each read where they are many. A sweep that
        is done in one read shows what is new by itself.
        """
        first = max(self._memory.sweep_page, 2)
        if first > 2:
            await self._follow_news()
        before = {row.key for row in self.front.rows}
        for page in range(first, first + _SWEPT_AT_ONCE):
            shown = {row.key for row in (await self._read(self._board.list_page(page))).rows}
            is_last = shown <= before  # empty, or nothing but the page before
            before = shown
            if is_last or page >= _MOST_PAGES:
                self._end_sweep({*self.rows, *self._memory.sweep_seen})
                return
        if first == 2:
            await self._follow_news()
        self._memory.sweep_goes_on(first + _SWEPT_AT_ONCE, self.rows)

    def _end_sweep(self, shown: Iterable[str]) -> None:
        self.swept = frozenset(shown)
        self._memory.sweep_ended(self._now)

    async def _follow_news(self) -> None:
        """Both orders, page after page for as long as they bring something new."""
        page, own = 1, [row for row in self.front.rows if not row.is_notice]
        while own and all(map(self._is_new, own)) and page < _MOST_PAGES:
            page += 1
            own = await self._turn_to(self._board.list_page(page))
        before: tuple[Row, ...] | None = None
        for page in range(1, _MOST_PAGES):
            rows = (await self._read(self._board.list_page(page, by_date=True))).rows
            if rows == before or not any(map(self._is_new, rows)):
                break
            before = rows

    async def _turn_to(self, address: str) -> list[Row]:
        """Read a page; returns the rows not met before, so a page that only repeats reads as empty."""
        before = set(self.rows)
        return [row for row in (await self._read(address)).rows if row.key not in before]

    async def _read(self, address: str) -> Listing:
        answer = recognise(await self._visitor.get(address))
        if answer.kind is not Kind.LIST:
            raise failure(answer)
        listing = read_listing(answer.tree, self._board)
        for row in listing.rows:
            self.rows.setdefault(row.key, row)
        return listing

    def _is_new(self, row: Row) -> bool:
        key = self._memory.stored_key(row.key)
        return key not in self._known and key not in self._memory.skipped
