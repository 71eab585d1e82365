"""What tests of boards in their database share: one read of a board's tables, and the invented site."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from publisher.archive import open_source
from publisher.archive.source import ArchivePolicy
from publisher.net import Fetcher
from tests.archive.boardroom import Reading, read_source
from tests.mariadb import MariaDB

SITE = "https://www.hanbit-peace.example"
INVENTED = (Path(__file__).parents[1] / "fixtures" / "gnuboard.sql").read_text(encoding="utf-8")
NOON = datetime(2025, 12, 1, 3, 0, tzinfo=UTC)


async def read_tables(
    mariadb: MariaDB,
    database: str,
    table: str = "director",
    before: Reading | None = None,
    *,
    now: datetime = NOON,
    site: str = SITE,
    kind: str = "gnuboard-db",
    **changes: Any,
) -> Reading:
    """One read of a board, after `before` if given; `changes` are of `archives.<name>.database`."""
    address = f"{site}/board/{table}" if kind == "gnuboard6" else f"{site}/bbs/board.php?bo_table={table}"
    policy = ArchivePolicy(name="board", kind=kind, url=address, database=mariadb.policy(database, **changes))
    async with Fetcher() as fetcher:
        return await read_source(open_source(policy, fetcher, lambda: now), before)
