"""
Looking at posts, one after another, and making items of them.

Each look adds one to a post's counter, so only what is new, or what its row
shows to have changed, gets one; and now and then a post that may have changed
without a sign (`archive.rereading`).
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from publisher.archive.asking import Asking
from publisher.archive.charset import decoded
from publisher.archive.html.addresses import is_same_site
from publisher.archive.html.memory import Memory, Seen
from publisher.archive.html.post import Post, read_post
from publisher.archive.html.rows import Row
from publisher.archive.moments import read_moment
from publisher.archive.piece import Parts, make_item
from publisher.archive.rereading import rereads
from publisher.archive.source import Found, Selectors, Skipped
from publisher.archive.weblinks import host_of
from publisher.errors import FetchError, SourceError
from publisher.model import MISSED, RETRACTED
from publisher.net import Page

NO_TEXT = "no text"
MISSING = "missing"
MEMBERS_ONLY = "members only"
ELSEWHERE = "on another site"
EMPTY = "empty"
_PASSING = frozenset({"unreachable", "timeout"})
_ODD_ANSWERS = 5  # alike, in a row, before anything could be read: something is wrong
_SPARE = 2  # posts that are looked at once more where nothing else is to be read
ANSWERS = frozenset({200, 401, 403, 404, 410, 500, 502, 504})


@dataclass(frozen=True, kw_only=True)
class Look:
    """A post to read. `row` is None where this read's list pages do not show it."""

    key: str
    url: str
    row: Row | None = None


