"""
What is remembered of a list between two reads: the source's cursor, plain JSON and small.

A memory that cannot be read is no memory: the next read then walks the whole
list again, and fetches no post that is stored.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

from publisher.archive.rereading import moment
from publisher.archive.source import Cursor
from publisher.archive.walks import Walks, mapped_texts, mapping, text, walks_in

_VERSION = "html 1"
_KEPT = 400
_SKIPS_KEPT = 2000


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
class Memory(Walks):
    """
    The state between reads.

    `skipped` maps the keys of posts that were passed over to the marks of their
    rows: they are looked at again when the row changes. `select` are the selectors
    that are read by, `is_described_anew`: the last read had others. `sweep_next`
    is the address at which a walk over several reads goes on.
    """

    posts: dict[str, Seen] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    select: str = ""
    is_described_anew: bool = False
    sweep_next: str = ""

    @classmethod
    def of(cls, cursor: Cursor, select: str) -> "Memory":
        """The memory in a cursor. With other selectors than then, every post passed over gets another look."""
        if cursor.get("version") != _VERSION:
            return cls(select=select)
        return cls(
            posts={str(key): _seen(value) for key, value in mapping(cursor.get("posts")).items()},
            skipped=mapped_texts(cursor.get("skipped")) if cursor.get("select") == select else {},
            select=select,
            is_described_anew=cursor.get("select") != select,
            sweep_next=text(cursor.get("sweep_next")),
            **walks_in(cursor),
        )

    def cursor(self) -> Cursor:
        newest = sorted(self.posts, key=lambda key: self.posts[key].at, reverse=True)[:_KEPT]
        return {
            "version": _VERSION,
            "posts": {key: {name: said for name, said in vars(self.posts[key]).items() if said} for key in newest},
            "skipped": dict(list(self.skipped.items())[-_SKIPS_KEPT:]),
            "select": self.select,
            "sweep_next": self.sweep_next,
            **self.walked(),
        }

    def note(self, key: str, **facts: str) -> None:
        """Remember facts of a post; what is not named stays as it was."""
        self.posts[key] = replace(self.posts.get(key, Seen()), **facts)


def _seen(value: object) -> Seen:
    facts = mapped_texts(value)
    return Seen(**{name: facts.get(name, "") for name in ("at", "mark", "url", "read")})
