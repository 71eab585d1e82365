"""How many follow the feeds, and that nobody can be found in the numbers."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import text

from publisher.flows.follow import KEPT_FOR, Followers
from publisher.store import followers
from publisher.store.database import Database

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
FEEDLY = "Feedly/1.0 (12 subscribers)"


class Days:
    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


async def counted(db: Database) -> dict[tuple[date, str, str], int]:
    async with db.read() as tx:
        return {(one.day, one.slug, one.family): one.count for one in await followers.since(tx, date(2020, 1, 1))}


async def test_readers_are_counted_once_a_day_and_services_say_for_how_many_they_read(db: Database) -> None:
    count = Followers(Days())
    for address in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        count.seen("all", "Liferea/1.15", address)
    count.seen("all", "Akregator/6", "192.0.2.1")
    count.seen("all-ko", "Liferea/1.15", "192.0.2.1")
    for told in (12, 11):
        count.seen("all", f"Feedly/1.0 ({told} subscribers)", "192.0.2.9")
    await count.write(db)
    day = NOON.date()
    assert await counted(db) == {(day, "all", ""): 3, (day, "all-ko", ""): 1, (day, "all", "Feedly"): 12}


async def test_a_new_day_begins_anew_and_the_last_one_is_still_written(db: Database) -> None:
    days = Days()
    count = Followers(days)
    count.seen("all", "Liferea", "192.0.2.1")
    days.now += timedelta(days=1)
    count.seen("all", FEEDLY, "192.0.2.9")
    await count.write(db)
    assert await counted(db) == {(NOON.date(), "all", ""): 1, (days.now.date(), "all", "Feedly"): 12}


async def test_after_a_restart_the_larger_number_stands(db: Database) -> None:
    for readers in (3, 1):
        count = Followers(Days())
        for number in range(readers):
            count.seen("all", "Liferea", f"192.0.2.{number}")
        await count.write(db)
    assert await counted(db) == {(NOON.date(), "all", ""): 3}


async def test_nothing_is_written_while_nobody_new_comes(db: Database) -> None:
    count = Followers(Days())
    await count.write(db)
    count.seen("all", "Liferea", "192.0.2.1")
    await count.write(db)
    async with db.begin() as tx:
        await tx.execute(text("DELETE FROM feed_followers"))
    count.seen("all", "Liferea", "192.0.2.1")
    await count.write(db)
    assert await counted(db) == {}


async def test_the_same_reader_looks_different_every_day_and_in_every_process() -> None:
    days = Days()
    kept = []
    for count in (Followers(days), Followers(days)):
        count.seen("all", "Liferea", "192.0.2.1")
        kept.append(count._readers["all"])
    days.now += timedelta(days=1)
    count.seen("all", "Liferea", "192.0.2.1")
    kept.append(count._readers["all"])
    assert len(set().union(*kept)) == 3
    assert not any(b"192.0.2.1" in one for seen in kept for one in seen)


async def test_a_flood_of_invented_readers_fills_a_bounded_room(db: Database) -> None:
    count = Followers(Days())
    for number in range(120_000):
        count.seen(f"all-c-{number % 3000}", "Liferea", f"{number}")
    for number in range(5_000):
        count.seen("all", f"Name{number}/1 (5 subscribers)", "192.0.2.1")
    assert sum(map(len, count._readers.values())) <= 100_000
    assert len(count._readers) <= 2_000
    assert len(count._told["all"]) == 50
    await count.write(db)
    assert len(await counted(db)) <= 2_050


async def test_old_numbers_are_forgotten(db: Database) -> None:
    days = Days()
    count = Followers(days)
    count.seen("all", FEEDLY, "")
    await count.write(db)
    days.now += KEPT_FOR + timedelta(days=1)
    count.seen("all", "Liferea", "192.0.2.1")
    await count.write(db)
    assert list(await counted(db)) == [(days.now.date(), "all", "")]
