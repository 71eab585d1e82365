"""
The list pages that a read needs: all of them at first, later as far as they bring something new.

Once a day the whole list is walked, since only a whole list can show that a
post is missing from it. A walk ends where the list does, where it leads to
another site, and where a page brings no post that was not met yet: lists that
count on for ever show the last page, or the first one, again and again.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

from publisher.archive.asking import Asking
from publisher.archive.charset import decoded
from publisher.archive.html.addresses import host, is_same_site, page_of
from publisher.archive.html.memory import Memory
from publisher.archive.html.rows import Listing, Row, read_listing
from publisher.archive.source import SUSPICIOUS, Remark, Selectors
from publisher.errors import SourceError

_MOST_PAGES = 2000
_SWEPT_AT_ONCE = 60  # pages: a larger list is swept over several reads
_OK = frozenset({200})
_END = frozenset({200, 400, 404, 410})  # what sites answer behind their last page


class Lists:
    """
    The list pages of one read. `rows` holds every row met so far, each post once.
    `swept`: the keys of a walk over the whole list that ended with this read, None
    if none did.
    """

    def __init__(
        self,
        name: str,
        url: str,
        select: Selectors,
        asking: Asking,
        memory: Memory,
        known: Mapping[str, str],
        now: datetime,
        zone: tzinfo,
    ) -> None:
        self._where = f"archives.{name}.select"
        self._url = url
        self._select = select
        self._asking = asking
        self._memory = memory
        self._known = known
        self._now = now
        self._zone = zone
        self._asked: set[str] = set()
        self._front = Listing(url=url, rows=(), unlinked=0, next="")
        self.rows: dict[str, Row] = {}
        self.swept: frozenset[str] | None = None
        self.hosts = frozenset({host(url)})
        self.remarks: list[Remark] = []

    async def open(self) -> bool:
        """
        The front page; whether there is anything to go on with.

        A list that shows nothing though posts were read from it is not believed
        (a Remark); one that never showed any is described wrongly (SourceError).
        """
        self._front = await self._read(self._url, _OK)
        if self.rows:
            self._tell_rows_without_address()
            return True
        what = (
            f"{self._where}.item ({self._select.item}) matches nothing on {self._front.url}"
            if not self._front.unlinked
            else f"what {self._where}.item ({self._select.item}) matches on {self._front.url} holds no link to a post"
            + (f" at {self._where}.link ({self._select.link})" if self._select.link else "")
        )
        if not self._known or self._memory.is_described_anew:
            cure = "open that page, look for what each row of the list has in common, and name it there"
            raise SourceError("nothing matches", f"{what}; {cure}")
        self.remarks.append(Remark(code=SUSPICIOUS, detail=f"{what}, though {len(self._known)} posts were read before"))
        return False

    async def go_on(self) -> None:
        """The further pages that this read needs."""
        if not self._memory.swept:
            await self._walk(self._front, 1, most=_MOST_PAGES)
        elif self._memory.sweep_is_due(self._now):
            await self._sweep()
        else:
            await self._follow_news()

    def is_new(self, row: Row) -> bool:
        return row.key not in self._known and self._memory.skipped.get(row.key) != row.mark

    async def _follow_news(self) -> None:
        listing, number, fresh = self._front, 1, list(self.rows.values())
        while any(map(self.is_new, fresh)) and number < _MOST_PAGES and (address := self._after(listing, number)):
            before = set(self.rows)
            listing, number = await self._read(address, _END), number + 1
            fresh = [row for row in listing.rows if row.key not in before]

    async def _sweep(self) -> None:
        """The walk, some pages of it at each read where they are many."""
        if self._memory.sweep_page and self._memory.sweep_next:
            await self._follow_news()
            resumed = await self._read(self._memory.sweep_next, _END)
            await self._walk(resumed, self._memory.sweep_page, most=_SWEPT_AT_ONCE)
        else:
            await self._walk(self._front, 1, most=_SWEPT_AT_ONCE)

    async def _walk(self, listing: Listing, number: int, *, most: int) -> None:
        met = {row.key for row in listing.rows}
        for _ in range(most):
            address = self._after(listing, number)
            if not address:
                return self._end_sweep(self.rows)
            listing, number = await self._read(address, _END), number + 1
            shown = {row.key for row in listing.rows}
            if shown <= met:
                return self._end_sweep(self.rows)
            met |= shown
        if most >= _MOST_PAGES:
            self.remarks.append(
                Remark(code="endless list", detail=f"{self._url}: more than {most} pages were not read")
            )
            return self._end_sweep(())
        if address := self._after(listing, number):
            self._memory.sweep_next = address
            return self._memory.sweep_goes_on(number + 1, self.rows)
        return self._end_sweep(self.rows)

    def _end_sweep(self, shown: Iterable[str]) -> None:
        self.swept = frozenset([*shown, *self._memory.sweep_seen])
        self._memory.sweep_ended(self._now)
        self._memory.sweep_next = ""

    def _after(self, listing: Listing, number: int) -> str:
        """The address of the page behind this one; '' where there is none that was not asked for yet."""
        address = page_of(self._url, self._select.page, number + 1) if self._select.page else listing.next
        if address and not is_same_site(address, self.hosts):
            remark = Remark(code="next elsewhere", detail=f"{listing.url}: the list goes on at {address}")
            self.remarks += [] if remark in self.remarks else [remark]
            return ""
        return "" if address in self._asked else address

    async def _read(self, address: str, among: frozenset[int]) -> Listing:
        self._asked.add(address)
        page = await self._asking.page(address, among=among)
        self._asked.add(page.url)
        if among is _OK and not is_same_site(page.url, self.hosts):
            raise SourceError("elsewhere", f"{address} leads to another site, {page.url}; name that one if it is meant")
        if page.status != 200 or not is_same_site(page.url, self.hosts):
            return Listing(url=page.url, rows=(), unlinked=0, next="")
        text = decoded(page.content, content_type=page.headers.get("content-type", ""))
        # Off the loop: a large page takes a second, and letters are going out meanwhile.
        listing = await asyncio.to_thread(read_listing, text, page.url, self._select, self._now, self._zone)
        for row in listing.rows:
            self.rows.setdefault(row.key, row)
        return listing

    def _tell_rows_without_address(self) -> None:
        rows, unlinked = len(self._front.rows), self._front.unlinked
        if unlinked > rows:
            lead = f"{unlinked} of {unlinked + rows} rows ({self._where}.item) lead to no page of the web"
            detail = f"{self._front.url}: {lead}"
            self.remarks.append(Remark(code="rows without address", detail=detail))
