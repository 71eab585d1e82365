"""Nothing but a confirmation that is newer than the refusal makes a refused address receivable."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from publisher.address import parse
from publisher.flows.ask import Wish, ask, ask_to_move, sort_requests
from publisher.flows.choose import get_less_often
from publisher.flows.confirm import confirm
from publisher.flows.erase import erase_person
from publisher.flows.lapse import look_after_requests
from publisher.flows.signup import Application, sign_up
from publisher.flows.unsubscribe import stop_everything, unsubscribe
from publisher.store import audience
from publisher.store.database import Database, Tx, open_database
from publisher.store.keys import Key, all_keys
from publisher.store.tables import requests, subscriptions
from subscribers.tokens import hash_of
from tests.samples import at

ADDRESSES = ("haneul@readers.example", "byul@readers.example")
LISTS = ("weekly", "monthly")
STEPS = ("ask", "confirm", "leave", "stop", "erase", "import", "less", "move", "time")


@dataclass
class World:
    """A store, what was refused when, and what was asked when and confirmed."""

    db: Database
    key: Key
    minute: int = 0
    refused: dict[tuple[str, str], int] = field(default_factory=dict)
    confirmed: dict[tuple[str, str], int] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        return at(self.minute)

    def hash(self, who: int) -> str:
        return hash_of(ADDRESSES[who], self.key.secret)

    async def step(self, what: str, who: int, which: int) -> None:
        self.minute += 500  # so that one letter a day is no hindrance for ever
        async with self.db.begin() as tx:
            await STEP[what](self, tx, who, which)
        await sort_requests(self.db, now=self.now)


async def _ask(world: World, tx: Tx, who: int, which: int) -> None:
    wish = Wish(
        address=parse(ADDRESSES[who]), lists=(LISTS[which],), languages="ko", advertising=False, text_version="v"
    )
    await ask(tx, wish, world.key, world.now)


async def _confirm(world: World, tx: Tx, _who: int, which: int) -> None:
    """Any link that was ever mailed, used ones too."""
    rows = (await tx.execute(select(requests).order_by(requests.c.id.desc()))).all()
    if not rows:
        return
    row = rows[which % len(rows)]
    done = await confirm(tx, row.token_id, now=world.now)
    for name in done.lists if done else ():
        # What a confirmation may lift is judged by when it was asked for.
        asked = int((row.asked_at - at()).total_seconds() // 60)
        key = (row.address_hash, name)
        world.confirmed[key] = max(asked, world.confirmed.get(key, -1))


async def _leave(world: World, tx: Tx, _who: int, which: int) -> None:
    rows = (await tx.execute(select(subscriptions).order_by(subscriptions.c.id))).all()
    if rows:
        row = rows[which % len(rows)]
        person = await audience.person(tx, row.subscriber_id)
        await unsubscribe(tx, row.token_id, means="one-click", now=world.now)
        world.refused[person.address_hash, row.list] = world.minute


async def _stop(world: World, tx: Tx, who: int, _which: int) -> None:
    if person := await audience.person_by_hash(tx, world.hash(who)):
        await stop_everything(tx, await audience.subscriptions_of(tx, person.id), means="page", now=world.now)
        if await audience.suppression_of(tx, world.hash(who)):
            world.refused |= {(world.hash(who), name): world.minute for name in LISTS}


async def _erase(world: World, tx: Tx, who: int, _which: int) -> None:
    if person := await audience.person_by_hash(tx, world.hash(who)):
        await erase_person(tx, person.id, means="page", now=world.now)
        world.refused |= {(world.hash(who), name): world.minute for name in LISTS}


async def _import(world: World, tx: Tx, who: int, which: int) -> None:
    await sign_up(
        tx,
        Application(address=parse(ADDRESSES[who]), list=LISTS[which], languages="ko", consent="says a file"),
        world.key,
        now=world.now,
    )


async def _less(world: World, tx: Tx, who: int, which: int) -> None:
    if reader := await audience.on_list(tx, world.hash(who), LISTS[which]):
        await get_less_often(tx, reader, LISTS[1 - which], "ko", means="page", now=world.now)


async def _move(world: World, tx: Tx, who: int, _which: int) -> None:
    if (person := await audience.person_by_hash(tx, world.hash(who))) and person.address:
        await ask_to_move(tx, person, parse(ADDRESSES[1 - who]), "ko", world.key, world.now)


async def _time(world: World, _tx: Tx, _who: int, _which: int) -> None:
    world.minute += 3 * 24 * 60


Step = Callable[[World, Tx, int, int], Awaitable[None]]
STEP: dict[str, Step] = {
    "ask": _ask,
    "confirm": _confirm,
    "leave": _leave,
    "stop": _stop,
    "erase": _erase,
    "import": _import,
    "less": _less,
    "move": _move,
    "time": _time,
}


async def receivable(db: Database) -> set[tuple[str, str]]:
    """Who would get an edition, of which list."""
    found = set()
    async with db.read() as tx:
        for reader in await audience.listed(tx, status="active"):
            name = reader.subscription.list
            if reader.address and not await audience.has_refused(tx, reader.address_hash, name):
                found.add((reader.address_hash, name))
    return found


async def play(steps: list[tuple[str, int, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = await open_database(f"sqlite:///{Path(folder)}/publisher.db")
        try:
            async with db.read() as tx:
                world = World(db=db, key=(await all_keys(tx))[0])
            for what, who, which in steps:
                await world.step(what, who, which)
                if what == "time":
                    await look_after_requests(db, now=world.now)
                for one in await receivable(db):
                    if one in world.refused:
                        assert world.confirmed.get(one, -1) > world.refused[one], (what, one)
        finally:
            await db.close()


def within(taken: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """There are two lists, and more links than that."""
    return [(what, who, which if what in ("confirm", "leave") else which % 2) for what, who, which in taken]


steps = st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 1), st.integers(0, 3)), min_size=3, max_size=14)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(steps.map(within))
def test_no_sequence_makes_a_refused_address_receivable_without_a_newer_confirmation(
    taken: list[tuple[str, int, int]],
) -> None:
    asyncio.run(play(taken))


def test_the_way_back_is_open() -> None:
    """The same world, by the one road that there is: otherwise the test above could not fail."""

    async def go() -> None:
        with tempfile.TemporaryDirectory() as folder:
            db = await open_database(f"sqlite:///{Path(folder)}/publisher.db")
            async with db.read() as tx:
                world = World(db=db, key=(await all_keys(tx))[0])
            for what in ("ask", "confirm", "leave", "ask", "confirm", "stop", "time", "ask", "confirm"):
                await world.step(what, 0, 0)
            assert await receivable(db) == {(world.hash(0), "weekly")}
            await db.close()

    asyncio.run(go())
