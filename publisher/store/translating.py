"""What translations cost: characters per month over all processes, and the answers that are paid for already."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, delete, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store.database import Tx
from publisher.store.tables import translation_answers, translation_spending


async def spent(tx: Tx, month: str) -> int:
    """Characters of a month such as 2026-03, with those of questions that are under way."""
    found = select(translation_spending.c.characters).where(translation_spending.c.month == month)
    return int((await tx.execute(found)).scalar() or 0)


async def reserve(tx: Tx, month: str, characters: int, *, budget: int) -> bool:
    """Count characters before they are sent; False, and nothing counted, where the budget does not hold them."""
    nothing = upsert(translation_spending).values(month=month, characters=0).on_conflict_do_nothing()
    await tx.execute(nothing)
    counted = await tx.execute(
        update(translation_spending)
        .where(translation_spending.c.month == month, translation_spending.c.characters + characters <= budget)
        .values(characters=translation_spending.c.characters + characters)
    )
    return counted.rowcount == 1


async def give_back(tx: Tx, month: str, characters: int) -> None:
    """Take out of the count what was not sent after all, or surely not taken."""
    counted = translation_spending.c.characters
    left = case((counted > characters, counted - characters), else_=0)
    await tx.execute(update(translation_spending).where(translation_spending.c.month == month).values(characters=left))


async def remembered(tx: Tx, question: str) -> Sequence[str] | None:
    """The answer to a question, by its digest, if it was a good one and is not too old."""
    found = select(translation_answers.c.texts).where(translation_answers.c.question == question)
    texts: Sequence[str] | None = (await tx.execute(found)).scalar()
    return texts


async def remember(tx: Tx, question: str, texts: Sequence[str], *, now: datetime) -> None:
    await tx.execute(delete(translation_answers).where(translation_answers.c.question == question))
    await tx.execute(insert(translation_answers).values(question=question, texts=list(texts), at=now))


async def forget(tx: Tx, *, before: datetime) -> None:
    """Answers of long ago: what was translated then, if it still stands, has its face."""
    await tx.execute(delete(translation_answers).where(translation_answers.c.at < before))
