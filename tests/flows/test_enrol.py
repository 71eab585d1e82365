"""Readers from a file: what can be used is taken, the rest is told, a refusal stands."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from publisher.errors import UnreadableFile
from publisher.flows.enrol import Defaults, Enrolled, enrol
from publisher.spreadsheet import rows
from publisher.store import audience
from publisher.store.database import Database
from publisher.store.keys import all_keys
from publisher.store.tables import consents
from tests.delivery.post import refuse
from tests.samples import WEEKLY, at, enlist

HEADER = "email,lists,consented_at\n"
NOTHING = Defaults(lists=(), languages=None, consent=None, zone=ZoneInfo("Asia/Seoul"))


async def brought_in(db: Database, *lines: str, dry_run: bool = False) -> Enrolled:
    async with db.read() as tx:
        key = (await all_keys(tx))[0]
    content = (HEADER + "\n".join(lines)).encode()
    return await enrol(db, rows(content), {"weekly": WEEKLY}, key, NOTHING, now=at(), dry_run=dry_run)


async def on_the_list(db: Database) -> list[str | None]:
    async with db.read() as tx:
        return [reader.address for reader in await audience.listed(tx)]


async def test_a_refusal_stands_above_a_file(db: Database) -> None:
    await enlist(db, "gone@mail.example")
    await refuse(db, "gone@mail.example")
    result = await brought_in(db, "Gone@mail.example,weekly,2026-03-02", "new@mail.example,weekly,2026-03-02")
    assert (result.accepted, [bad.line for bad in result.rejected]) == (1, [2])
    async with db.read() as tx:
        assert await audience.reachable(tx, "weekly") == {"ko": 1}


async def test_a_consent_s_day_is_one_of_the_site_s_zone(db: Database) -> None:
    await brought_in(db, "new@mail.example,weekly,2026-03-02")
    async with db.read() as tx:
        assert (await tx.execute(select(consents.c.at))).scalar_one() == datetime(2026, 3, 1, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize("moment", ["0001-01-01", "9999-12-31T23:59-09:00", "yesterday", "2026-02-30"])
async def test_a_moment_that_cannot_be_is_a_rejected_row(db: Database, moment: str) -> None:
    result = await brought_in(db, f"a@mail.example,weekly,{moment}", "b@mail.example,weekly,2026-03-02")
    assert [(bad.line, bad.value) for bad in result.rejected] == [(2, moment)]
    assert await on_the_list(db) == ["b@mail.example"]


async def test_a_list_that_is_named_twice_counts_once(db: Database) -> None:
    assert (await brought_in(db, "a@mail.example,weekly weekly,2026-03-02")).accepted == 1


async def test_trying_it_changes_nothing(db: Database) -> None:
    assert (await brought_in(db, "a@mail.example,weekly,2026-03-02", dry_run=True)).accepted == 1
    assert await on_the_list(db) == []


async def test_a_row_that_cannot_be_read_tells_how_many_came_in_before(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("publisher.flows.enrol._BATCH", 2)
    readers = [f"r{number}@mail.example,weekly,2026-03-02" for number in range(3)]
    with pytest.raises(UnreadableFile, match=r"^line 5: .*\(2 before it were accepted\)$"):
        await brought_in(db, *readers, '"a"b,weekly,')
    assert len(await on_the_list(db)) == 2
