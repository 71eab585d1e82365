"""
A Gnuboard 6 board, read by the API of its site as a guest.

A list holds its posts whole, so nothing else is asked for and no counter is
moved: an unchanged board costs two requests (the newest posts, the group's
door). Once a day the whole list is walked: for edits deep in it, and for what
is missing from it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from datetime import UTC, datetime, timedelta

from publisher.archive.asking import Asking
from publisher.archive.gnuboard.answers import Write, Writes, group_is_closed, read_writes, said_in
from publisher.archive.gnuboard.pages import Kind
from publisher.archive.gnuboard.plan import EMPTY, LOCKED, MEMBERS_ONLY
from publisher.archive.gnuboard.shown import parts_of
from publisher.archive.gnuboard.six import BoardSix
from publisher.archive.piece import make_item
from publisher.archive.rereading import moment
from publisher.archive.source import (
    SUSPICIOUS,
    ArchivePolicy,
    Cursor,
    Event,
    Expecting,
    Finished,
    Found,
    Gone,
    Remark,
    Skipped,
    Why,
    few,
)
from publisher.errors import FetchError, SourceError
from publisher.model import RETRACTED
from publisher.net import Fetcher, Page

_VERSION = "api 1"
_MOST_PAGES = 2000
_SWEEP_EVERY = timedelta(hours=24)
_MOST_PROOFS = 200
_ANSWERS = frozenset({200, 400, 401, 403, 404, 422})
_BROKEN = frozenset({500, 502, 504})  # a broken post must not end the sweep of all others
_NO_API = "API 사용이 불가능"
_NO_POST = "존재하지 않는 게시글"
_SECRET = "비밀글"  # noqa: S105 - a word of the software's


class ApiSource:
    """One board as a source; see `archive.source.Source`. `now` is asked once per read."""

    def __init__(
        self,
        policy: ArchivePolicy,
        board: BoardSix,
        fetcher: Fetcher,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._policy = policy
        self._board = board
        self._fetcher = fetcher
        self._now = now

    async def read(self, known: Mapping[str, str], cursor: Cursor) -> AsyncIterator[Event]:
        now = self._now()
        asking = Asking(self._fetcher, self._policy.pause, now)
        front = await self._page(asking, 1)
        _believe(front, self._board, known)
        yield Expecting(total=len(front.writes))  # so far: whoever only wants to know that it can be read may go
        is_sweep = not known or _sweep_is_due(cursor, now)
        if not await self._is_open(asking, front):
            for write in front.writes:
                yield self._skip(write.key, MEMBERS_ONLY)
            yield Finished(cursor=cursor)
            return
        if is_sweep and front.total is not None:
            yield Expecting(total=front.total)
        met: dict[str, Write] = {}
        async for page in self._pages(asking, front):
            fresh = [write for write in page.writes if write.key not in met]
            met |= {write.key: write for write in fresh}
            for event in await asyncio.to_thread(self._events, fresh, front, known, now):
                yield event
            if not fresh or not (is_sweep or any(write.key not in known and write.post for write in fresh)):
                break
        if is_sweep:
            async for missing in self._missing(asking, met, front.total, known):
                yield missing
        swept = now.isoformat() if is_sweep else cursor.get("swept")
        yield Finished(cursor={"version": _VERSION, "swept": swept}, is_sweep=is_sweep)

    # ── The list ─────────────────────────────────────────────────────────────

    async def _pages(self, asking: Asking, front: Writes) -> AsyncIterator[Writes]:
        yield front
        for number in range(2, _MOST_PAGES):
            yield await self._page(asking, number)

    async def _page(self, asking: Asking, number: int) -> Writes:
        page = await asking.page(self._board.api_list(number), among=_ANSWERS)
        if page.status != 200:
            raise _failure(page, self._policy.name)
        return await asyncio.to_thread(read_writes, page, self._board)

    async def _is_open(self, asking: Asking, front: Writes) -> bool:
        """
        Whether guests may read the posts: the API's list asks only who may see the list.

        Where the group's door cannot be seen, the software itself is asked, by one post's own address.
        """
        if not front.is_open:
            return False
        closed = group_is_closed(await asking.page(self._board.api_group(front.group), among=_ANSWERS))
        if closed is not None:
            return not closed
        shown = next((write.key for write in front.writes if write.post), None)
        return shown is None or await self._status(asking, shown) == "there"

    # ── Posts ────────────────────────────────────────────────────────────────

    def _events(
        self, writes: Collection[Write], front: Writes, known: Mapping[str, str], now: datetime
    ) -> list[Found | Skipped | Gone]:
        events = [self._event(write, front, known, now) for write in writes]
        return [
            each
            for each in events
            if not (isinstance(each, Found) and known.get(each.item.source_key) == each.item.digest)
        ]

    def _event(self, write: Write, front: Writes, known: Mapping[str, str], now: datetime) -> Found | Skipped | Gone:
        if write.post is None:
            if not write.is_secret:
                return self._skip(write.key, Kind.UNREADABLE)
            if write.key in known:
                return Gone(source_key=write.key, url=self._board.address_of(write.key), reason=Why.SECRET)
            return self._skip(write.key, LOCKED)
        is_notice = write.key in front.notices
        parts = parts_of(write.post, write.attachments, self._board, now, self._policy.zone, is_notice=is_notice)
        item = make_item(parts, now)
        return Found(item=item) if item else self._skip(write.key, EMPTY)

    def _skip(self, key: str, reason: str) -> Skipped:
        return Skipped(source_key=key, url=self._board.address_of(key), reason=str(reason))

    # ── What is missing ──────────────────────────────────────────────────────

    async def _missing(
        self, asking: Asking, met: Mapping[str, Write], total: int | None, known: Mapping[str, str]
    ) -> AsyncIterator[Gone | Remark]:
        """The stored posts that are gone, each with its proof; or a Remark on what does not fit."""
        stored = {key for key, digest in known.items() if digest != RETRACTED and key.isdecimal()}
        missing = sorted(stored - met.keys(), key=int)
        expected = len(stored) if total is None else total
        if missing and len(met) < expected - few(expected):
            yield self._doubt(f"the list shows {len(met)} of {expected} posts")
            return
        answers = {key: await self._status(asking, key) for key in missing[:_MOST_PROOFS]}
        proven = {key: why for key, answer in answers.items() if (why := _PROOFS.get(answer))}
        canary = next((key for key in met if key in known and met[key].post), None)
        if proven and (canary is None or await self._status(asking, canary) != "there"):
            yield self._doubt("posts that stand in the list cannot be read")
            return
        for key, why in proven.items():
            yield Gone(source_key=key, url=self._board.address_of(key), reason=why)

    async def _status(self, asking: Asking, key: str) -> str:
        """What the API says of one post: `there`, `gone`, `secret`, or anything else, which proves nothing."""
        try:
            page = await asking.page(self._board.api_post(key), among=_ANSWERS | _BROKEN)
        except FetchError:
            return "unreachable"
        said = said_in(page)
        if page.status == 404:
            return "gone" if _NO_POST in said else "unclear"
        if page.status == 403:
            return "secret" if _SECRET in said else "closed"
        return "there" if page.status == 200 else "unclear"

    def _doubt(self, what: str) -> Remark:
        return Remark(code=SUSPICIOUS, detail=f"{self._board.api_list(1)}: {what}; nothing is taken for deleted")


_PROOFS = {"gone": Why.DELETED, "secret": Why.SECRET}


def _believe(front: Writes, board: BoardSix, known: Mapping[str, str]) -> None:
    """An empty list of a board that should hold something is how a lost table looks."""
    expected = front.total or len(known)
    if not front.writes and expected:
        detail = f"{board.api_list(1)}: the list is empty though the board should hold {expected} posts"
        raise SourceError("suspicious", f"{detail}; nothing is believed until it shows them again")


def _sweep_is_due(cursor: Cursor, now: datetime) -> bool:
    swept = moment(str(cursor.get("swept"))) if cursor.get("version") == _VERSION else None
    return swept is None or not timedelta(0) <= now - swept < _SWEEP_EVERY


def _failure(page: Page, name: str) -> SourceError:
    said = said_in(page)
    words = f" (it says: {said})" if said else ""
    if _NO_API in said or (page.status == 404 and not said.startswith("존재하지 않는 게시판")):
        cure = (
            f"the site answers no API; switch it on there (USE_API), or name its database in archives.{name}.database"
        )
        return SourceError("api off", f"{page.url}: {cure}{words}")
    if page.status == 404:
        return SourceError("board missing", f"{page.url}: the site knows no board of this name{words}")
    return SourceError("closed", f"{page.url}: guests may not see the list of this board{words}")
