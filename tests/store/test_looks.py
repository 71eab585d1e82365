"""The last look, by the quick way and by the general one: the same objections."""

from sqlalchemy import update

from publisher.store import editions, looks
from publisher.store.claims import WHY_NOT, Objection
from publisher.store.database import Database
from publisher.store.looks import open_looks
from publisher.store.tables import deliveries
from tests.delivery.post import refuse
from tests.store.test_marks import claimed

COPIES = [(1, 1), (2, 1), (3, 1), (4, 2)]


async def test_both_ways_see_the_same(db: Database) -> None:
    edition = await claimed(db, readers=4)
    await refuse(db, "r1@reader.example")
    async with db.begin() as tx:
        await tx.execute(update(deliveries).where(deliveries.c.id == 3).values(address=None))
    quick, general = open_looks(db), looks._BySqlalchemy(db)
    expected = {
        (2, 1): Objection(reason="unsubscribed"),
        (3, 1): Objection(reason="erased"),
        (4, 2): Objection(reason="the claim was lost", is_passing=True),
    }
    assert await quick.objections(COPIES) == await general.objections(COPIES) == expected
    async with db.begin() as tx:
        await editions.pause(tx, edition)
    paused = {(1, 1): Objection(reason="the edition is paused", is_passing=True)}
    assert await quick.objections(COPIES) == await general.objections(COPIES) == expected | paused
    await quick.close()


async def test_a_look_does_not_wait_for_whoever_is_writing(db: Database) -> None:
    await claimed(db, readers=1)
    quick = open_looks(db)
    async with db.begin() as tx:
        await tx.execute(update(deliveries).values(address=None))
        assert await quick.objections([(1, 1)]) == {}
    assert await quick.objections([(1, 1)]) == {(1, 1): Objection(reason="erased")}
    await quick.close()


async def test_the_question_is_the_one_that_sqlalchemy_asks() -> None:
    assert "json_each(:ids)" in looks._QUESTION
    assert str(WHY_NOT.compile()).count("EXISTS") == looks._QUESTION.count("EXISTS")
