"""
No sequence of files in and out makes somebody receivable who refused.

Played at random against a small model: who is active only by what they, the
operator or a file with proof said, and who refused since. Nothing here confirms
anew, so a refusal must hold for ever; and an export that is imported again
changes nothing at all.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from publisher.address import parse
from publisher.flows import export
from publisher.flows.enrol import Defaults, enrol, table_of
from publisher.flows.signup import Application, sign_up
from publisher.flows.unsubscribe import leave
from publisher.spreadsheet import lines, opened
from publisher.store import audience
from publisher.store.database import Database, open_database
from publisher.store.keys import Key, all_keys
from subscribers.tokens import hash_of
from tests.samples import WEEKLY, at

SEOUL = ZoneInfo("Asia/Seoul")
LISTS = {"weekly": WEEKLY, "monthly": replace(WEEKLY, name="monthly")}
PEOPLE = ["kim@mail.example", "lee@mail.example"]
SPELLINGS = {"kim@mail.example": "KIM@Mail.example", "lee@mail.example": "Lee <lee@MAIL.example>"}

Step = tuple[str, str, str]
"""What is done, by or to whom, on which list."""

STEPS = st.tuples(
    st.sampled_from(
        ["add", "leave", "active", "pending", "unsubscribed", "bounced", "complained", "blocklisted", "again", "return"]
    ),
    st.sampled_from(PEOPLE),
    st.sampled_from(sorted(LISTS)),
)


@dataclass
class House:
    """A store, and the first export that was taken of it: an old one, to come back with."""

    db: Database
    key: Key
    exported: bytes = b""
    minute: int = 0

    async def play(self, what: str, who: str, where: str) -> None:
        self.minute += 1
        match what:
            case "add":
                await self._add(who, where)
            case "leave":
                await self._leave(who, where)
            case "again":
                before = await everything(self.db)
                await self.bring_in(await self.export())
                assert await everything(self.db) == before
            case "return":
                await self.bring_in(self.exported or await self.export())
            case status:
                row = f'email,lists,status,consented_at\n"{SPELLINGS[who]}",{where},{status},2026-03-01\n'
                await self.bring_in(row.encode())
        self.exported = self.exported or await self.export()

    async def _add(self, who: str, where: str) -> None:
        application = Application(address=parse(who), list=where, languages="ko", consent="by telephone")
        async with self.db.begin() as tx:
            await sign_up(tx, application, self.key, now=at(self.minute))

    async def _leave(self, who: str, where: str) -> None:
        async with self.db.begin() as tx:
            reader = await audience.on_list(tx, hash_of(who, self.key.secret), where)
            if reader:
                await leave(tx, reader, means="one-click", now=at(self.minute))

    async def bring_in(self, content: bytes) -> None:
        defaults = Defaults(lists=("weekly",), languages=None, consent=None, zone=SEOUL)
        with opened(content) as sheets:
            await enrol(self.db, table_of(sheets), LISTS, self.key, defaults, now=at(self.minute))

    async def export(self) -> bytes:
        rows = [row async for row in export.readers(self.db, list_name=None, status=None, zone=SEOUL)]
        return "".join(lines([export.COLUMNS, *rows])).encode("utf-8-sig")

    async def receiving(self) -> set[tuple[str, str]]:
        """Who is active on which list, whatever a later look at refusals would still withhold."""
        async with self.db.read() as tx:
            found = await audience.listed(tx, status="active")
        return {((reader.address or "").lower(), reader.subscription.list) for reader in found}


async def everything(db: Database) -> Mapping[str, Sequence[object]]:
    """All rows about readers."""
    tables = ("subscribers", "subscriptions", "consents", "refusals", "suppressions")
    async with db.read() as tx:
        return {table: (await tx.execute(text(f"SELECT * FROM {table}"))).all() for table in tables}


async def played(url: str, steps: Sequence[Step]) -> None:
    db = await open_database(url)
    try:
        async with db.read() as tx:
            house = House(db=db, key=(await all_keys(tx))[0])
        refused: set[tuple[str, str]] = set()
        for step in steps:
            refused |= refusing(step, await house.receiving())
            await house.play(*step)
            receiving = await house.receiving()
            assert not receiving & refused, f"{receiving & refused} refused, and would be written to"
    finally:
        await db.close()


def refusing(step: Step, receiving: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """What nobody may be sent any more after this step."""
    what, who, where = step
    match what:
        case "unsubscribed":
            return {(who, where)}
        case "bounced" | "complained" | "blocklisted":
            return {(who, list_name) for list_name in LISTS}
        case "leave" if (who, where) in receiving:
            return {(who, where)}
        case _:
            return set()


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store as it begins, made once."""
    path = tmp_path_factory.mktemp("house") / "empty.db"

    async def make() -> None:
        await (await open_database(f"sqlite:///{path}")).close()

    asyncio.run(make())
    return path


@given(st.lists(STEPS, min_size=1, max_size=8))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_sequence_of_files_makes_somebody_receivable_who_refused(
    empty: Path, tmp_path: Path, steps: Sequence[Step]
) -> None:
    store = tmp_path / "publisher.db"
    for rest in tmp_path.glob("publisher*.db*"):
        rest.unlink()
    store.write_bytes(empty.read_bytes())
    asyncio.run(played(f"sqlite:///{store}", steps))