@dataclass(kw_only=True)
class Posts:
    """The posts of one read. `not_there` are the stored ones whose own page answered that there is none."""

    name: str
    select: Selectors
    asking: Asking
    memory: Memory
    known: Mapping[str, str]
    hosts: frozenset[str]
    now: datetime
    zone: tzinfo
    not_there: list[str] = field(default_factory=list)

    def plan(self, rows: Mapping[str, Row]) -> list[Look]:
        """What to look at: new and changed rows in the list's order, notices last; then whose turn it is."""
        due = [row for row in rows.values() if self._is_due(row)]
        looks = [Look(key=row.key, url=row.url, row=row) for row in sorted(due, key=lambda row: row.is_notice)]
        out_of_turn = {*(look.key for look in looks), *self.memory.skipped}
        reachable = {key for key in self.known if key in rows or self.memory.posts.get(key, Seen()).url}
        out_of_turn |= self.known.keys() - reachable
        for key in rereads(self.memory, self.known, out_of_turn, self.now, most=_SPARE):
            row = rows.get(key)
            looks.append(Look(key=key, url=row.url if row else self.memory.posts[key].url, row=row))
        return looks

    def _is_due(self, row: Row) -> bool:
        if row.key not in self.known:
            return self.memory.skipped.get(row.key) != row.mark
        if self.known[row.key] in {MISSED, RETRACTED}:
            return True
        return self.memory.posts.get(row.key, Seen()).mark not in {"", row.mark}

    async def look_at(self, looks: Iterable[Look]) -> AsyncIterator[Found | Skipped]:
        reasons: list[str] = []
        has_read = False
        for look in looks:
            event = await self._look(look)
            if isinstance(event, Skipped):
                reasons.append(event.reason)
                self._stop_if_odd(reasons, look, has_read=has_read)
            else:
                has_read, reasons = True, []
            if event is not None:
                yield event
        if reasons and not self.known and set(reasons) == {NO_TEXT} and not has_read:
            raise self._no_text(look.url)

    def note_unread(self, rows: Iterable[Row]) -> None:
        """What the list says of stored posts that there was no need to look at."""
        for row in rows:
            if row.key in self.known and not self.memory.posts.get(row.key, Seen()).mark:
                at = read_moment(row.dated, self.now, self.zone)
                self.memory.note(row.key, mark=row.mark, url=row.url, at=at.isoformat() if at else "")

    async def page_at(self, url: str) -> Page | None:
        """What stands at an address; None where no answer comes."""
        try:
            return await self.asking.page(url, among=ANSWERS)
        except FetchError:
            return None

    # ── One post ─────────────────────────────────────────────────────────────

    async def _look(self, look: Look) -> Found | Skipped | None:
        """The post, or why it is none; None when it is as it was."""
        if not is_same_site(look.url, self.hosts):
            return self._skip(look, ELSEWHERE)
        page = await self.page_at(look.url)
        if reason := self._no_post(page, look):
            return self._skip(look, reason)
        assert page is not None
        text = decoded(page.content, content_type=page.headers.get("content-type", ""))
        post = await asyncio.to_thread(read_post, text, page.url, self.select)
        if post is None:
            return self._skip(look, NO_TEXT)
        parts = self._parts(look, post)
        item = await asyncio.to_thread(make_item, parts, self.now)
        if item is None:
            return self._skip(look, EMPTY)
        self._note(look, parts.published_at)
        return None if self.known.get(look.key) == item.digest else Found(item=item)

    def _no_post(self, page: Page | None, look: Look) -> str:
        """Why this answer is no post; '' if it may be one."""
        if page is None or page.status >= 500:
            return "unreachable"
        if page.status in {401, 403}:
            return MEMBERS_ONLY
        if page.status in {404, 410}:
            if look.key in self.known:
                self.not_there.append(look.key)
            return MISSING
        return "" if is_same_site(page.url, self.hosts) else ELSEWHERE

    def _parts(self, look: Look, post: Post) -> Parts:
        row = look.row
        dates = (read_moment(said, self.now, self.zone) for said in (row.dated if row else "", post.dated))
        exact = sorted((at for at in dates if at), key=lambda at: at.time() == at.min.time())
        category = (row.category if row else "") or post.category
        return Parts(
            source_key=look.key,
            url=look.url,
            shown_title=row.title if row else next(iter(post.titles), ""),
            titles=post.titles,
            author=(row.author if row else "") or post.author or None,
            published_at=exact[0] if exact else None,
            html=post.html,
            base_url=post.base,
            site_host=host_of(look.url),
            categories=(category,) if category else (),
            attachments=post.attachments,
            is_notice=row is not None and row.is_notice,
        )

    def _note(self, look: Look, at: datetime | None) -> None:
        self.memory.skipped.pop(look.key, None)
        self.memory.note(look.key, url=look.url, read=self.now.isoformat(), at=at.isoformat() if at else "")
        if look.row:
            self.memory.note(look.key, mark=look.row.mark)

    def _skip(self, look: Look, reason: str) -> Skipped:
        """Pass a post over; where the reason lasts, until its row changes."""
        mark = look.row.mark if look.row and reason not in _PASSING else ""
        if look.key in self.known:
            self.memory.note(look.key, read=self.now.isoformat(), url=look.url)
            if mark:
                self.memory.note(look.key, mark=mark)
        elif mark:
            self.memory.skipped[look.key] = mark
        return Skipped(source_key=look.key, url=look.url, reason=reason)

    def _stop_if_odd(self, reasons: list[str], look: Look, *, has_read: bool) -> None:
        if has_read or reasons[-_ODD_ANSWERS:] != [reasons[-1]] * _ODD_ANSWERS:
            return
        if reasons[-1] == NO_TEXT:
            raise self._no_text(look.url)
        cures = {
            MISSING: ("suspicious", "the list shows posts that the site then says are not there; nothing is believed"),
            "unreachable": ("unreachable", "the site answers with an error again and again"),
            MEMBERS_ONLY: ("closed", "guests may not read these posts; open them or name another list"),
        }
        if reasons[-1] in cures:
            reason, detail = cures[reasons[-1]]
            raise SourceError(reason, f"{look.url}: {detail}")

    def _no_text(self, url: str) -> SourceError:
        if self.select.body:
            what = (
                f"archives.{self.name}.select.body ({self.select.body}) matches nothing there, nor on the posts before"
            )
        else:
            what = "no text stands where texts usually do, nor on the posts before"
        return SourceError(
            "nothing matches", f"{url}: {what}; name the text's place in archives.{self.name}.select.body"
        )
