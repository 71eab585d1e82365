"""What an edition takes: everything that is due, once, and nothing falls between two."""

from publisher.flows.compose import Composed, compose
from publisher.model import EditionStatus, Held
from publisher.store import editions
from publisher.store.database import Database
from tests.samples import WEEKLY, at, fill, hold, item


async def composed(db: Database, minute: float) -> Composed:
    async with db.begin() as tx:
        return await compose(tx, WEEKLY, by="kim", now=at(minute))


async def titles(db: Database, minute: float) -> list[str]:
    edition = (await composed(db, minute)).edition
    return [] if edition is None else [entry.source_key for entry in edition.entries]


async def start(db: Database) -> None:
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(-60))


async def finish(db: Database, edition_id: int) -> None:
    async with db.begin() as tx:
        assert await editions.approve(tx, edition_id, by="kim", now=at())
        assert await editions.mark_released(tx, edition_id, by="kim", content_hash="0" * 64, now=at())


async def test_nothing_new_makes_no_edition(db: Database) -> None:
    await start(db)
    assert (await composed(db, 0)).edition is None


async def test_an_edition_holds_what_is_due_newest_first(db: Database) -> None:
    await start(db)
    await fill(db, item(1), item(2), item(3))
    assert await titles(db, 1) == ["3", "2", "1"]


async def test_what_arrives_in_the_moment_of_composing_stands_in_one_of_two_editions(db: Database) -> None:
    await start(db)
    await fill(db, item(1), minute=5)
    first = (await composed(db, 5)).edition
    assert first is not None
    await finish(db, first.id)
    await fill(db, item(2), minute=5)  # the same moment, stored after the edition was made
    assert await titles(db, 6) == ["2"]


async def test_what_is_older_than_the_list_is_no_news_to_it(db: Database) -> None:
    await fill(db, item(1), minute=-120)
    await start(db)
    assert await titles(db, 1) == []


async def test_what_has_not_settled_waits_for_the_next_edition(db: Database) -> None:
    await start(db)
    await fill(db, item(1), minute=10)
    assert await titles(db, 5) == []
    assert await titles(db, 10) == ["1"]


async def test_held_entries_are_not_mailed(db: Database) -> None:
    await start(db)
    for key, why in enumerate(Held, start=1):
        await fill(db, item(key), held=why)
    assert await titles(db, 1) == []


async def test_an_untouched_draft_is_composed_anew_under_its_number(db: Database) -> None:
    await start(db)
    await fill(db, item(1))
    first = await composed(db, 1)
    await fill(db, item(2), minute=2)
    second = await composed(db, 3)
    assert first.edition is not None
    assert second.edition is not None
    assert (first.edition.number, second.edition.number) == (1, 1)
    assert [entry.source_key for entry in second.edition.entries] == ["2", "1"]
    assert (first.is_new, second.is_new) == (True, False)


async def test_an_approved_edition_stays_as_it_is_and_newer_entries_are_counted(db: Database) -> None:
    await start(db)
    await fill(db, item(1))
    edition = (await composed(db, 1)).edition
    assert edition is not None
    async with db.begin() as tx:
        await editions.approve(tx, edition.id, by="kim", now=at(1))
    await fill(db, item(2), minute=2)
    again = await composed(db, 3)
    assert again.edition is not None
    assert [entry.source_key for entry in again.edition.entries] == ["1"]
    assert again.newer == 1


async def test_a_cancelled_edition_gives_back_its_number_and_its_entries(db: Database) -> None:
    await start(db)
    await fill(db, item(1))
    edition = (await composed(db, 1)).edition
    assert edition is not None
    async with db.begin() as tx:
        assert await editions.cancel(tx, edition.id, now=at(2))
    again = (await composed(db, 3)).edition
    assert again is not None
    assert again.number == edition.number
    assert [entry.source_key for entry in again.entries] == ["1"]


async def test_an_entry_never_stands_in_two_editions(db: Database) -> None:
    await start(db)
    await fill(db, item(1))
    first = (await composed(db, 1)).edition
    assert first is not None
    await finish(db, first.id)
    assert await titles(db, 2) == []
    await fill(db, item(2), minute=3)
    second = (await composed(db, 4)).edition
    assert second is not None
    assert (second.number, [entry.source_key for entry in second.entries]) == (2, ["2"])


async def test_a_draft_whose_entries_are_all_held_back_is_dropped(db: Database) -> None:
    await start(db)
    await fill(db, item(1))
    edition = (await composed(db, 1)).edition
    assert edition is not None
    await hold(db, edition.entries[0].id, Held.FLOOD)
    assert (await composed(db, 2)).edition is None
    async with db.read() as tx:
        assert (await editions.get(tx, edition.id)).status is EditionStatus.CANCELLED
