"""
What is remembered of a board's table between two reads, and what to read next.

The table marks no edits, so every row is compared: the server gives a digest
of each, which costs it little and us almost nothing. Kept are digests over
blocks of rows, since the cursor is to stay small: if a block changed, its posts
are read, and the digest that is stored with each entry tells which of them did.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from publisher.archive.source import Cursor, few
from publisher.model import MISSED, RETRACTED

_VERSION = "database 1"
_BLOCK = 32  # posts that one edit makes us read


_TO_BE_MET = frozenset({MISSED, RETRACTED})  # told whenever they are met


@dataclass(frozen=True, kw_only=True)
class Glance:
    """A post at a glance: a digest of its columns, and whether it is secret."""

    number: int
    mark: str
    is_secret: bool

    @property
    def key(self) -> str:
        return str(self.number)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """
    `reads` and `secret` newest first; `gone` are stored posts that the table does
    not hold any more, `doubted` those of which that is not to be believed.
    """

    reads: tuple[int, ...]
    secret: tuple[str, ...]
    gone: tuple[str, ...]
    doubted: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The cursor. One that cannot be read (or is of a read over HTTP) is empty: then all is compared."""

    blocks: Mapping[str, str] = field(default_factory=dict)
    notices: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()  # secret, or closed to guests

    @classmethod
    def of(cls, cursor: Cursor) -> "Ledger":
        if cursor.get("version") != _VERSION:
            return cls()
        blocks = cursor.get("blocks")
        return cls(
            blocks={str(key): str(mark) for key, mark in blocks.items()} if isinstance(blocks, Mapping) else {},
            notices=_keys(cursor.get("notices")),
            hidden=_keys(cursor.get("hidden")),
        )

    def cursor(self) -> Cursor:
        return {
            "version": _VERSION,
            "blocks": dict(self.blocks),
            "notices": sorted(self.notices),
            "hidden": sorted(self.hidden),
        }

    def plan(self, rows: Sequence[Glance], notices: Collection[str], known: Mapping[str, str], counted: int) -> Plan:
        """
        What to read of these rows, and what became of the others.

        `counted` is how many posts the board says it holds. Where the table has
        far fewer, what is not in it is no deletion but a loss.
        """
        marks = blocks_of(rows)
        changed = {block for block, mark in marks.items() if self.blocks.get(block) != mark}
        told = self.hidden | (self.notices ^ frozenset(notices))
        reads = [
            row.number
            for row in rows
            if not row.is_secret
            and (known.get(row.key, MISSED) in _TO_BE_MET or _block(row) in changed or row.key in told)
        ]
        present = {row.key for row in rows}
        stored = (key for key, digest in known.items() if key.isdecimal() and digest != RETRACTED)
        missing = tuple(sorted(key for key in stored if key not in present))
        is_loss = len(rows) < counted - few(counted)
        return Plan(
            reads=tuple(reads),
            secret=tuple(row.key for row in rows if row.is_secret),
            gone=() if is_loss else missing,
            doubted=missing if is_loss else (),
        )

    def differs(self, key: str, *, is_notice: bool) -> bool:
        """Whether a post is told again though its text is as it was: it was hidden, or its mark as notice moved."""
        return key in self.hidden or is_notice != (key in self.notices)


def blocks_of(rows: Iterable[Glance]) -> dict[str, str]:
    """A digest over each block of neighbouring numbers; secret posts count as such only."""
    blocks: dict[str, list[str]] = {}
    for row in rows:
        blocks.setdefault(_block(row), []).append(f"{row.number}:{'secret' if row.is_secret else row.mark}")
    return {
        block: hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()[:16] for block, lines in blocks.items()
    }


def _block(row: Glance) -> str:
    return str(row.number // _BLOCK)


def _keys(value: object) -> frozenset[str]:
    return frozenset(key for key in value if isinstance(key, str)) if isinstance(value, list) else frozenset()
