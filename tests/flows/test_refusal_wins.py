"""
Nothing but a confirmation that is newer than the refusal makes a refused address receivable.

Played at random against the real store: people ask, press any link that was
ever mailed, leave and are erased; operators and files bring them in; the clock
runs; and a copy of the store's file is put back as it was.
"""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select

from publisher.address import parse
from publisher.errors import NotAllowed, NotFound
from publisher.flows.ask import Wish, ask, ask_to_move, sort_requests
from publisher.flows.choose import get_less_often
from publisher.flows.confirm import confirm
from publisher.flows.enrol import Defaults, enrol, table_of
from publisher.flows.erase import erase_person, finish_erasures
from publisher.flows.lapse import look_after_requests
from publisher.flows.readmit import readmit
from publisher.flows.signup import Application, sign_up
from publisher.flows.unsubscribe import leave, stop_everything, unsubscribe
from publisher.spreadsheet import opened
from publisher.store import audience
from publisher.store.database import Database, Tx, open_database
from publisher.store.keys import Key, all_keys
from publisher.store.tables import requests, subscriptions
from subscribers.tokens import hash_of
from tests.samples import WEEKLY, at

EXAMPLES = int(os.environ.get("PUBLISHER_TEST_REFUSALS", "12"))  # `make soak` asks for more
PEOPLE = ("haneul@readers.example", "byul@readers.example")
LISTS = {"weekly": WEEKLY, "monthly": replace(WEEKLY, name="monthly")}
DAY = 24 * 60

who = st.sampled_from([PEOPLE[0]] * 3 + [PEOPLE[1]])  # one life that is lived, rather than two that begin
which = st.sampled_from(sorted(LISTS))
one_of_the_last = st.integers(0, 5)
T = TypeVar("T")

_empty: list[bytes] = []


async def _made(folder: Path) -> Database:
    """A store as it begins; its tables are made once for all."""
    path = folder / "publisher.db"
    if _empty:
        path.write_bytes(_empty[0])
    db = await open_database(f"sqlite:///{path}")
    if not _empty:
        await db.close()
        _empty.append(path.read_bytes())
        db = await open_database(f"sqlite:///{path}")
    return db


