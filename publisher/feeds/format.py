"""The shape of a feed format, and how many entries fit into a document."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from publisher.feeds.piece import Piece, Rights
from publisher.model import Entry, Feed, Site

LARGEST_DOCUMENT = 512 * 1024
"""Bytes of a feed before compression: beyond it, readers and their hosts begin to refuse."""

NOTHING_YET = datetime(2000, 1, 1, tzinfo=UTC)
"""The date of a feed without entries. A fixed one: the clock would change the bytes of every build."""

_ROOM_FOR_HEAD = 16 * 1024


class Write(Protocol):
    """
    A feed as one document, the entries in the order given.

    Pure: the same arguments give the same bytes, on every machine and at any
    time. Entries that no longer fit into LARGEST_DOCUMENT are left off the end.
    """

    def __call__(self, feed: Feed, entries: Sequence[Entry], site: Site, rights: Rights) -> bytes: ...


@dataclass(frozen=True, kw_only=True)
class Format:
    """`media_type` is the whole Content-Type, with its charset."""

    media_type: str
    write: Write


def newest_that_fit(pieces: Iterable[Piece], fragment: Callable[[Piece], str]) -> tuple[list[bytes], datetime]:
    """The pieces as written by `fragment`, as many as fit, and when the last of them changed."""
    fragments: list[bytes] = []
    updated = NOTHING_YET
    room = LARGEST_DOCUMENT - _ROOM_FOR_HEAD
    for piece in pieces:
        written = fragment(piece).encode()
        room -= len(written)
        if room < 0:
            break
        fragments.append(written)
        updated = max(updated, piece.updated)
    return fragments, updated
