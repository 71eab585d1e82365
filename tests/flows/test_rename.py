"""An archive gets another name: its entries, cursor and ids go with it."""

from dataclasses import replace

import pytest

from publisher.archive.source import ArchivePolicy
from publisher.errors import NotAllowed
from publisher.flows.ingest import Ingested, ingest
from publisher.flows.rename import rename_archives
from publisher.store import archives, entries
from publisher.store.database import Database
from tests.samples import DIRECTOR, SITE, Shelf, at, item

COLUMN = replace(DIRECTOR, name="column", formerly="director")


async def read(db: Database, *keys: int, policy: ArchivePolicy = DIRECTOR, minute: float = 0) -> Ingested:
    shelf = Shelf(*map(item, keys))
    return await ingest(db, shelf, policy, host=SITE.host, now=at(minute))


async def ids(db: Database) -> dict[str, tuple[str, str]]:
    async with db.read() as tx:
        return {entry.source_key: (entry.public_id, entry.atom_id) for entry in await entries.listed(tx, limit=-1)}


async def test_everything_keeps_its_ids_and_nothing_is_new_again(db: Database) -> None:
    await read(db, 1, 2)
    before = await ids(db)
    assert await rename_archives(db, [COLUMN]) == 1
    assert await ids(db) == before
    ingested = await read(db, 1, 2, 3, policy=COLUMN, minute=15)
    assert (ingested.new, ingested.changed) == (1, 0)
    async with db.read() as tx:
        assert {entry.archive for entry in await entries.listed(tx, limit=-1)} == {"column"}
        state = await archives.state_of(tx, "column")
    assert (state.first_read_at, state.cursor) == (at(), {"reads": 2})


async def test_doing_it_again_changes_nothing(db: Database) -> None:
    await read(db, 1)
    assert [await rename_archives(db, [COLUMN]) for _ in range(2)] == [1, 0]


async def test_a_house_that_never_had_the_old_name_is_left_alone(db: Database) -> None:
    assert await rename_archives(db, [COLUMN, DIRECTOR]) == 0


async def test_two_archives_with_entries_are_never_mixed(db: Database) -> None:
    await read(db, 1)
    await read(db, 2, policy=replace(COLUMN, formerly=""))
    before = await ids(db)
    with pytest.raises(NotAllowed, match=r"archives\.column\.formerly: both 'director' and 'column' have entries"):
        await rename_archives(db, [COLUMN])
    assert await ids(db) == before


async def test_a_read_in_vain_under_the_new_name_does_not_stand_in_the_way(db: Database) -> None:
    await read(db, 1)
    async with db.begin() as tx:
        await archives.mark_failed(tx, "column", reason="unreachable", detail="no answer", now=at(1))
    assert await rename_archives(db, [COLUMN]) == 1
    async with db.read() as tx:
        assert (await archives.state_of(tx, "column")).failing_since is None
