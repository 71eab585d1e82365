"""What tests of the room share: one read of a source, sorted into what it yielded."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from publisher.archive import open_source
from publisher.archive.source import (
    ArchivePolicy,
    Cursor,
    Event,
    Expecting,
    Finished,
    Found,
    Gone,
    Remark,
    Skipped,
    Source,
)
from publisher.model import SourceItem
from publisher.net import Fetcher
from tests.boards import RecordedBoard
from tests.boards.paper import URL, PaperBoard

MOMENTS = {
    "t1": datetime(2025, 5, 8, 1, 20, tzinfo=UTC),
    "t2": datetime(2025, 5, 12, 0, 0, tzinfo=UTC),
    "t3": datetime(2026, 1, 5, 0, 0, tzinfo=UTC),
}


@dataclass
class Reading:
    """The events of one read, by kind; `known` is what is stored afterwards."""

    items: dict[str, SourceItem] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    gone: dict[str, str] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    expected: int | None = None
    cursor: Cursor = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    is_sweep: bool = False

    def take(self, event: Event) -> None:
        match event:
            case Found(item=item):
                assert item.source_key not in self.items, f"{item.source_key} came twice"
                self.items[item.source_key] = item
                self.known[item.source_key] = item.digest
            case Skipped(source_key=key, reason=reason):
                self.skipped[key] = reason
            case Gone(source_key=key, reason=reason):
                self.gone[key] = reason
            case Remark(code=code):
                self.remarks.append(code)
            case Expecting(total=total):
                self.expected = total
            case Finished(cursor=cursor, is_sweep=is_sweep):
                self.cursor, self.is_sweep = cursor, is_sweep


async def read_board(board: RecordedBoard, table: str = "data_son", before: Reading | None = None) -> Reading:
    """One read of a served board, at the board's own moment, after `before` if given."""
    return await read_address(board.board_url(table), board, before)


async def read_address(url: str, board: RecordedBoard, before: Reading | None = None) -> Reading:
    """The same by any of the board's addresses."""
    async with Fetcher(allow=(board.place,)) as fetcher:
        now = MOMENTS[board.moment]
        return await _read(fetcher, url, now, before.known if before else None, before.cursor if before else None)


async def read_paper(
    board: PaperBoard, before: Reading | None = None, *, now: datetime = datetime(2025, 12, 1, tzinfo=UTC)
) -> Reading:
    """One read of a board on paper, after `before` if given; `board.asked` then holds this read's requests only."""
    board.asked.clear()
    return await _read(board, URL, now, before.known if before else None, before.cursor if before else None)


async def _read(
    fetcher: Fetcher, url: str, now: datetime, known: Mapping[str, str] | None, cursor: Cursor | None
) -> Reading:
    policy = ArchivePolicy(name="board", kind="gnuboard", url=url, pause=timedelta(0))
    before = Reading(known=dict(known or {}), cursor=cursor or {})
    return await read_source(open_source(policy, fetcher, lambda: now), before)


async def read_source(source: Source, before: Reading | None = None) -> Reading:
    """One read of any source, after `before` if given."""
    reading = Reading(known=dict(before.known if before else {}))
    async for event in source.read(dict(reading.known), before.cursor if before else {}):
        reading.take(event)
    reading.cursor = json.loads(json.dumps(reading.cursor))  # as the store keeps it
    return reading
