"""
Looking for words in what is public.

An entry is found when every word of the question, a particle apart, stands in
its title or body, in whatever language. Those that have all of them in the title
come first, then those that have them as they were typed, then the newest: with a
few words over one institute's texts, dates say more than counted words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, column, func, literal, select, table

from publisher.model import EntryStatus
from publisher.store.bigrams import bare_phrases, phrases
from publisher.store.database import Tx
from publisher.store.entries import IN_PUBLIC, NEWEST_FIRST, standing_in
from publisher.store.tables import entries

_index = table("search_index", column("rowid"), column("search_index"))


@dataclass(frozen=True, kw_only=True)
class Found:
    """How many entries answer, and the ids of those that were asked for, best first."""

    total: int
    ids: tuple[int, ...]


async def search(tx: Tx, question: str, *, archives: Sequence[str] = (), limit: int = 20, offset: int = 0) -> Found:
    """What answers a question, whatever stands in it; nothing for one without a word. No archives means all."""
    words, bare = phrases(question), bare_phrases(question)
    if not words:
        return Found(total=0, ids=())
    wanted = and_(IN_PUBLIC, _stands_in("{title body}", bare))
    if archives:
        wanted = and_(wanted, standing_in(*archives))
    total = (await tx.execute(select(func.count()).select_from(entries).where(wanted))).scalar_one()
    best = [_stands_in("{title}", words)]
    if bare != words:
        best += [_stands_in("{title}", bare), _stands_in("{title body}", words)]
    first = [each.desc() for each in best]
    rows = select(entries.c.id).where(wanted).order_by(*first, *NEWEST_FIRST).limit(limit).offset(offset)
    return Found(total=total, ids=tuple((await tx.execute(rows)).scalars()))


def _stands_in(columns: str, words: Sequence[Sequence[str]]) -> ColumnElement[bool]:
    """
    Whether all the phrases stand in these columns of an entry or of what is joined to it, as far as that is shown.

    Terms hold nothing that FTS5 would read as its own.
    """
    asked = " AND ".join(f'"{" ".join(phrase)}" *' for phrase in words)
    matching = select(_index.c.rowid).where(_index.c.search_index.op("MATCH")(literal(f"{columns} : ({asked})")))
    text = entries.alias()
    shown_by = select(func.coalesce(text.c.joined_to, text.c.id)).where(
        text.c.id.in_(matching), text.c.status == EntryStatus.LIVE
    )
    return entries.c.id.in_(shown_by)
