"""Refusals that outlive a copy of the store that is put back."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import select

from publisher.errors import PublisherError
from publisher.flows.erase import erase_person, finish_erasures
from publisher.flows.unsubscribe import unsubscribe
from publisher.store import audience
from publisher.store.database import Database, open_database
from publisher.store.tables import subscribers
from tests.samples import at, enlist

ADDRESS = "kim@reader.example"


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Database]:
    db = await open_database(f"sqlite:///{folder / 'publisher.db'}")
    try:
        yield db
    finally:
        await db.close()


async def with_a_reader(folder: Path) -> bytes:
    """A store with one reader, and a copy of it; gives the token of their letters."""
    async with opened(folder) as db:
        token_id = await enlist(db, ADDRESS)
    shutil.copyfile(folder / "publisher.db", folder / "copy.db")
    return token_id


def put_back(folder: Path) -> None:
    shutil.copyfile(folder / "copy.db", folder / "publisher.db")


async def test_who_left_since_the_copy_is_refused_again_and_the_record_says_why(tmp_path: Path) -> None:
    token_id = await with_a_reader(tmp_path)
    async with opened(tmp_path) as db, db.begin() as tx:
        await unsubscribe(tx, token_id, means="page", now=at(5))
    put_back(tmp_path)
    async with opened(tmp_path) as db, db.read() as tx:
        reader = await audience.by_token(tx, token_id)
        assert reader is not None
        assert await audience.refused_at(tx, reader.address_hash, "weekly") == at(5)
        assert (reader.subscription.status, reader.subscription.ended_at) == ("ended", at(5))
        lines = (await tx.exec_driver_sql("SELECT event, means FROM consents ORDER BY id")).all()
    assert lines[-1] == ("withdrawn", "restore")


async def test_who_was_erased_since_the_copy_is_erased_again(tmp_path: Path) -> None:
    await with_a_reader(tmp_path)
    async with opened(tmp_path) as db:
        async with db.begin() as tx:
            await erase_person(tx, 1, means="page", now=at(5))
        await finish_erasures(db, now=at(60 * 25))
    put_back(tmp_path)
    async with opened(tmp_path) as db:
        assert await finish_erasures(db, now=at(60 * 26)) == 1
        async with db.read() as tx:
            assert (await tx.execute(select(subscribers.c.address))).scalar_one() is None


@pytest.mark.parametrize("reason", ["stopped", "bounced"])
async def test_an_erasure_is_remembered_whatever_is_heard_of_the_address_later(tmp_path: Path, reason: str) -> None:
    token_id = await with_a_reader(tmp_path)
    async with opened(tmp_path) as db:
        async with db.begin() as tx:
            await erase_person(tx, 1, means="page", now=at(5))
        await finish_erasures(db, now=at(60 * 25))
        async with db.begin() as tx:
            reader = await audience.by_token(tx, token_id)
            assert reader is not None
            await audience.suppress(tx, reader.address_hash, reason=reason, means="page", now=at(60 * 26))
    put_back(tmp_path)
    async with opened(tmp_path) as db:
        assert await finish_erasures(db, now=at(60 * 27)) == 1


async def test_who_came_anew_after_an_erasure_is_not_erased_for_it(tmp_path: Path) -> None:
    await with_a_reader(tmp_path)
    async with opened(tmp_path) as db:
        async with db.begin() as tx:
            await erase_person(tx, 1, means="page", now=at(5))
        await finish_erasures(db, now=at(60 * 25))
        async with db.begin() as tx:
            person = await audience.person(tx, 1)
            await audience.lift_suppression(tx, person.address_hash)
        await enlist(db, ADDRESS, minute=60 * 26)
    async with opened(tmp_path) as db:
        assert await finish_erasures(db, now=at(60 * 99)) == 0
        async with db.read() as tx:
            assert (await tx.execute(select(subscribers.c.address))).scalar_one() == ADDRESS


async def test_a_refusal_that_was_lifted_is_not_brought_back(tmp_path: Path) -> None:
    token_id = await with_a_reader(tmp_path)
    async with opened(tmp_path) as db, db.begin() as tx:
        await unsubscribe(tx, token_id, means="page", now=at(5))
        reader = await audience.by_token(tx, token_id)
        assert reader is not None
        await audience.lift(tx, reader.address_hash, "weekly")
    put_back(tmp_path)
    async with opened(tmp_path) as db, db.read() as tx:
        assert await audience.reachable(tx, "weekly") == {"ko": 1}


async def test_a_store_of_before_fills_the_file(tmp_path: Path) -> None:
    token_id = await with_a_reader(tmp_path)
    async with opened(tmp_path) as db, db.begin() as tx:
        await unsubscribe(tx, token_id, means="page", now=at(5))
    (tmp_path / "publisher-refusals.db").unlink()
    async with opened(tmp_path) as db, db.read() as tx:
        assert len((await tx.exec_driver_sql("SELECT * FROM kept_refusals")).all()) == 1


async def test_nothing_in_the_file_names_anybody(tmp_path: Path) -> None:
    token_id = await with_a_reader(tmp_path)
    async with opened(tmp_path) as db, db.begin() as tx:
        await unsubscribe(tx, token_id, means="page", now=at(5))
    written = (tmp_path / "publisher-refusals.db").read_bytes()
    assert b"weekly" in written
    assert b"kim" not in written


async def test_a_change_that_is_undone_is_undone_in_both(tmp_path: Path) -> None:
    token_id = await with_a_reader(tmp_path)
    async with opened(tmp_path) as db:
        with suppress(KeyError):
            async with db.begin() as tx:
                await unsubscribe(tx, token_id, means="page", now=at(5))
                raise KeyError
        async with db.read() as tx:
            assert (await tx.exec_driver_sql("SELECT * FROM kept_refusals")).all() == []


async def test_a_file_that_is_damaged_is_named(tmp_path: Path) -> None:
    await with_a_reader(tmp_path)
    (tmp_path / "publisher-refusals.db").write_bytes(b"torn" * 400)
    with pytest.raises(PublisherError, match=r"publisher-refusals\.db: .*another place"):
        async with opened(tmp_path):
            pass
