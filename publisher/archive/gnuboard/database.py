"""
A board read in its own tables: whole titles, seconds, whole links, no look that counts.

The software checks on display who may see what, and makes texts harmless; here
nothing has done so yet. A board that guests may not read gives no text at all,
a secret post is passed over before its text is asked for.
"""

from asyncio import to_thread
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime

from publisher.archive.gnuboard.addresses import Board
from publisher.archive.gnuboard.ledger import Glance, Ledger, Plan, blocks_of
from publisher.archive.gnuboard.mysql import Tables
from publisher.archive.gnuboard.plan import EMPTY, LOCKED, MEMBERS_ONLY
from publisher.archive.gnuboard.rows import BoardRow, StoredFile, StoredPost
from publisher.archive.gnuboard.shown import parts_of, picture_of
from publisher.archive.piece import make_item
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
)
from publisher.archive.wording import file_name, media_type
from publisher.errors import SourceError
from publisher.model import Attachment

_AT_ONCE = 50  # posts whose texts are in memory


class DatabaseSource:
    """One board as a source; see `archive.source.Source`. `now` is asked once per read."""

    def __init__(
        self, policy: ArchivePolicy, board: Board, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        if policy.database is None:
            raise SourceError("not configured", f"archives.{policy.name}.database is missing")
        self._database = policy.database
        self._board = board
        self._zone = policy.zone
        self._now = now

    async def read(self, known: Mapping[str, str], cursor: Cursor) -> AsyncIterator[Event]:
        ledger, now = Ledger.of(cursor), self._now()
        tables = await to_thread(Tables.open, self._database, self._board.table)
        try:
            settings = await to_thread(tables.board)
            if not settings.shows_list:
                raise SourceError("closed", f"guests may not see the list of the board {self._board.table!r}")
            files = await to_thread(tables.files)
            rows = await to_thread(tables.glances, files)
            _believe(rows, settings, known)
            if not settings.shows_posts:
                for row in rows:
                    yield self._skip(row.key, MEMBERS_ONLY)
                yield Finished(cursor=Ledger(hidden=frozenset(row.key for row in rows)).cursor())
                return
            plan = ledger.plan(rows, settings.notices, known, settings.counted)
            for event in self._not_there(plan, known):
                yield event
            yield Expecting(total=len(plan.reads))
            for start in range(0, len(plan.reads), _AT_ONCE):
                for post in await to_thread(tables.posts, plan.reads[start : start + _AT_ONCE]):
                    told = self._event(post, files.get(post.number, ()), settings, now)
                    if not isinstance(told, Found) or _is_news(told, ledger, known):
                        yield told
            yield Finished(cursor=_next(rows, settings, plan).cursor(), is_sweep=True)
        finally:
            await to_thread(tables.close)

    def _not_there(self, plan: Plan, known: Mapping[str, str]) -> list[Event]:
        """What the public may not see (any more): secret posts, deleted ones, and a table that lost some."""
        told: list[Event] = [self._skip(key, LOCKED) for key in plan.secret]
        told += [self._gone(key, Why.SECRET) for key in plan.secret if key in known]
        told += [self._gone(key, Why.DELETED) for key in plan.gone]
        if plan.doubted:
            detail = f"{len(plan.doubted)} posts are not in the board's table any more, though it still counts them"
            told.append(Remark(code=SUSPICIOUS, detail=f"{detail}; nothing is taken for deleted"))
        return told

    def _gone(self, key: str, why: Why) -> Gone:
        return Gone(source_key=key, url=self._board.address_of(key), reason=why)

    def _skip(self, key: str, reason: str) -> Skipped:
        return Skipped(source_key=key, url=self._board.address_of(key), reason=str(reason))

    # ── One post ─────────────────────────────────────────────────────────────

    def _event(
        self, post: StoredPost, files: Sequence[StoredFile], settings: BoardRow, now: datetime
    ) -> Found | Skipped:
        key = str(post.number)
        if "secret" in post.option:  # since the glance, a moment ago
            return self._skip(key, LOCKED)
        attachments = tuple(self._attachments(key, files))
        is_notice = key in settings.notices
        parts = parts_of(post, attachments, self._board, now, self._zone, is_notice=is_notice)
        item = make_item(parts, now)
        return Found(item=item) if item else self._skip(key, EMPTY)

    def _attachments(self, key: str, files: Sequence[StoredFile]) -> list[Attachment]:
        """Pictures first, as on the page: anyone may fetch them; other files answer only who has the post open."""
        named = [(file_name(file.shown) or file_name(file.stored), file) for file in files if file.stored.strip()]
        return [
            Attachment(
                name=name,
                url=picture_of(file.stored, self._board)
                if file.is_image
                else self._board.download_of(key, file.number),
                size=file.size,
                type=media_type(name),
                needs_session=not file.is_image,
            )
            for name, file in sorted(named, key=lambda pair: not pair[1].is_image)
            if name
        ]


def _believe(rows: Sequence[Glance], settings: BoardRow, known: Mapping[str, str]) -> None:
    """An empty table is a loss (a crash, a restore half done) as long as anything says that there were posts."""
    if not rows and (settings.counted or any(key.isdecimal() for key in known)):
        detail = f"the board's table is empty, though there were posts ({settings.counted} by its own count)"
        raise SourceError("suspicious", f"{detail}; nothing is believed")


def _is_news(event: Found, ledger: Ledger, known: Mapping[str, str]) -> bool:
    item = event.item
    is_as_it_was = known.get(item.source_key) == item.digest
    return not is_as_it_was or ledger.differs(item.source_key, is_notice=item.is_notice)


def _next(rows: Sequence[Glance], settings: BoardRow, plan: Plan) -> Ledger:
    present = {row.key for row in rows}
    return Ledger(
        blocks=blocks_of(rows),
        notices=frozenset(settings.notices) & present,
        hidden=frozenset(plan.secret),
    )
