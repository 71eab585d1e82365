"""
What is remembered of a list between two reads: the source's cursor, plain JSON and small.

A memory that cannot be read is no memory: the next read then walks the whole
list again, and fetches no post that is stored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from publisher.archive.rereading import moment
from publisher.archive.source import Cursor

_VERSION = "html 1"
_KEPT = 400
_SKIPS_KEPT = 2000
_SWEEP_EVERY = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A post as it was last seen: when it was written, its row's mark, its address, when it was last looked at."""

    at: str = ""
    mark: str = ""
    url: str = ""
    read: str = ""

    @property
    def time(self) -> datetime | None:
        return moment(self.at)


@dataclass(kw_only=True)
class Memory:
    """
    The state between reads.

    `skipped` maps the keys of posts that were passed over to the marks of their
    rows: they are looked at again when the row changes. `select` are the
    selectors that are read by, `is_described_anew`: the last read had others. `swept` is when the whole list was last
    walked ('' before it ever was); `sweep_next` and `sweep_page` are where a walk
    that goes on over several reads is to go on, `sweep_seen` what it met so far.
    """

    posts: dict[str, Seen] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    select: str = ""
    is_described_anew: bool = False
    swept: str = ""
    sweep_next: str = ""
    sweep_page: int = 0
    sweep_seen: list[str] = field(default_factory=list)
    round_key: str = ""
    round_read: str = ""

    @classmethod
    def of(cls, cursor: Cursor, select: str) -> "Memory":
        """The memory in a cursor. With other selectors than then, every post passed over gets another look."""
        if cursor.get("version") != _VERSION:
            return cls(select=select)
        page = cursor.get("sweep_page")
        seen = cursor.get("sweep_seen")
        return cls(
            posts={str(key): _seen(value) for key, value in _mapping(cursor.get("posts")).items()},
            skipped=_texts(cursor.get("skipped")) if cursor.get("select") == select else {},
            select=select,
            is_described_anew=cursor.get("select") != select,
            swept=_text(cursor.get("swept")),
            sweep_next=_text(cursor.get("sweep_next")),
            sweep_page=page if isinstance(page, int) and page > 0 else 0,
            sweep_seen=[key for key in seen if isinstance(key, str)] if isinstance(seen, list) else [],
            round_key=_text(cursor.get("round_key")),
            round_read=_text(cursor.get("round_read")),
        )

    def cursor(self) -> Cursor:
        newest = sorted(self.posts, key=lambda key: self.posts[key].at, reverse=True)[:_KEPT]
        return {
            "version": _VERSION,
            "posts": {key: {name: said for name, said in vars(self.posts[key]).items() if said} for key in newest},
            "skipped": dict(list(self.skipped.items())[-_SKIPS_KEPT:]),
            "select": self.select,
            "swept": self.swept,
            "sweep_next": self.sweep_next,
            "sweep_page": self.sweep_page,
            "sweep_seen": list(self.sweep_seen),
            "round_key": self.round_key,
            "round_read": self.round_read,
        }

    def note(self, key: str, **facts: str) -> None:
        """Remember facts of a post; what is not named stays as it was."""
        self.posts[key] = replace(self.posts.get(key, Seen()), **facts)

    def sweep_is_due(self, now: datetime) -> bool:
        swept = moment(self.swept)
        return bool(self.sweep_next) or swept is None or not timedelta(0) <= now - swept < _SWEEP_EVERY

    def sweep_goes_on(self, address: str, page: int, shown: Iterable[str]) -> None:
        self.sweep_next, self.sweep_page = address, page
        self.sweep_seen = [*dict.fromkeys([*self.sweep_seen, *shown])]

    def sweep_ended(self, now: datetime) -> None:
        self.swept, self.sweep_next, self.sweep_page, self.sweep_seen = now.isoformat(), "", 0, []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _texts(value: object) -> dict[str, str]:
    return {str(key): text for key, text in _mapping(value).items() if isinstance(text, str)}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _seen(value: object) -> Seen:
    facts = _texts(value)
    return Seen(**{name: facts.get(name, "") for name in ("at", "mark", "url", "read")})
