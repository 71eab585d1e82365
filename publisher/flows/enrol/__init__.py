"""
Readers from a file: each row becomes a wish, and the rules decide on each.

`columns` finds the table and what its columns are for, `reading` says what a
row wants, and here the wishes of a few hundred rows at a time are looked up,
decided on by `subscribers.lifecycle.admission`, and written. A refusal is never
undone by a file; a row without the date of a consent waits as pending: nothing
is mailed because of an import. A history, as this house exports it, brings its
refusals and nobody onto a list.

An import that was interrupted is started again with the same file: what is in
already is *unchanged* and costs one look.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from publisher.errors import UnreadableFile
from publisher.flows.enrol.columns import Column, Columns, Table, table_of
from publisher.flows.enrol.outcome import Enrolled, Outcome, Told, What
from publisher.flows.enrol.reading import BadCell, Book, Defaults, Wish, language_key
from publisher.flows.enrol.settling import Settling
from publisher.model import MailingList
from publisher.spreadsheet import Row
from publisher.store.database import Database
from publisher.store.keys import Key
from publisher.store.seen import seen

__all__ = [
    "BadCell",
    "Column",
    "Columns",
    "Defaults",
    "Enrolled",
    "Outcome",
    "Table",
    "What",
    "enrol",
    "language_key",
    "table_of",
]

_BATCH = 500  # per transaction: short enough that letters go on leaving meanwhile


async def enrol(
    db: Database,
    table: Table,
    lists: Mapping[str, MailingList],
    first_key: Key,
    defaults: Defaults,
    *,
    now: datetime,
    told: Told = lambda outcome: None,
    went_on: Callable[[Enrolled], None] = lambda so_far: None,
    dry_run: bool = False,
) -> Enrolled:
    """
    Bring the people of a file onto their lists, as far as the rules allow.

    `told` hears what came of each row, `went_on` how far it is after each batch.
    With `dry_run` all is decided and nothing written. Raises UnreadableFile at a
    row that cannot be read; what stands before it is in, and it says how many.
    """
    book = Book(columns=table.columns, lists=lists, defaults=defaults, now=now)
    result = Enrolled()

    outcomes: list[Outcome] = []
    with seen() as before:
        settling = Settling(seen=before, first_key=first_key, tell=outcomes.append, now=now, dry_run=dry_run)
        try:
            for batch in _batches(table.rows, book, result):
                wishes = settling.told_apart(batch)  # before the transaction, which shall be short
                async with db.read() if dry_run else db.begin() as tx:
                    await settling.settle(tx, wishes)
                for outcome in sorted(outcomes, key=lambda one: one.line):  # only now is it so
                    result.count(outcome.what)
                    told(outcome)
                outcomes.clear()
                went_on(result)
        except UnreadableFile as error:
            if not result.accepted:
                raise
            raise UnreadableFile(f"{error} ({result.accepted} before it were accepted)") from error
    return result


def _batches(rows: Iterable[Row], book: Book, result: Enrolled) -> Iterator[Sequence[Wish | Outcome]]:
    batch: list[Wish | Outcome] = []
    try:
        for row in rows:
            result.rows += 1
            for wish in book.wishes(row):
                batch.append(wish)
                if len(batch) == _BATCH:
                    yield batch
                    batch = []
    except UnreadableFile:
        yield batch  # what stands before the row that cannot be read is not lost
        raise
    yield batch
