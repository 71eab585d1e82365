"""Reading an archive: what becomes an entry, what is held, what is left alone."""

from dataclasses import replace
from datetime import timedelta

from publisher.archive.source import ArchivePolicy
from publisher.errors import SourceError
from publisher.flows.ingest import Ingested, ingest
from publisher.model import Held, SourceItem
from publisher.store import archives, entries, shelves
from publisher.store.database import Database
from tests.samples import DIRECTOR, SITE, Shelf, at, item


async def read(db: Database, *items: SourceItem, minute: float = 0, policy: ArchivePolicy = DIRECTOR) -> Ingested:
    return await ingest(db, Shelf(*items), policy, host=SITE.host, now=at(minute))


async def holds(db: Database) -> dict[str, Held | None]:
    async with db.read() as tx:
        return {entry.source_key: entry.held for entry in await entries.listed(tx)}


def later(key: int, **changes: object) -> SourceItem:
    """A piece that appears after the first read of the archive."""
    return item(key, published_at=at(60 + key), **changes)


async def test_what_stood_in_the_archive_at_first_is_shown_but_not_mailed(db: Database) -> None:
    result = await read(db, *(item(key) for key in range(1, 31)))
    assert (result.new, result.held) == (30, 30)
    assert set((await holds(db)).values()) == {Held.FIRST}
    async with db.read() as tx:
        assert len(await entries.in_public(tx)) == 30


async def test_an_archive_can_be_told_to_mail_its_first_read(db: Database) -> None:
    await read(db, item(1), policy=replace(DIRECTOR, first_read="mail"))
    assert await holds(db) == {"1": None}


async def test_news_after_the_first_read_is_not_held(db: Database) -> None:
    await read(db, item(1))
    await read(db, item(1), later(2), minute=120)
    assert await holds(db) == {"1": Held.FIRST, "2": None}


async def test_a_piece_dated_before_the_first_read_is_no_news(db: Database) -> None:
    await read(db, item(1))
    await read(db, item(1), item(2, published_at=at(-5)), minute=120)
    assert (await holds(db))["2"] is Held.OLD


async def test_a_piece_written_in_the_minute_of_the_first_read_is_news(db: Database) -> None:
    """Pages give times to the minute: 12:00 may mean 12:00:40, after a read at 12:00:20."""
    await ingest(db, Shelf(item(1)), DIRECTOR, host=SITE.host, now=at(1 / 3))
    await read(db, item(1), item(2, published_at=at(0)), minute=10)
    assert (await holds(db))["2"] is None


async def test_a_piece_without_a_date_is_news(db: Database) -> None:
    await read(db, item(1))
    await read(db, item(1), item(2, published_at=None), minute=120)
    assert (await holds(db))["2"] is None


async def test_more_than_flood_at_once_is_held_as_a_whole_and_not_shown(db: Database) -> None:
    await read(db, item(1))
    await read(db, item(1), *(later(key) for key in range(2, 8)), minute=120)
    held = await holds(db)
    assert [held[str(key)] for key in range(2, 8)] == [Held.FLOOD] * 6
    async with db.read() as tx:
        assert [entry.source_key for entry in await entries.in_public(tx)] == ["1"]


async def test_exactly_flood_is_no_flood(db: Database) -> None:
    await read(db, item(1))
    await read(db, item(1), *(later(key) for key in range(2, 7)), minute=120)
    assert set((await holds(db)).values()) == {Held.FIRST, None}


async def test_reading_twice_changes_nothing(db: Database) -> None:
    await read(db, item(1), item(2))
    async with db.read() as tx:
        before = await entries.listed(tx)
    again = await read(db, item(1), item(2), minute=60)
    async with db.read() as tx:
        assert await entries.listed(tx) == before
    assert (again.new, again.changed) == (0, 0)


async def test_an_edit_changes_the_text_and_neither_id_nor_arrival(db: Database) -> None:
    await read(db, item(1))
    async with db.read() as tx:
        before = (await entries.listed(tx))[0]
        version = await shelves.changes(tx)
    await read(db, item(1, title="고친 제목", digest="another"), minute=60)
    async with db.read() as tx:
        after = (await entries.listed(tx))[0]
        assert await shelves.changes(tx) != version
    assert after.faces["ko"].title == "고친 제목"
    assert after.updated_at == at(60)
    assert (after.id, after.public_id, after.atom_id) == (before.id, before.public_id, before.atom_id)
    assert (after.arrived_at, after.due_at, after.held) == (before.arrived_at, before.due_at, before.held)


async def test_a_post_that_becomes_a_notice_is_not_an_edit(db: Database) -> None:
    await read(db, item(1))
    marked = Shelf(item(1, is_notice=True), repeats=True)
    result = await ingest(db, marked, DIRECTOR, host=SITE.host, now=at(60))
    async with db.read() as tx:
        entry = (await entries.listed(tx))[0]
    assert (entry.is_notice, entry.updated_at, result.changed) == (True, at(0), 0)


async def test_an_archive_that_fails_keeps_its_entries_and_tells_why(db: Database) -> None:
    await read(db, item(1))
    broken = Shelf(item(1), later(2), fails=SourceError("database down", "the board cannot reach its database"))
    result = await ingest(db, broken, DIRECTOR, host=SITE.host, now=at(90))
    assert result.failure is not None
    assert set(await holds(db)) == {"1", "2"}
    async with db.read() as tx:
        state = await archives.state_of(tx, "director")
    assert (state.reason, state.failing_since, state.failures) == ("database down", at(90), 1)
    assert state.cursor == {"reads": 1}
    await read(db, item(1), minute=100)
    async with db.read() as tx:
        state = await archives.state_of(tx, "director")
    assert (state.reason, state.failing_since, state.failures) == (None, None, 0)


async def test_an_interrupted_first_read_goes_on_as_a_first_read(db: Database) -> None:
    broken = Shelf(*(item(key) for key in range(1, 26)), fails=SourceError("unreachable", "no answer"))
    await ingest(db, broken, DIRECTOR, host=SITE.host, now=at(0))
    assert len(await holds(db)) == 25
    await read(db, *(item(key) for key in range(1, 41)), minute=5)
    assert set((await holds(db)).values()) == {Held.FIRST}
    assert len(await holds(db)) == 40


async def test_an_entry_is_due_after_the_settling_time(db: Database) -> None:
    await read(db, item(1), policy=replace(DIRECTOR, settle=timedelta(minutes=30)))
    async with db.read() as tx:
        assert (await entries.listed(tx))[0].due_at == at(30)


async def test_ids_are_the_same_on_every_machine_and_name_the_host_of_the_day(db: Database) -> None:
    await read(db, item(75))
    async with db.read() as tx:
        entry = (await entries.listed(tx))[0]
    assert entry.public_id == "e42vr3us2n6o"
    assert entry.atom_id == f"tag:letters.hanbit-peace.example,2026:{entry.public_id}"


async def test_the_source_s_own_offset_is_kept(db: Database) -> None:
    await read(db, item(1))
    async with db.read() as tx:
        entry = (await entries.listed(tx))[0]
    assert entry.published_at is not None
    assert entry.published_at.isoformat() == "2026-03-02T20:01:00+09:00"
