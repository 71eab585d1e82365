"""
The crawl of a board over HTTP: list and feed first, then what they show to be new.

An unchanged board costs three requests (the list in its two orders, the feed)
and at most three more: posts that could not be read, a knock at closed ones, a
second look at some. Once a day all list pages are swept for what is missing.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from publisher.archive.gnuboard.addresses import Board, board_of
from publisher.archive.gnuboard.lists import Lists
from publisher.archive.gnuboard.memory import Memory
from publisher.archive.gnuboard.plan import EMPTY, LOCKED, Look, make_plan
from publisher.archive.gnuboard.posts import Posts
from publisher.archive.gnuboard.rss import BoardFeed, read_feed
from publisher.archive.gnuboard.sweep import tell_missing
from publisher.archive.gnuboard.visitor import Visitor
from publisher.archive.source import (
    SUSPICIOUS,
    ArchivePolicy,
    Cursor,
    Event,
    Expecting,
    Finished,
    Reached,
    Remark,
    Skipped,
)
from publisher.errors import FetchError
from publisher.net import Fetcher


class GnuboardSource:
    """One board as a source; see `archive.source.Source`. `now` is asked once per read."""

    def __init__(
        self, policy: ArchivePolicy, fetcher: Fetcher, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._board = board_of(policy.url)
        self._pause = policy.pause.total_seconds()
        self._zone = policy.zone
        self._fetcher = fetcher
        self._now = now

    async def read(self, known: Mapping[str, str], cursor: Cursor) -> AsyncIterator[Event]:
        board, memory, now = self._board, Memory.of(cursor), self._now()
        visitor = Visitor(self._fetcher, self._pause)
        lists = Lists(board, visitor, memory, known, now)
        await lists.open()
        yield Expecting(total=len(lists.rows))  # so far: whoever only wants to know that it can be read may go
        feed = await _feed(board, visitor, now, self._zone)
        for remark in _noticed(feed, board, memory):
            yield remark
        async for rows in lists.go_on():
            yield Expecting(total=rows)

        plan = make_plan(list(lists.rows.values()), feed.items, memory, known, now)
        posts = Posts(
            board=board,
            visitor=visitor,
            memory=memory,
            known=known,
            rows=lists.rows,
            feed=feed,
            board_title=lists.front.board_title,
            now=now,
            zone=self._zone,
        )
        for key in plan.secret:
            yield posts.skip(key, LOCKED)
        yield Expecting(total=len(plan.looks))
        async for event in _looked_at(posts, plan.looks):
            yield event
        await posts.knock()
        if lists.swept is not None:
            memory.forget_skips_except(lists.swept)
        for skipped in posts.still_skipped():
            yield skipped
        for gone in posts.hidden():
            yield gone
        if lists.swept is not None:
            async for missing in tell_missing(posts, lists.swept, lists.front.total, known):
                yield missing
        memory.note_unread(lists.rows.values(), feed.items, known)
        memory.note_board(lists.rows.values(), lists.front.total)
        yield Finished(cursor=memory.cursor(), is_sweep=lists.swept is not None)

    async def newest(self, count: int) -> AsyncIterator[Event]:
        """A first look: the newest posts of the front page, read as `read` would, and nothing beside."""
        board, memory, now = self._board, Memory.of({}), self._now()
        visitor = Visitor(self._fetcher, self._pause)
        lists = Lists(board, visitor, memory, {}, now)
        await lists.open()
        rows = sorted(lists.rows.values(), key=lambda row: row.is_notice)[: 2 * count]  # some may be closed
        plan = make_plan(rows, (), memory, {}, now)
        posts = Posts(
            board=board,
            visitor=visitor,
            memory=memory,
            known={},
            rows=lists.rows,
            feed=BoardFeed(),
            board_title=lists.front.board_title,
            now=now,
            zone=self._zone,
        )
        for key in plan.secret:
            yield posts.skip(key, LOCKED)
        async for event in posts.look_at(plan.looks):
            yield event


def _noticed(feed: BoardFeed, board: Board, memory: Memory) -> Sequence[Remark]:
    """A feed that is in order and holds nothing any more: so a lost table looks, while a list may still be shown."""
    if feed.items or feed.remarks or not any(seen.text for seen in memory.posts.values()):
        return feed.remarks
    return [Remark(code=SUSPICIOUS, detail=f"{board.rss}: the RSS is empty though it held posts before")]


async def _looked_at(posts: Posts, looks: Iterable[Look]) -> AsyncIterator[Event]:
    """The posts, and where an interrupted first read goes on: nothing stored tells that an empty one was looked at."""
    is_first = posts.memory.total is None
    async for event in posts.look_at(looks):
        yield event
        if is_first and isinstance(event, Skipped) and event.reason == EMPTY:
            yield Reached(cursor=posts.memory.cursor())


async def _feed(board: Board, visitor: Visitor, now: datetime, zone: tzinfo) -> BoardFeed:
    """The board's RSS. Without it the lists and views have to do; that is a remark, not a failure."""
    try:
        return read_feed(await visitor.get(board.rss), board, now, zone)
    except FetchError as error:
        return BoardFeed(remarks=(Remark(code="rss unreadable", detail=str(error)),))
