"""The shape of a feed format, and how many entries fit into a document."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from publisher.feeds.head import Head
from publisher.feeds.piece import Piece

LARGEST_DOCUMENT = 512 * 1024
"""Bytes of a feed before compression: beyond it, readers and their hosts begin to refuse."""

NOTHING_YET = datetime(2000, 1, 1, tzinfo=UTC)
"""The date of a feed without entries. A fixed one: the clock would change the bytes of every build."""

_ROOM_FOR_HEAD = 16 * 1024


@dataclass(frozen=True, kw_only=True)
class Format:
    """
    One way to write a feed: entries, each for itself, and a document around entries that are written.

    Both are pure: the same arguments give the same bytes, on every machine and
    at any time. `media_type` is the whole Content-Type, with its charset.
    """

    media_type: str
    entries: Callable[[Sequence[Piece]], list[bytes]]
    document: Callable[[Head, Sequence[bytes]], bytes]


@dataclass(frozen=True, kw_only=True)
class Fragment:
    """An entry as it is written in each format, by extension, and when its text last changed."""

    updated: datetime
    content: Mapping[str, bytes]

    @property
    def size(self) -> int:
        return sum(map(len, self.content.values()))


def how_many_fit(fragments: Sequence[Fragment], extension: str) -> int:
    """How many of them, from the first on, fit into LARGEST_DOCUMENT in this format."""
    room = LARGEST_DOCUMENT - _ROOM_FOR_HEAD
    for number, fragment in enumerate(fragments):
        room -= len(fragment.content[extension])
        if room < 0:
            return number
    return len(fragments)
