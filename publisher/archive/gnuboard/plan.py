"""
Which posts to look at: decided before any of them is fetched.

A look costs the board a request and adds one to the post's counter, so only
posts that are new, or that list or feed show to have changed, get one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.archive.gnuboard.listing import Row
from publisher.archive.gnuboard.memory import Memory, Seen
from publisher.archive.gnuboard.rss import FeedItem
from publisher.archive.rereading import moment, rereads
from publisher.model import MISSED, RETRACTED

LOCKED = "secret"
MEMBERS_ONLY = "members only"
EMPTY = "empty"

_MOST_AGAIN = 2  # per read: some of them can never be read, and an unchanged board is to be asked little
_SPARE = 3  # requests that an unchanged board may cost beside list and feed
_FEED_VOUCHES = timedelta(days=7)


@dataclass(frozen=True, kw_only=True)
class Look:
    """A post to read: `shown` is its key as the board shows it now, `key` the one it is stored under."""

    key: str
    shown: str
    row: Row | None = None
    item: FeedItem | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to read, and which posts stand in the list under a lock: those are never asked for."""

    looks: tuple[Look, ...]
    secret: tuple[str, ...]


def make_plan(
    rows: Sequence[Row], items: Iterable[FeedItem], memory: Memory, known: Mapping[str, str], now: datetime
) -> Plan:
    """Decide over all rows and feed items at hand, in their order; notices come last, since they are old."""
    by_key = {memory.stored_key(item.key): item for item in items if item.key}
    rows_by_key = {memory.stored_key(row.key): row for row in rows}
    ordered = sorted(rows_by_key.items(), key=lambda pair: pair[1].is_notice)
    shown = [Look(key=key, shown=row.key, row=row, item=by_key.get(key)) for key, row in ordered if not row.is_secret]
    fed = [Look(key=key, shown=item.key or key, item=item) for key, item in by_key.items() if key not in rows_by_key]
    unmarked = _unmarked(rows_by_key, memory, known)
    looks = [look for look in [*shown, *fed] if look.key not in unmarked and _is_due(look, memory, known)]
    looks += [Look(key=key, shown=key, item=by_key.get(key)) for key in sorted(unmarked)]
    again = _again(memory, {*rows_by_key, *by_key, *unmarked})
    spare = _SPARE - len(again) - (knock(memory) is not None)
    watched = {key for key, item in by_key.items() if _is_watched(memory.posts.get(key, Seen()), item, now)}
    out_of_turn = {*watched, *(look.key for look in [*looks, *again]), *(memory.skipped)}
    once_more = [
        Look(key=key, shown=memory.shown_key(key), row=rows_by_key.get(key), item=by_key.get(key))
        for key in rereads(memory, known, out_of_turn, now, most=spare)
    ]
    looks += [*again, *once_more]
    return Plan(looks=tuple(looks), secret=tuple(key for key, row in ordered if row.is_secret))


def _is_watched(seen: Seen, item: FeedItem, now: datetime) -> bool:
    """Whether the feed vouches for a post: it shows the whole text, but no files, so not for ever."""
    read = moment(seen.read)
    return seen.text == item.digest and read is not None and now - read < _FEED_VOUCHES


def _unmarked(rows: Mapping[str, Row], memory: Memory, known: Mapping[str, str]) -> set[str]:
    """Former notices: not on top of the list any more, though the list shows where its notices end."""
    shows_all_notices = any(not row.is_notice for row in rows.values())
    return {key for key in memory.notices if key in known and key not in rows} if shows_all_notices else set()


def _again(memory: Memory, present: Collection[str]) -> list[Look]:
    """Posts that could not be read last time, deep in the list by now: neither order nor total would show them."""
    looks = [Look(key=memory.stored_key(shown), shown=shown) for shown in memory.again]
    return [look for look in looks if look.key not in present][:_MOST_AGAIN]


def _is_due(look: Look, memory: Memory, known: Mapping[str, str]) -> bool:
    seen = memory.posts.get(look.key, Seen())
    reason = memory.skipped.get(look.key)
    if reason == LOCKED:  # secret rows are no looks: the lock is off
        return True
    if known.get(look.key) in {MISSED, RETRACTED} and reason is None:
        return True
    if look.key in known:
        return _row_changed(look, seen) or _notice_changed(look, memory, seen) or _text_changed(look, seen)
    if reason == EMPTY:
        return _row_changed(look, seen) or _text_changed(look, seen)
    return reason != MEMBERS_ONLY


def _row_changed(look: Look, seen: Seen) -> bool:
    return look.row is not None and seen.mark not in {"", look.row.mark}


def _notice_changed(look: Look, memory: Memory, seen: Seen) -> bool:
    # Without a mark we never saw the row, so we cannot say that it was something else before.
    return look.row is not None and bool(seen.mark) and look.row.is_notice != (look.key in memory.notices)


def _text_changed(look: Look, seen: Seen) -> bool:
    return look.item is not None and seen.text not in {"", look.item.digest}


def knock(memory: Memory) -> str | None:
    """One of the posts that only members could read: asked again to see whether the door is open now."""
    closed = [key for key, reason in memory.skipped.items() if reason == MEMBERS_ONLY]
    return closed[-1] if closed else None
