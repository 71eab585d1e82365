"""Readers with and without a consent to advertising, and editions of either kind."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from publisher.flows.classify import classify
from publisher.flows.compose import House, compose
from publisher.flows.release import Released, release
from publisher.model import Classification, Edition, MailingList
from publisher.store import audience, editions
from publisher.store.database import Database
from publisher.store.keys import all_keys
from publisher.store.tables import consents, deliveries
from subscribers.tokens import hash_of
from tests.samples import HOUSE, WEEKLY, at, enlist, fill, item


async def subscription_of(db: Database, address: str) -> int:
    async with db.read() as tx:
        secret = (await all_keys(tx))[0].secret
        found = await audience.subscription_of(tx, hash_of(address, secret), "weekly")
    assert found is not None
    return found.id


async def person_of(db: Database, address: str) -> int:
    async with db.read() as tx:
        secret = (await all_keys(tx))[0].secret
        found = await audience.subscription_of(tx, hash_of(address, secret), "weekly")
    assert found is not None
    return found.subscriber_id


async def say(
    db: Database,
    address: str,
    event: str,
    *,
    when: datetime | None = None,
    means: str = "page",
    scope: str = "advertising",
    is_dated: bool = True,
) -> int:
    """Put one line into the record of a reader; gives its id."""
    subscription_id = await subscription_of(db, address)
    async with db.begin() as tx:
        row = {"subscription_id": subscription_id, "scope": scope, "event": event, "at": when or at()}
        made = insert(consents).values({**row, "means": means, "is_dated": is_dated}).returning(consents.c.id)
        return int((await tx.execute(made)).scalar_one())


async def reader(db: Database, address: str, *, agreed: bool = False, languages: str = "ko") -> None:
    """An active reader of the weekly list, who agreed to advertising if told."""
    await enlist(db, address, languages)
    if agreed:
        await say(db, address, "given")


async def drafted(db: Database, mailing_list: MailingList = WEEKLY, *, title: str | None = None) -> Edition:
    async with db.begin() as tx:
        await editions.start_list(tx, mailing_list.name, at(-1))
    await fill(db, item(1, title=title))
    async with db.begin() as tx:
        edition = (await compose(tx, mailing_list, by="kim", now=at(1))).edition
    assert edition is not None
    return edition


async def released(
    db: Database, classification: Classification = Classification.ADVERTISING, *, house: House = HOUSE, **draft: Any
) -> Released:
    """An edition that somebody classified, approved and released."""
    edition = await drafted(db, **draft)
    async with db.begin() as tx:
        await classify(tx, edition, classification, by="kim", why="a paid seminar", now=at(1))
        await editions.approve(tx, edition.id, by="lee", now=at(2))
        edition = await editions.get(tx, edition.id)
        return await release(tx, edition, WEEKLY, house, by="lee", now=at(3), grace=timedelta(0))


async def written_to(db: Database, kind: str = "edition") -> set[str]:
    """The addresses that have a letter of this kind in the outbox, whatever its state."""
    async with db.read() as tx:
        rows = await tx.execute(select(deliveries.c.address).where(deliveries.c.kind == kind))
        return set(rows.scalars())
