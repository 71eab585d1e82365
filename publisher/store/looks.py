"""
The last look at a copy before it goes: does anything speak against it?

Asked for every copy, so on SQLite it goes by a bare connection of its own,
which reads beside any writer. The question is the same for either, word for word.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Select, bindparam, literal_column, select, text
from sqlalchemy.dialects import sqlite

from publisher.store.bare import BareConnection, Witness
from publisher.store.claims import WHY_NOT, Objection
from publisher.store.database import Database, Tx
from publisher.store.due import CAN_MOVE, SENDING
from publisher.store.tables import deliveries, editions


def _last_look(which: ColumnElement[bool]) -> Select[int, int, str | None, bool]:
    """Of claimed copies: id, claim number, why it must not go, and whether its edition lets it."""
    return (
        select(deliveries.c.id, deliveries.c.claim_no, WHY_NOT.label("reason"), CAN_MOVE.label("can_move"))
        .select_from(deliveries.outerjoin(editions))
        .where(which, SENDING)
    )


_LAST_LOOK = _last_look(deliveries.c.id.in_(bindparam("ids", expanding=True)))


async def objections(tx: Tx, copies: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], Objection]:
    """
    What speaks against claimed copies, asked right before they go; nothing speaks against those left out.

    `copies` are (delivery, claim number) each.
    """
    rows = await tx.execute(_LAST_LOOK, {"ids": [delivery_id for delivery_id, _ in copies]})
    return _spoken_against(copies, rows)


def _spoken_against(
    copies: Collection[tuple[int, int]], rows: Iterable[Sequence[Any]]
) -> Mapping[tuple[int, int], Objection]:
    """The objections in the rows of a last look. A copy that is not among them is no longer ours."""
    found = {(row[0], row[1]): (row[2], row[3]) for row in rows}
    speaking = {}
    for copy in copies:
        match found.get(copy):
            case None:
                speaking[copy] = Objection(reason="the claim was lost", is_passing=True)
            case (str(reason), _):
                speaking[copy] = Objection(reason=reason)
            case (_, can_move) if not can_move:
                speaking[copy] = Objection(reason="the edition is paused", is_passing=True)
    return speaking


# ── Two ways to ask ──────────────────────────────────────────────────────────


class Looks(Protocol):
    """Made by `open_looks`, for one worker."""

    async def objections(self, copies: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], Objection]:
        """What speaks against these claimed copies (delivery, claim number), as `objections` tells it."""
        ...

    def moment(self) -> object:
        """Equal to an earlier one only if what was asked between them would be answered alike now. Told at once."""
        ...

    async def close(self) -> None: ...


def open_looks(db: Database) -> Looks:
    """The quickest way of looking that the database has."""
    return _BySqlite(db.sqlite_file) if db.sqlite_file else _BySqlalchemy(db)


class _BySqlalchemy:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def objections(self, copies: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], Objection]:
        async with self._db.read() as tx:
            return await objections(tx, copies)

    def moment(self) -> object:
        return object()  # there is no telling without asking

    async def close(self) -> None:
        """Nothing is held open."""


class _BySqlite:
    def __init__(self, file: Path) -> None:
        self._connection = BareConnection(file)
        self._witness = Witness(file)

    async def objections(self, copies: Collection[tuple[int, int]]) -> Mapping[tuple[int, int], Objection]:
        ids = json.dumps([delivery_id for delivery_id, _ in copies])

        def ask(connection: sqlite3.Connection) -> list[tuple[int, int, str | None, int]]:
            return connection.execute(_QUESTION, {"ids": ids}).fetchall()

        return _spoken_against(copies, await self._connection.call(ask))

    def moment(self) -> object:
        return self._witness.moment()

    async def close(self) -> None:
        self._witness.close()
        await self._connection.close()


_AMONG = deliveries.c.id.in_(select(literal_column("value")).select_from(text(r"json_each(\:ids)")))
_QUESTION = str(_last_look(_AMONG).compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