class House(RuleBasedStateMachine):
    """
    A store with one reader, of the weekly list; who ask, leave and come back, and a file that would bring them in.

    And what was refused when, and what was asked when and confirmed: each by address hash and list.
    """

    db: Database
    key: Key

    @initialize()
    def open(self) -> None:
        self.loop = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.minute = 0
        self.refused: dict[tuple[str, str], int] = {}
        self.confirmed: dict[tuple[str, str], int] = {}
        self.complained: set[str] = set()
        self.mailed: list[bytes] = []  # by request, and by subscription: links never come back
        self.ways_out: list[bytes] = []
        self.db = self.do(_made(self.folder))
        self.key = self.do(self.reading(all_keys))[0]
        self.ask(PEOPLE[0], "weekly")
        self.press_a_mailed_link(0)
        self.let_time_pass(1)

    def teardown(self) -> None:
        self.do(self.db.close())
        self.loop.close()
        shutil.rmtree(self.folder)

    def do(self, going: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(going)

    @property
    def now(self) -> datetime:
        return at(self.minute)

    def hash(self, address: str) -> str:
        return hash_of(address, self.key.secret)

    async def reading(self, look: Callable[[Tx], Awaitable[T]]) -> T:
        async with self.db.read() as tx:
            return await look(tx)

    def change(self, act: Callable[[Tx], Awaitable[T]]) -> T:
        """Do something, hours after what was done before; then letters are written."""

        async def go() -> T:
            async with self.db.begin() as tx:
                done = await act(tx)
            await sort_requests(self.db, now=self.now)
            async with self.db.read() as tx:
                self.mailed += await _new(tx, requests.c.token_id, self.mailed)
                self.ways_out += await _new(tx, subscriptions.c.token_id, self.ways_out)
            return done

        self.minute += 500
        return self.do(go())

    def refuse(self, address_hash: str, *lists: str) -> None:
        self.refused |= {(address_hash, name): self.minute for name in lists}

    # ── What people do ───────────────────────────────────────────────────────

    @rule(address=who, name=which)
    def ask(self, address: str, name: str) -> None:
        wish = Wish(address=parse(address), lists=(name,), languages="ko", advertising=False, text_version="v")
        self.change(lambda tx: ask(tx, wish, self.key, self.now))

    @precondition(lambda self: self.mailed)
    @rule(number=one_of_the_last)
    def press_a_mailed_link(self, number: int) -> None:
        """Any that was ever mailed: used ones too, and those of before a restore."""
        token_id = self.mailed[-1 - number % len(self.mailed)]

        async def press(tx: Tx) -> None:
            row = (await tx.execute(select(requests).where(requests.c.token_id == token_id))).one_or_none()
            done = await confirm(tx, token_id, known=LISTS, now=self.now)
            for name in done.lists if done and row else ():
                asked = int((row.asked_at - at()).total_seconds() // 60)
                self.confirmed[row.address_hash, name] = max(asked, self.confirmed.get((row.address_hash, name), -1))

        self.change(press)

    @rule(name=which)
    def come_back(self, name: str) -> None:
        """Both at once, for one whose steps are drawn one by one seldom gets that far."""
        self.ask(PEOPLE[0], name)
        self.press_a_mailed_link(0)

    @precondition(lambda self: self.ways_out)
    @rule(number=one_of_the_last)
    def leave_by_any_letter(self, number: int) -> None:
        token_id = self.ways_out[-1 - number % len(self.ways_out)]

        async def go(tx: Tx) -> None:
            if reader := await audience.by_token(tx, token_id):
                await unsubscribe(tx, token_id, means="one-click", now=self.now)
                self.refuse(reader.address_hash, reader.subscription.list)

        self.change(go)

    @rule(address=who)
    def stop_everything(self, address: str) -> None:
        async def go(tx: Tx) -> None:
            person = await audience.person_by_hash(tx, self.hash(address))
            theirs = await audience.subscriptions_of(tx, person.id) if person else []
            if theirs:
                await stop_everything(tx, theirs, means="page", now=self.now)
                self.refuse(self.hash(address), *LISTS)

        self.change(go)

    # ── What operators, files and the clock do ───────────────────────────────

    @rule(address=who, name=which, status=st.sampled_from(["active", "pending", "unsubscribed", "blocklisted"]))
    def bring_in_a_file(self, address: str, name: str, status: str) -> None:
        row = f"email,lists,status,consented_at\n{address.upper()},{name},{status},2026-03-01\n"
        defaults = Defaults(lists=(name,), languages=None, consent="says a file", zone=ZoneInfo("Asia/Seoul"))
        self.minute += 500
        with opened(row.encode()) as sheets:
            self.do(enrol(self.db, table_of(sheets), LISTS, self.key, defaults, now=self.now))

    @rule(days=st.sampled_from([1, 3, 8, 40]))
    def let_time_pass(self, days: int) -> None:
        self.minute += days * DAY
        self.do(finish_erasures(self.db, now=self.now))
        self.do(look_after_requests(self.db, now=self.now))

    # ── The rule ─────────────────────────────────────────────────────────────

    @invariant()
    def nobody_is_receivable_who_refused(self) -> None:
        for one in self.do(self.reading(_receivable)):
            assert one[0] not in self.complained, "that needs an operator"
            assert one not in self.standing

    @invariant()
    def what_was_refused_is_known_until_they_confirm_anew(self) -> None:
        """So that the next file, whatever it says, is refused too."""
        assert self.do(self.reading(self._forgotten)) == []

    @property
    def standing(self) -> list[tuple[str, str]]:
        """What was refused, and not confirmed since."""
        return [one for one, at_minute in self.refused.items() if self.confirmed.get(one, -1) <= at_minute]

    async def _forgotten(self, tx: Tx) -> list[tuple[str, str]]:
        return [one for one in self.standing if not await audience.has_refused(tx, *one)]


class WholeHouse(House):
    """The same with all else that can happen; it takes longer to find what the other finds at once."""

    # ── What people do ───────────────────────────────────────────────────────

    @rule(address=who)
    def ask_to_be_erased(self, address: str) -> None:
        async def go(tx: Tx) -> None:
            person = await audience.person_by_hash(tx, self.hash(address))
            if person and person.address and not person.is_being_erased:
                await erase_person(tx, person.id, means="page", now=self.now)
                self.refuse(self.hash(address), *LISTS)

        self.change(go)

    @rule(address=who, name=which)
    def get_less_often(self, address: str, name: str) -> None:
        async def go(tx: Tx) -> None:
            if reader := await audience.on_list(tx, self.hash(address), name):
                other = next(one for one in LISTS if one != name)
                await get_less_often(tx, reader, other, "ko", means="page", now=self.now)

        self.change(go)

    @rule(old=who, new=who)
    def ask_to_move(self, old: str, new: str) -> None:
        async def go(tx: Tx) -> None:
            person = await audience.person_by_hash(tx, self.hash(old))
            if person and person.address:
                await ask_to_move(tx, person, parse(new), "ko", self.key, self.now)

        self.change(go)

    @precondition(lambda self: self.minute > 10 * DAY)  # what ends everything comes late, or little would happen
    @rule(address=who, reason=st.sampled_from(["bounced", "complained"]))
    def complain(self, address: str, reason: str) -> None:
        self.change(
            lambda tx: audience.suppress(tx, self.hash(address), reason=reason, means="dsn", now=self.now),
        )
        self.complained.add(self.hash(address))

    # ── What operators do ────────────────────────────────────────────────────

    @rule(address=who, name=which, consent=st.sampled_from(["by telephone", None]))
    def add(self, address: str, name: str, consent: str | None) -> None:
        application = Application(address=parse(address), list=name, languages="ko", consent=consent)
        self.change(lambda tx: sign_up(tx, application, self.key, now=self.now))

    @rule(address=who, name=which)
    def end(self, address: str, name: str) -> None:
        async def go(tx: Tx) -> None:
            if reader := await audience.on_list(tx, self.hash(address), name):
                await leave(tx, reader, means="operator", now=self.now)
                self.refuse(self.hash(address), name)

        self.change(go)

    @rule(address=who)
    def readmit(self, address: str) -> None:
        async def go(tx: Tx) -> None:
            with suppress(NotFound, NotAllowed):
                await readmit(tx, parse(address), self.key, who="kim", why="they called", now=self.now)
                self.complained.discard(self.hash(address))
                self.refuse(self.hash(address), *LISTS)  # until its owner confirms

        self.change(go)

    # ── Backups ──────────────────────────────────────────────────────────────

    @rule()
    def back_up(self) -> None:
        self.do(self.db.close())
        shutil.copyfile(self.folder / "publisher.db", self.folder / "backup.db")
        self.db = self.do(_reopened(self.folder))

    @precondition(lambda self: (self.folder / "backup.db").exists())
    @rule()
    def restore(self) -> None:
        self.do(self.db.close())
        shutil.copyfile(self.folder / "backup.db", self.folder / "publisher.db")
        self.db = self.do(_reopened(self.folder))


async def _reopened(folder: Path) -> Database:
    return await open_database(f"sqlite:///{folder / 'publisher.db'}")


async def _new(tx: Tx, column: Any, known: list[bytes]) -> list[bytes]:
    return [one for one in (await tx.execute(select(column).order_by(column.table.c.id))).scalars() if one not in known]


async def _receivable(tx: Tx) -> set[tuple[str, str]]:
    """Who would get an edition, of which list."""
    active = await audience.listed(tx, status="active")
    found = {(one.address_hash, one.subscription.list) for one in active if one.address}
    return {one for one in found if not await audience.has_refused(tx, *one)}


class TestRefusals(House.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(max_examples=EXAMPLES, stateful_step_count=15, suppress_health_check=[HealthCheck.too_slow])


class TestRefusalsWithAllElse(WholeHouse.TestCase):  # type: ignore[name-defined, misc]
    settings = settings(
        max_examples=EXAMPLES // 2, stateful_step_count=30, suppress_health_check=[HealthCheck.too_slow]
    )


def test_the_way_back_is_open() -> None:
    """The same house, by the one road that there is: otherwise the rule above could not be broken."""
    with opened_house() as house:
        for _ in range(2):
            house.ask(PEOPLE[0], "weekly")
            house.press_a_mailed_link(0)
            house.back_up()
            house.leave_by_any_letter(0)
            house.nobody_is_receivable_who_refused()
            house.restore()
            house.nobody_is_receivable_who_refused()
            assert house.do(house.reading(_receivable)) == set()
        house.let_time_pass(1)
        house.stop_everything(PEOPLE[0])
        house.let_time_pass(1)
        house.ask(PEOPLE[0], "weekly")
        house.press_a_mailed_link(0)
        assert house.do(house.reading(_receivable)) == {(house.hash(PEOPLE[0]), "weekly")}


def test_who_stopped_everything_and_came_back_to_one_list_is_brought_onto_no_other() -> None:
    with opened_house() as house:
        house.stop_everything(PEOPLE[0])
        house.let_time_pass(1)
        house.ask(PEOPLE[0], "weekly")
        house.press_a_mailed_link(0)
        house.bring_in_a_file(PEOPLE[0], "monthly", "active")
        assert house.do(house.reading(_receivable)) == {(house.hash(PEOPLE[0]), "weekly")}


def test_a_confirmation_that_is_void_lifts_nothing() -> None:
    """They stopped everything, asked for one list, and left it by an old letter before they confirmed."""
    with opened_house() as house:
        house.stop_everything(PEOPLE[0])
        house.let_time_pass(1)
        house.ask(PEOPLE[0], "weekly")
        house.leave_by_any_letter(0)
        house.press_a_mailed_link(0)
        house.bring_in_a_file(PEOPLE[0], "monthly", "active")
        assert house.do(house.reading(_receivable)) == set()


@contextmanager
def opened_house() -> Iterator[WholeHouse]:
    """A house with one reader, of the weekly list."""
    house = WholeHouse()
    house.open()
    try:
        yield house
    finally:
        house.teardown()
