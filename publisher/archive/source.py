"""
The shape of a source, and what it says while it reads.

A source reads an archive and yields what it finds, newest first where the
archive allows it. It writes nothing: `flows.ingest` decides what is new,
stores it, and keeps the cursor. To add one: a file in this folder with a class
of this shape, and one line in `SOURCES` (`archive/__init__.py`).
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeAlias, runtime_checkable
from zoneinfo import ZoneInfo

from publisher.model import SourceItem, Texts

Cursor: TypeAlias = Mapping[str, Any]
"""What a source wants to remember until its next read; JSON, its own business, {} at first."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """One piece, read completely."""

    item: SourceItem


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """One piece that must not or cannot become an entry: secret, closed, deleted, empty, unreadable."""

    source_key: str
    url: str
    reason: str


class Why(StrEnum):
    """Why a piece that was stored does not stand in the archive any more."""

    DELETED = "deleted"  # or moved away: an archive cannot tell
    SECRET = "secret"  # noqa: S105  # a word for a reason


@dataclass(frozen=True, kw_only=True)
class Gone:
    """
    One stored piece that the archive does not show to the public any more.

    Told only with proof from this same read, and again at every read that has
    it, since `flows.ingest` believes a deletion the second time only. What a
    source merely did not meet is never told.
    """

    source_key: str
    url: str
    reason: Why


SUSPICIOUS = "suspicious"
"""The code of a Remark that the archive contradicts itself, so that nothing was taken for gone."""


def few(total: int) -> int:
    """How many of so many pieces may be gone at once without a doubt: three, or a twentieth."""
    return max(3, total // 20)


@dataclass(frozen=True, kw_only=True)
class Remark:
    """Something the operator should know though reading goes on: `rss off`, `rss ill-formed`, …"""

    code: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Expecting:
    """How many pieces this read will look at, as far as is known: for progress bars."""

    total: int


@dataclass(frozen=True, kw_only=True)
class Reached:
    """How far a long first read has come: kept at once, so that one which is interrupted does not begin anew."""

    cursor: Cursor


@dataclass(frozen=True, kw_only=True)
class Finished:
    """
    The read came to its end; the last thing a source yields.

    `is_sweep`: every piece of the archive was met or asked for, so all that is
    gone was told.
    """

    cursor: Cursor
    is_sweep: bool = False


Event: TypeAlias = Found | Skipped | Gone | Remark | Expecting | Reached | Finished


@dataclass(frozen=True, kw_only=True)
class DatabasePolicy:
    """
    `archives.<name>.database`: where a board's own tables are, and an account that may read them.

    With a `socket`, host and port do not matter. `charset` is what the site's
    texts really are (`auto`, `utf-8`, `euc-kr`), not how we talk to the server.
    """

    name: str
    user: str
    password: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 3306
    socket: str = ""
    prefix: str = "g5_"
    charset: str = "auto"


@dataclass(frozen=True, kw_only=True)
class Selectors:
    """
    `archives.<name>.select`: what is where on a site's pages, as CSS selectors.

    `item` is a row of the list; `link`, `title`, `date`, `author` and
    `category` are looked for in it, then on the piece's own page; `body` and
    `attachments` on that page only. '' means the usual places. The next page of
    the list is where `next` leads, or `page` is the parameter of the address
    that counts the pages.
    """

    item: str
    link: str = ""
    title: str = ""
    date: str = ""
    author: str = ""
    category: str = ""
    next: str = ""
    page: str = ""
    body: str = ""
    attachments: str = ""


@dataclass(frozen=True, kw_only=True)
class ArchivePolicy:
    """`archives.<name>` of the configuration. `timezone` is that of dates which name none."""

    name: str
    kind: str
    url: str = ""
    path: str = ""  # folder sources; absolute once configured
    titles: Texts = field(default_factory=dict)
    formerly: str = ""  # the name that it had before
    every: timedelta = timedelta(minutes=15)
    settle: timedelta = timedelta(minutes=30)
    flood: int = 20
    alarm_after: int = 3  # failed reads in a row
    first_read: str = "fill"  # or "mail"
    corrections: str = "ignore"  # or "note"
    rights: str = "summary"  # or "full"
    authors: Mapping[str, Texts] = field(default_factory=dict)
    allow: tuple[str, ...] = ()
    pause: timedelta = timedelta(seconds=2)  # between two requests
    timezone: str = "Asia/Seoul"
    database: DatabasePolicy | None = None  # gnuboard-db, and gnuboard6 where it has one
    select: Selectors | None = None  # html

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


@runtime_checkable
class Previews(Protocol):
    """A source whose first read is long, and that can show its newest pieces without it."""

    def newest(self, count: int) -> AsyncIterator[Event]:
        """The newest pieces, at most so many, found or skipped. Raises SourceError as `read` does."""
        ...


class Source(Protocol):
    """An archive that can be read."""

    def read(self, known: Mapping[str, str], cursor: Cursor) -> AsyncIterator[Event]:
        """
        Look for what is new or changed since `cursor`.

        `known` maps the source keys that are stored to their digests. A known
        piece is yielded again only when the source sees that it changed; one
        that is MISSED or RETRACTED there (`model`), whenever it is met.
        Raises SourceError when the archive as a whole cannot be read; what was
        yielded before stays valid.
        """
        ...
