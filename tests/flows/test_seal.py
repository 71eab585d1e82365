"""The last look before a copy goes: asked seldom, and never out of date."""

from collections.abc import AsyncIterator, Collection, Mapping

import pytest

from publisher.delivery.policy import ReturnPolicy
from publisher.delivery.transport import Envelope
from publisher.flows import seal
from publisher.flows.paper import Addressee, Seal, paper_for
from publisher.flows.seal import Sealer, frozen_letter
from publisher.store.claims import Claimed, Objection, claims_of
from publisher.store.database import Database
from publisher.store.keys import all_keys
from publisher.store.looks import Looks, open_looks
from tests.delivery.post import refuse
from tests.samples import SITE, WEEKLY
from tests.store.test_marks import claimed

READERS = 30


class Counting:
    """The store's own looks, and how often it was asked."""

    def __init__(self, looks: Looks) -> None:
        self.questions = 0
        self._looks = looks
        self.moment, self.close = looks.moment, looks.close

    async def objections(self, copies: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], Objection]:
        self.questions += 1
        return await self._looks.objections(copies)


@pytest.fixture
def looks(db: Database, monkeypatch: pytest.MonkeyPatch) -> Counting:
    counting = Counting(open_looks(db))
    monkeypatch.setattr(seal, "open_looks", lambda _db: counting)
    return counting


@pytest.fixture
async def sealer(db: Database, looks: Counting) -> AsyncIterator[Sealer]:
    async with db.read() as tx:
        keys = await all_keys(tx)
    sealer = Sealer(
        db, site=SITE, lists={WEEKLY.name: WEEKLY}, keys=keys, letter_of=frozen_letter, bounces=ReturnPolicy()
    )
    yield sealer
    await sealer.close()


async def in_hand(db: Database) -> list[Claimed]:
    await claimed(db, readers=READERS)
    async with db.read() as tx:
        return await claims_of(tx, ["w"])


async def test_what_is_in_hand_is_asked_about_once_while_nothing_is_written(
    db: Database, sealer: Sealer, looks: Counting
) -> None:
    copies = await in_hand(db)
    sealer.foresee(copies)
    assert all([isinstance(await sealer.seal(copy), Envelope) for copy in copies])
    assert looks.questions == 1


async def test_whatever_is_written_is_heard_of_by_the_next_copy(db: Database, sealer: Sealer, looks: Counting) -> None:
    first, second, *_ = copies = await in_hand(db)
    sealer.foresee(copies)
    assert isinstance(await sealer.seal(first), Envelope)
    await refuse(db, second.address)
    assert await sealer.seal(second) == Objection(reason="unsubscribed")
    assert await sealer.objection(first) is None
    assert looks.questions == 2


async def test_a_copy_that_nobody_foresaw_is_asked_about(db: Database, sealer: Sealer) -> None:
    first, second, *_ = await in_hand(db)
    sealer.foresee([first])
    await refuse(db, second.address)
    assert isinstance(await sealer.seal(first), Envelope)
    assert await sealer.seal(second) == Objection(reason="unsubscribed")


async def test_what_the_road_sends_is_what_preflight_makes(db: Database) -> None:
    """Byte for byte, with the address to leave by: both have it of one hand."""
    [copy, *_] = await in_hand(db)
    bounces = ReturnPolicy(address="returns@hanbit-peace.example")
    async with db.read() as tx:
        keys = await all_keys(tx)
        letter = await frozen_letter(tx, copy)
        assert letter is not None
        paper = await paper_for(tx, letter, SITE, WEEKLY)
    sealer = Sealer(db, site=SITE, lists={"weekly": WEEKLY}, keys=keys, letter_of=frozen_letter, bounces=bounces)
    sealed = await sealer.seal(copy)
    await sealer.close()
    assert isinstance(sealed, Envelope)
    to = Addressee(
        delivery_id=copy.delivery_id,
        recipient=sealed.recipient,
        message_id=copy.message_id,
        queued_at=copy.queued_at,
        token_id=copy.token_id,
    )
    assert sealed.content == Seal.of(SITE, keys, bounces, None).copy(paper, to)
    assert b">, <mailto:returns+l" in sealed.content
