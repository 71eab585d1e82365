"""
What is remembered of a board between two reads.

It travels as the source's cursor, so it is plain JSON and small: the newest
posts in some detail, the rest by what was decided about them. A memory that
cannot be read is no memory: the next read then walks the whole list again.
"""

import heapq
from collections.abc import Container, Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import datetime

from publisher.archive.gnuboard.listing import Row
from publisher.archive.gnuboard.rss import FeedItem
from publisher.archive.rereading import moment
from publisher.archive.source import Cursor
from publisher.archive.walks import Walks, mapped_texts, mapping, texts, walks_in

_VERSION = 1
_KEPT = 400


@dataclass(frozen=True, kw_only=True)
class Seen:
    """
    A post as it was last seen: its time and author, its row's mark, its text in
    the feed, its title and category; `read` is when it was last looked at.
    """

    at: str = ""
    by: str = ""
    title: str = ""
    mark: str = ""
    text: str = ""
    category: str = ""
    read: str = ""

    @property
    def time(self) -> datetime | None:
        return moment(self.at)


@dataclass(kw_only=True)
class Memory(Walks):
    """
    The state between reads; keys that a walk met are kept as shown.

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
            posts={str(key): _seen(value) for key, value in mapping(cursor.get("posts")).items()},
            skipped=mapped_texts(cursor.get("skipped")),
            again=texts(cursor.get("again")),
            notices=frozenset(texts(cursor.get("notices"))),
            aliases=mapped_texts(cursor.get("aliases")),
            **walks_in(cursor),
        )

    def cursor(self) -> Cursor:
        newest = heapq.nlargest(_KEPT, self.posts, key=lambda key: (key in self.notices, self.posts[key].at))
        return {
            "version": _VERSION,
            "total": self.total,
            "posts": {key: {name: value for name, value in vars(self.posts[key]).items() if value} for key in newest},
            "skipped": dict(self.skipped),
            "again": list(self.again),
            "notices": sorted(self.notices),
            "aliases": dict(self.aliases),
            **self.walked(),
        }

    def stored_key(self, shown: str) -> str:
        return self.aliases.get(shown, shown)

    def shown_key(self, key: str) -> str:
        """The key under which the board showed a stored post last."""
        return next((shown for shown, stored in reversed(self.aliases.items()) if stored == key), key)

    # ── The sweep: all list pages, once a day, over several reads where they are many ──

    def sweep_soon(self) -> None:
        """Something hints at a deletion: walk the list at the next read."""
        self.swept = ""

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
        """Keys of remembered posts of the same author and minute (or none): what a renamed post was called before."""
        return [key for key, seen in self.posts.items() if seen.at[:16] == at[:16] and seen.by == by]


def _seen(value: object) -> Seen:
    facts = mapped_texts(value)
    return Seen(**{known.name: facts.get(known.name, "") for known in fields(Seen)})
