"""
Looking at posts, one after another, and making items of them.

An answer that is no post is taken for what it is: one post that is closed or
gone is passed over, several in a row mean that something is wrong with the
site, and then nothing more is asked of it.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import cached_property

from publisher.archive.gnuboard.addresses import Board, is_slug
from publisher.archive.gnuboard.listing import Row
from publisher.archive.gnuboard.memory import Memory, Seen
from publisher.archive.gnuboard.pages import ENDS_THE_READ, Kind, failure, recognise
from publisher.archive.gnuboard.plan import EMPTY, LOCKED, MEMBERS_ONLY, Look, knock
from publisher.archive.gnuboard.rss import BoardFeed, FeedItem
from publisher.archive.gnuboard.view import Link, View, read_view
from publisher.archive.gnuboard.visitor import Visitor
from publisher.archive.piece import Parts, make_item
from publisher.archive.source import Event, Found, Gone, Skipped, Why
from publisher.archive.wording import KST, begins_alike, whole_name, written_at
from publisher.errors import FetchError, SourceError
from publisher.model import SourceItem

_REFUSALS = 3  # in a row and before anything could be read: the whole board is closed
_ODD_ANSWERS = 5  # alike and in a row: something is wrong with the site
_ODD = {
    Kind.GONE: ("suspicious", "the list shows posts that the board then calls deleted; nothing is believed"),
    Kind.UNREADABLE: ("not a board", "instead of posts the site answers with something else, perhaps a bot wall"),
    Kind.UNREACHABLE: ("unreachable", "the site answers with an error again and again"),
    "timeout": ("timeout", "the site takes too long to answer"),
}
_LASTING = frozenset({LOCKED, MEMBERS_ONLY, EMPTY})  # other reasons may pass: such a post is asked for again


@dataclass(kw_only=True)
class Posts:
    """The posts of one read. `rows` are what the lists showed, `feed` is the board's RSS, `zone` that of its pages."""

    board: Board
    visitor: Visitor
    memory: Memory
    known: Mapping[str, str]
    rows: Mapping[str, Row]
    feed: BoardFeed
    board_title: str
    now: datetime
    zone: tzinfo = KST
    _told: set[str] = field(default_factory=set)

    async def look_at(self, looks: Iterable[Look]) -> AsyncIterator[Event]:
        """
        Look at each post and yield what it is. A board that refuses guests
        refuses every post alike, so after a few the others are not asked for.
        """
        reasons: list[str] = []
        is_open = False
        for look in looks:
            if not is_open and reasons[-_REFUSALS:] == [MEMBERS_ONLY] * _REFUSALS:
                yield self.skip(look.key, MEMBERS_ONLY)
                continue
            event = await self._look(look)
            self._ask_again(look, event)
            if not isinstance(event, Skipped):
                reasons, is_open = [], True
            elif event.reason == Kind.GONE and look.key in self.known:
                self.memory.sweep_soon()  # a view alone proves nothing
            elif look.row:  # what no list shows (a former notice) may well be gone
                reasons.append(event.reason)
                self._stop_if_odd(reasons)
            if event is not None:
                yield event

    def skip(self, key: str, reason: str) -> Skipped:
        """Pass a post over, and remember it where the reason lasts."""
        if reason in _LASTING:
            self.memory.skipped[key] = str(reason)
        self._told.add(key)
        return Skipped(source_key=key, url=self.board.address_of(key), reason=str(reason))

    def still_skipped(self) -> Iterable[Skipped]:
        """The posts passed over in earlier reads, for the same reason now."""
        for key, reason in list(self.memory.skipped.items()):
            if key not in self._told:
                yield self.skip(key, reason)

    async def knock(self) -> None:
        """Ask for one post that was closed to guests; if it opens, the next read looks at all of them."""
        key = knock(self.memory)
        if key is None or key in self._told:
            return
        if await self.kind_at(key) is Kind.VIEW:
            lasting = {key: reason for key, reason in self.memory.skipped.items() if reason != MEMBERS_ONLY}
            self.memory.skipped = lasting

    async def kind_at(self, key: str) -> Kind:
        """What stands at a post's address; an answer that does not come proves nothing."""
        try:
            return recognise(await self.visitor.get(self.board.address_of(key))).kind
        except FetchError:
            return Kind.UNREACHABLE

    def hidden(self) -> Iterable[Gone]:
        """The stored posts that stand under a lock now, to be told at every read while they do."""
        for key, reason in self.memory.skipped.items():
            if reason == LOCKED and key in self.known:
                yield Gone(source_key=key, url=self.board.address_of(key), reason=Why.SECRET)

    # ── One post ─────────────────────────────────────────────────────────────

    async def _look(self, look: Look) -> Event | None:
        """The post, or why it is none; None when it is as it was."""
        try:
            answer = recognise(await self.visitor.get(self.board.address_of(look.shown)))
        except FetchError as error:
            if error.reason == "unreachable":
                raise
            return self.skip(look.key, error.reason)
        if answer.kind in ENDS_THE_READ:
            raise failure(answer)
        if answer.kind is not Kind.VIEW:
            return self.skip(look.key, Kind.UNREADABLE if answer.kind is Kind.LIST else answer.kind)
        view = read_view(answer.tree, self.board, self.board_title)
        fed = look.item or self._item_by_title(view)
        key = await self._settled_key(look, view, fed)
        return await self._found(key, look, view, fed)

    async def _found(self, key: str, look: Look, view: View, fed: FeedItem | None) -> Event | None:
        parts = await self._parts(key, look, view, fed)
        item = make_item(parts, self.now)
        self._note(key, look, parts, item, fed)
        if item is None:
            return self.skip(key, EMPTY)
        was_skipped = self.memory.skipped.pop(key, None) is not None
        same_mark = item.is_notice == (key in self.memory.notices)
        is_as_it_was = self.known.get(key) == item.digest and same_mark and not was_skipped
        return None if is_as_it_was else Found(item=item)

    async def _parts(self, key: str, look: Look, view: View, fed: FeedItem | None) -> Parts:
        seen = self.memory.posts.get(key, Seen())
        category = view.category or (look.row.category if look.row else seen.category)
        return Parts(
            source_key=key,
            url=self.board.address_of(look.shown if is_slug(key) else key),
            shown_title=view.shown_title,
            titles=(*view.titles, *([fed.title] if fed else [])),
            author=whole_name(view.author, [fed.author if fed else "", seen.by]),
            published_at=self._time(view, fed, seen),
            html=view.html,
            base_url=self.board.bbs,
            site_host=view.site_host,
            categories=(category,) if category else (),
            attachments=view.attachments,
            links=tuple([await self._whole_link(link) for link in view.links]),
            is_notice=look.row is not None and look.row.is_notice,
        )

    def _time(self, view: View, fed: FeedItem | None, seen: Seen) -> datetime | None:
        """When it was written: the feed's time has seconds, the page's has not; one seen earlier may have them."""
        shown = written_at(view.written, self.now, self.zone)
        exact = [at for at in (fed.at if fed else None, seen.time) if at is not None]
        return next((at for at in exact if shown is None or at.replace(second=0) == shown), shown)

    async def _whole_link(self, link: Link) -> str:
        """A link's whole address. A page shows 70 characters; where it goes on, the counting address says where to."""
        if link.is_whole:
            return link.shown
        try:
            page = await self.visitor.get(link.href, follow=False)
        except FetchError:
            return link.href
        target = page.headers.get("location", "")
        return target if begins_alike(target, link.shown) else link.href

    def _item_by_title(self, view: View) -> FeedItem | None:
        """The post's item in a feed that names no addresses, if only one has its title."""
        alike = [item for item in self.feed.items if item.key is None and item.title and item.title in view.titles]
        return alike[0] if len(alike) == 1 else None

    def _note(self, key: str, look: Look, parts: Parts, item: SourceItem | None, fed: FeedItem | None) -> None:
        at = parts.published_at.isoformat() if parts.published_at else ""
        self.memory.note(
            key,
            at=at,
            by=parts.author or "",
            title=item.title if item else "",
            category=next(iter(parts.categories), ""),
            read=self.now.isoformat(),
        )
        if look.row:
            self.memory.note(key, mark=look.row.mark)
        if fed:
            self.memory.note(key, text=fed.digest)

    def _ask_again(self, look: Look, event: Event | None) -> None:
        """Keep what is to be asked for again. What no list shows and the board calls gone is gone."""
        others = [key for key in self.memory.again if key != look.shown]
        reason = event.reason if isinstance(event, Skipped) else ""
        may_pass = bool(reason) and reason not in _LASTING and (look.row is not None or reason != Kind.GONE)
        self.memory.again = [*others, look.shown] if may_pass else others

    # ── Its key ──────────────────────────────────────────────────────────────

    async def _settled_key(self, look: Look, view: View, fed: FeedItem | None) -> str:
        """
        The key to store a post under.

        An address by title gives way to the number that the page betrays. A post
        that is stored under another key (renamed, or from before the site changed
        the form of its addresses) keeps that one.
        """
        if look.key in self.known:
            return look.key
        key = view.number if is_slug(look.key) and view.number else look.key
        if key not in self.known:
            key = await self._earlier_key(look, view, fed) or key
        if key != look.shown:
            self.memory.aliases[look.shown] = key
        return key

    async def _earlier_key(self, look: Look, view: View, fed: FeedItem | None) -> str | None:
        """
        The key under which a post without a lasting number was stored before: same
        author and minute, and either the same title or an old address that is gone.
        Of those without a date there may be many, so that only the title tells.
        """
        if not self._may_have_earlier_keys(look):
            return None
        written = self._time(view, fed, Seen())
        author = whole_name(view.author, [fed.author if fed else ""]) or ""
        twins = self.memory.twins(at=written.isoformat() if written else "", by=author)
        twins = [key for key in twins if key in self.known and (is_slug(key) or is_slug(look.shown))]
        present = {self.memory.stored_key(shown) for shown in self.rows} if twins else set()
        for key in twins:
            if key in present:
                continue
            if self.memory.posts[key].title in view.titles:
                return key
            if written and await self.kind_at(key) is Kind.GONE:
                return key
        return None

    def _may_have_earlier_keys(self, look: Look) -> bool:
        """Asked before twins are looked for among all that is remembered: a number never changes."""
        return bool(self.known) and (is_slug(look.shown) or self._knows_slugs)

    @cached_property
    def _knows_slugs(self) -> bool:
        return any(is_slug(key) for key in self.known)

    def _stop_if_odd(self, reasons: list[str]) -> None:
        last = reasons[-1]
        if last in _ODD and reasons[-_ODD_ANSWERS:] == [last] * _ODD_ANSWERS:
            reason, detail = _ODD[last]
            raise SourceError(reason, f"{self.board.list_page()}: {detail}")
