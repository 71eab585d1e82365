"""
What is remembered of a board between two reads.

It travels as the source's cursor, so it is plain JSON and small: the newest
posts in some detail, the rest by what was decided about them. A memory that
cannot be read is no memory: the next read then walks the whole list again.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from publisher.archive.gnuboard.listing import Row
from publisher.archive.gnuboard.rss import FeedItem
from publisher.archive.source import Cursor

_VERSION = 1
_KEPT = 400


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A post as it was last seen: its time and author, its row's mark, its text in the feed, its title."""

    at: str = ""
    by: str = ""
    title: str = ""
    mark: str = ""
    text: str = ""

    @property
    def time(self) -> datetime | None:
        try:
            return datetime.fromisoformat(self.at)
        except ValueError:
            return None


@dataclass(kw_only=True)
class Memory:
    """
    The state between reads.

    `aliases` maps a key as the board shows it to the key that is stored: an
    address by title changes with the title, and a site may change the form of
    its addresses. `skipped` maps keys to why they were passed over. `again` are
    the keys, as shown, of posts that could not be read for a reason that may pass;
    the one asked for longest ago comes first.
    """

    total: int | None = None
    posts: dict[str, Seen] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    again: list[str] = field(default_factory=list)
    notices: frozenset[str] = frozenset()
    aliases: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cursor: Cursor) -> "Memory":
        if cursor.get("version") != _VERSION:
            return cls()
        total = cursor.get("total")
        return cls(
            total=total if isinstance(total, int) else None,
            posts={str(key): _seen(value) for key, value in _mapping(cursor.get("posts")).items()},
            skipped=_texts(cursor.get("skipped")),
            again=[key for key in _list(cursor.get("again")) if isinstance(key, str)],
            notices=frozenset(key for key in _list(cursor.get("notices")) if isinstance(key, str)),
            aliases=_texts(cursor.get("aliases")),
        )

    def cursor(self) -> Cursor:
        newest = sorted(self.posts, key=lambda key: (key in self.notices, self.posts[key].at), reverse=True)
        return {
            "version": _VERSION,
            "total": self.total,
            "posts": {
                key: {name: value for name, value in vars(self.posts[key]).items() if value} for key in newest[:_KEPT]
            },
            "skipped": dict(self.skipped),
            "again": list(self.again),
            "notices": sorted(self.notices),
            "aliases": dict(self.aliases),
        }

    def stored_key(self, shown: str) -> str:
        return self.aliases.get(shown, shown)

    def note(self, key: str, **facts: str) -> None:
        """Remember facts of a post; what is not named stays as it was."""
        self.posts[key] = replace(self.posts.get(key, Seen()), **facts)

    def note_unread(self, rows: Iterable[Row], items: Iterable[FeedItem], known: Container[str]) -> None:
        """What list and feed say of stored posts that there was no need to look at."""
        for row in rows:
            key = self.stored_key(row.key)
            if key in known and not self.posts.get(key, Seen()).mark:
                self.note(key, mark=row.mark)
        for item in items:
            key = self.stored_key(item.key or "")
            if key in known and not self.posts.get(key, Seen()).text:
                self.note(key, text=item.digest, by=item.author, at=item.at.isoformat() if item.at else "")

    def note_board(self, rows: Iterable[Row], total: int | None) -> None:
        """What the list says of the board as a whole."""
        rows = list(rows)
        notices = frozenset(self.stored_key(row.key) for row in rows if row.is_notice)
        has_all = any(not row.is_notice for row in rows)  # else they go on behind the pages that were read
        self.notices = notices if has_all or not rows else notices | self.notices
        self.total = len(rows) if total is None else total

    def forget_skips_except(self, shown: Iterable[str]) -> None:
        """After a walk over the whole list: what is not in it any more needs no reason."""
        present = {self.stored_key(key) for key in shown}
        self.skipped = {key: reason for key, reason in self.skipped.items() if key in present}

    def twins(self, *, at: str, by: str) -> list[str]:
        """Keys of remembered posts of the same author and minute: what a renamed post was called before."""
        return [key for key, seen in self.posts.items() if at and seen.at[:16] == at[:16] and seen.by == by]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


def _texts(value: object) -> dict[str, str]:
    return {str(key): text for key, text in _mapping(value).items() if isinstance(text, str)}


def _seen(value: object) -> Seen:
    facts = _texts(value)
    return Seen(**{name: facts.get(name, "") for name in ("at", "by", "title", "mark", "text")})
