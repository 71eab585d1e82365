"""Operators are told once of each trouble of an archive, and once that it is over."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from publisher.digest.single import write_letter
from publisher.errors import SourceError
from publisher.flows.alarm import look_after
from publisher.flows.ingest import ingest
from publisher.model import DeliveryKind, Facts
from publisher.store import archives
from publisher.store.database import Database
from publisher.store.keys import all_keys
from publisher.store.tables import deliveries
from tests.samples import DIRECTOR, SITE, Shelf, at, item

HOUSE = replace(SITE, operators=("kim@hanbit-peace.example", "lee@hanbit-peace.example"))
ONE = replace(SITE, operators=("kim@hanbit-peace.example",))
DOWN = SourceError("unreachable", "https://www.hanbit-peace.example: no answer")


async def read(db: Database, minute: float, fails: SourceError | None = None, site: Any = ONE) -> int:
    """One read of the archive and what comes of it; gives how many letters were queued."""
    await ingest(db, Shelf(item(1), fails=fails), DIRECTOR, host=SITE.host, now=at(minute))
    return await tend(db, minute, site)


async def tend(db: Database, minute: float, site: Any = ONE) -> int:
    async with db.read() as tx:
        key = (await all_keys(tx))[0]
    return await look_after(db, DIRECTOR, site, key, now=at(minute))


async def told(db: Database) -> list[Facts]:
    async with db.read() as tx:
        rows = await tx.execute(select(deliveries.c.facts).order_by(deliveries.c.id))
        return list(rows.scalars())


async def test_three_failures_in_a_row_are_an_alarm_and_a_success_ends_it(db: Database) -> None:
    assert [await read(db, minute, DOWN) for minute in (0, 15, 30, 45)] == [0, 0, 1, 0]
    assert [await read(db, minute) for minute in (60, 75)] == [1, 0]
    alarm, over = await told(db)
    assert (alarm["trouble"], alarm["since"], alarm["failures"]) == ("failing", at(0).isoformat(), 3)
    assert (over["trouble"], over["since"], over["cure"]) == ("over", at(0).isoformat(), "")


async def test_a_failure_that_passes_is_told_to_nobody(db: Database) -> None:
    assert [await read(db, 0, DOWN), await read(db, 15, DOWN), await read(db, 30)] == [0, 0, 0]


async def test_the_next_trouble_is_another_one(db: Database) -> None:
    for start in (0, 100):
        assert [await read(db, start + minute, DOWN) for minute in (0, 15, 30)] == [0, 0, 1]
        assert await read(db, start + 45) == 1


async def test_an_empty_list_of_a_full_board_is_an_alarm_at_once(db: Database) -> None:
    await read(db, 0)
    assert await read(db, 15, SourceError("suspicious", "the list is empty")) == 1
    assert (await told(db))[0]["trouble"] == "suspicious"


async def test_a_doubt_is_told_once_however_it_is_worded(db: Database) -> None:
    await read(db, 0)
    for minute, doubt in ((15, "12 of 40 are gone"), (30, "14 of 40 are gone")):
        async with db.begin() as tx:
            await archives.mark_read(tx, "director", cursor={}, remarks=[], skipped=[], doubt=doubt, now=at(minute))
        await tend(db, minute)
    [alarm] = await told(db)
    assert (alarm["detail"], alarm["since"]) == ("12 of 40 are gone", at(15).isoformat())


async def test_an_archive_that_nobody_reads_is_late(db: Database) -> None:
    await read(db, 0)
    assert [await tend(db, minute) for minute in (59, 61, 120)] == [0, 1, 0]
    assert (await told(db))[0]["trouble"] == "late"


async def test_every_operator_has_a_letter_and_two_processes_queue_no_second_one(db: Database) -> None:
    for minute in (0, 15):
        await read(db, minute, DOWN, HOUSE)
    await ingest(db, Shelf(fails=DOWN), DIRECTOR, host=SITE.host, now=at(30))
    assert sum(await asyncio.gather(*(tend(db, 30, HOUSE) for _ in range(4)))) == 2
    assert len(await told(db)) == 2


async def test_without_operators_nothing_is_queued_and_nothing_breaks(db: Database) -> None:
    nobody = replace(SITE, operators=())
    assert [await read(db, minute, DOWN, nobody) for minute in (0, 15, 30)] == [0, 0, 0]
    assert await told(db) == []


@pytest.mark.parametrize("reason", ["unreachable", "suspicious", "board missing"])
async def test_the_letter_can_be_written_from_its_row_alone(db: Database, reason: str) -> None:
    await read(db, 0)
    for minute in (15, 30, 45):
        await read(db, minute, SourceError(reason, "as it was said"))
    await read(db, 60)
    for facts in await told(db):
        letter = write_letter(DeliveryKind.ALARM, facts, "ko+en", ONE)
        assert "director" in letter.subject
        assert facts["trouble"] == "over" or "하실 일" in letter.text[0]
