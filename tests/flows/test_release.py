"""Releasing: frozen letters and a row per recipient, or nothing at all."""

from dataclasses import replace
from datetime import timedelta

import pytest

from publisher.digest.render import content_hash
from publisher.errors import StaleEdition, TemplateError
from publisher.flows import release as flow
from publisher.flows.compose import House, compose
from publisher.flows.release import release
from publisher.flows.unsubscribe import unsubscribe
from publisher.model import Account, Edition, EditionStatus, Missing
from publisher.store import editions, outbox
from publisher.store.database import Database
from tests.samples import HOUSE, WEEKLY, at, enlist, fill, item


async def approved(db: Database) -> Edition:
    await fill(db, item(1), item(2, language="en"), minute=1)
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(0))
        edition = (await compose(tx, WEEKLY, by="kim", now=at(2))).edition
        assert edition is not None
        await editions.approve(tx, edition.id, by="kim", now=at(2))
        return await editions.get(tx, edition.id)


async def let_go(db: Database, edition: Edition, house: House = HOUSE) -> int:
    async with db.begin() as tx:
        done = await release(tx, edition, WEEKLY, house, by="kim", now=at(3), grace=timedelta(0))
        return done.queued


async def accounted(db: Database, edition: Edition) -> Account:
    async with db.read() as tx:
        return await outbox.account(tx, edition.id)


async def test_every_active_reader_gets_one_delivery_in_their_languages(db: Database) -> None:
    for number, key in enumerate(("ko", "en", "ko+en", "en+ko")):
        await enlist(db, f"reader{number}@mail.example", key)
    edition = await approved(db)
    assert await let_go(db, edition) == 4
    assert await accounted(db, edition) == Account(waiting=4)
    async with db.read() as tx:
        assert all([await editions.letter(tx, edition.id, key) for key in WEEKLY.languages])


async def test_releasing_twice_queues_once(db: Database) -> None:
    await enlist(db, "reader@mail.example")
    edition = await approved(db)
    await let_go(db, edition)
    with pytest.raises(StaleEdition, match="is released"):
        await let_go(db, edition)
    assert await accounted(db, edition) == Account(waiting=1)


async def test_a_draft_is_not_released_before_somebody_approved_it(db: Database) -> None:
    await enlist(db, "reader@mail.example")
    edition = await approved(db)
    async with db.begin() as tx:
        await editions.cancel(tx, edition.id, now=at(2))
        redone = (await compose(tx, WEEKLY, by="kim", now=at(3))).edition
    assert redone is not None
    with pytest.raises(StaleEdition, match="is draft"):
        await let_go(db, redone)


async def test_who_left_before_the_release_has_no_copy(db: Database) -> None:
    token_id = await enlist(db, "reader@mail.example")
    edition = await approved(db)
    async with db.begin() as tx:
        await unsubscribe(tx, token_id, means="page", now=at(2))
    await let_go(db, edition)
    assert await accounted(db, edition) == Account()


async def test_a_template_that_breaks_leaves_the_edition_to_be_released_again(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await enlist(db, "reader@mail.example")
    edition = await approved(db)
    whole = flow.compose_letters

    def broken(*args: object) -> object:
        raise TemplateError("templates/email/digest/body.txt, line 3: broken")

    monkeypatch.setattr(flow, "compose_letters", broken)
    with pytest.raises(TemplateError):
        await let_go(db, edition)
    monkeypatch.setattr(flow, "compose_letters", whole)
    async with db.read() as tx:
        assert (await editions.get(tx, edition.id)).status is EditionStatus.APPROVED
    assert await let_go(db, edition) == 1


async def test_an_edition_in_nobody_s_language_is_released_and_withheld_from_all(db: Database) -> None:
    korean = replace(WEEKLY, languages=("ko",), missing=Missing.OMIT)
    house = replace(HOUSE, site=replace(HOUSE.site, languages=("ko",)))
    await enlist(db, "reader@mail.example")
    await fill(db, item(1, language="en"), minute=1)
    async with db.begin() as tx:
        await editions.start_list(tx, "weekly", at(0))
        edition = (await compose(tx, korean, by="kim", now=at(2))).edition
        assert edition is not None
        await editions.approve(tx, edition.id, by="kim", now=at(2))
        await release(tx, edition, korean, house, by="kim", now=at(3), grace=timedelta(0))
    assert await accounted(db, edition) == Account(withheld=1)


async def test_what_is_frozen_agrees_with_the_edition_s_hash(db: Database) -> None:
    await enlist(db, "reader@mail.example", "en+ko")
    edition = await approved(db)
    await let_go(db, edition)
    async with db.read() as tx:
        frozen = await editions.get(tx, edition.id)
        letters = {key: await editions.letter(tx, edition.id, key) for key in WEEKLY.languages}
    assert content_hash({key: letter for key, letter in letters.items() if letter}) == frozen.content_hash
