"""
What a source remembers of its walks over a list, and how it reads its memory back.

A memory travels as the source's cursor: plain JSON, from a store that anybody
may have edited. So whatever in it has another shape than it was written in
counts as nothing. Shared by the sources that read pages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from publisher.archive.rereading import moment
from publisher.archive.source import Cursor

_SWEEP_EVERY = timedelta(hours=24)


@dataclass(kw_only=True)
class Walks:
    """
    `swept` is when all list pages were last walked ('' before they ever were);
    `sweep_page` is the next page of a walk that goes on over several reads (0:
    none is under way), and `sweep_seen` what it met so far. `round_key` and
    `round_read` are the post that the round through all posts came to, and when.
    """

    swept: str = ""
    sweep_page: int = 0
    sweep_seen: list[str] = field(default_factory=list)
    round_key: str = ""
    round_read: str = ""

    def sweep_is_due(self, now: datetime) -> bool:
        """Once a day, and as long as one is under way; also where the last one lies ahead."""
        swept = moment(self.swept)
        return self.sweep_page > 0 or swept is None or not timedelta(0) <= now - swept < _SWEEP_EVERY

    def sweep_goes_on(self, page: int, shown: Iterable[str]) -> None:
        self.sweep_page = page
        self.sweep_seen = [*dict.fromkeys([*self.sweep_seen, *shown])]

    def sweep_ended(self, now: datetime) -> None:
        self.swept, self.sweep_page, self.sweep_seen = now.isoformat(), 0, []

    def walked(self) -> Cursor:
        """The part of a cursor that `walks_in` reads."""
        return {
            "swept": self.swept,
            "sweep_page": self.sweep_page,
            "sweep_seen": list(self.sweep_seen),
            "round_key": self.round_key,
            "round_read": self.round_read,
        }


def walks_in(cursor: Cursor) -> dict[str, Any]:
    """The fields of `Walks` in a cursor."""
    return {
        "swept": text(cursor.get("swept")),
        "sweep_page": count(cursor.get("sweep_page")),
        "sweep_seen": texts(cursor.get("sweep_seen")),
        "round_key": text(cursor.get("round_key")),
        "round_read": text(cursor.get("round_read")),
    }


def mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def mapped_texts(value: object) -> dict[str, str]:
    return {str(key): one for key, one in mapping(value).items() if isinstance(one, str)}


def texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0
