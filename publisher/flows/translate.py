"""
Have missing faces made by a service: count, ask, check, write.

A face is written whole or not at all. What is sent is counted before it leaves,
in the store, so that several processes keep to one budget. An answer that
cannot be believed is refused with its reason and nothing is shown of it; a
service that does not answer ends the round, and the next one goes on from there.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeAlias

import structlog

from publisher.flows.gaps import Bureau, Gap, task_of
from publisher.flows.withdraw import TRANSLATED
from publisher.model import Face, Origin
from publisher.store import editions, translating, translations
from publisher.store.translations import Made
from publisher.translate.adapter import Question
from publisher.translate.asking import Answered, Outcome, Unavailable, Unusable, ask
from publisher.translate.piece import Draft, Refusal, Task, Verdict, finish

log = structlog.get_logger()

_MOST_IN_A_ROW = 5  # refused answers, one after the other: then it is not the texts
_KEEP_ANSWERS = timedelta(days=180)

Progress: TypeAlias = Callable[[int, int | None], None]


@dataclass(frozen=True, kw_only=True)
class Filled:
    """A face that was made; `paid` are the characters that were sent for it, none where the answer was known."""

    gap: Gap
    paid: int


@dataclass(frozen=True, kw_only=True)
class Refused:
    """A face that was not made, and why."""

    gap: Gap
    reason: str


@dataclass
class Round:
    """What one round came to. `failure` ended it early; `unpaid` are faces that the budget did not hold."""

    filled: list[Filled] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    unpaid: list[Gap] = field(default_factory=list)
    overtaken: int = 0  # edited, retracted or told by the archive itself, while others were translated
    failure: Unavailable | None = None
    in_a_row: int = 0


async def translate(bureau: Bureau, gaps: Sequence[Gap], *, progress: Progress | None = None) -> Round:
    """
    Fill these gaps, as far as the budget and the service let it.

    Each face is written as it comes; an approved edition that holds the entry
    loses its approval, since it would look different now.
    """
    done = Round()
    for number, gap in enumerate(gaps, start=1):
        await _fill(bureau, gap, done)
        if progress:
            progress(number, len(gaps))
        if done.in_a_row >= _MOST_IN_A_ROW:
            detail = (
                f"the last {_MOST_IN_A_ROW} answers could not be used: look at the reasons, the model, the glossary"
            )
            done.failure = Unavailable(reason="useless", detail=detail)
        if done.failure:
            log.warning("translating stopped", reason=done.failure.reason)
            break
    async with bureau.db.begin() as tx:
        await translating.forget(tx, before=bureau.now() - _KEEP_ANSWERS)
    log.info("faces translated", made=len(done.filled), refused=len(done.refused), unpaid=len(done.unpaid))
    return done


async def _fill(bureau: Bureau, gap: Gap, done: Round) -> None:
    async with bureau.db.begin() as tx:
        task = await task_of(tx, bureau, gap)
        if task is None:
            done.overtaken += 1
            return
        # What an editor took away had been a good answer to this question.
        known = None if gap.refused_why else await translating.remembered(tx, _question(bureau, task))
        cost = 0 if known is not None else task.characters
        if cost and not await translating.reserve(tx, bureau.month, cost, budget=bureau.policy.budget):
            done.unpaid.append(gap)
            return
    heard = await _ask(bureau, task) if known is None else Answered(texts=tuple(known))
    match heard:
        case Unavailable():
            done.failure = heard
        case Unusable(reason=reason):
            await _refuse(bureau, gap, task, reason, done)
        case Answered(texts=texts):
            verdict: Verdict = finish(task, texts, bureau.policy.glossary)
            if isinstance(verdict, Refusal):
                await _refuse(bureau, gap, task, verdict.reason, done)
            elif await _write(bureau, gap, task, verdict, texts):
                done.filled.append(Filled(gap=gap, paid=cost))
                done.in_a_row = 0
            else:
                done.overtaken += 1


async def _ask(bureau: Bureau, task: Task) -> Outcome:
    """
    All fragments of a task, in as many questions as the service wants.

    What was surely not taken by the service goes back into the budget.
    """
    month, unsent = bureau.month, task.characters
    texts: list[str] = []
    try:
        for question in _questions(task, bureau.adapter.largest):
            unsent -= question.characters
            heard = await ask(bureau.fetcher, bureau.adapter, question)
            if isinstance(heard, Unavailable) and not heard.may_count:
                unsent += question.characters
            if not isinstance(heard, Answered):
                return heard
            if len(heard.texts) != len(question.fragments):
                return Unusable(reason=f"{len(heard.texts)} texts came back for {len(question.fragments)}")
            texts += heard.texts
    finally:
        if unsent:
            async with bureau.db.begin() as tx:
                await translating.give_back(tx, month, unsent)
    return Answered(texts=tuple(texts))


def _questions(task: Task, largest: int) -> list[Question]:
    """The fragments in their order, as many to a question as it holds."""
    groups: list[list[str]] = [[]]
    for fragment in task.fragments:
        if groups[-1] and sum(map(len, groups[-1])) + len(fragment) > largest:
            groups.append([])
        groups[-1].append(fragment)
    source, target = task.languages
    return [Question(source=source, target=target, fragments=tuple(group), about=task.about) for group in groups]


async def _write(bureau: Bureau, gap: Gap, task: Task, draft: Draft, texts: Sequence[str]) -> bool:
    """Put the face where it was missing; False where its source is another by now."""
    face = _face(task, draft)
    async with bureau.db.begin() as tx:
        await translating.remember(tx, _question(bureau, task), texts, now=bureau.now())
        is_written = await translations.write(tx, _made(bureau, gap, task), face, now=bureau.now())
        if is_written:
            await editions.doubt(tx, gap.entry_id, why=TRANSLATED, now=bureau.now())
    return is_written


async def _refuse(bureau: Bureau, gap: Gap, task: Task, reason: str, done: Round) -> None:
    """The reason is told and kept, and not logged: it may hold an address."""
    async with bureau.db.begin() as tx:
        await translations.refuse(tx, _made(bureau, gap, task), reason, now=bureau.now())
    log.warning("translation refused", entry=gap.entry_id, language=gap.language)
    done.refused.append(Refused(gap=gap, reason=reason))
    done.in_a_row += 1


def _face(task: Task, draft: Draft) -> Face:
    return replace(
        task.face,
        language=task.target,
        title=draft.title,
        summary=draft.summary,
        html=draft.html,
        origin=Origin.MACHINE,
    )


def _made(bureau: Bureau, gap: Gap, task: Task) -> Made:
    source = task.face
    return Made(
        entry_id=gap.entry_id,
        language=task.target,
        source_language=source.language,
        source_digest=translations.digest_of(task.extent, source.title, source.summary, source.html),
        extent=task.extent,
        by=bureau.adapter.name,
        characters=task.characters,
    )


def _question(bureau: Bureau, task: Task) -> str:
    """The digest of everything that the answer depends on."""
    told = [bureau.adapter.name, bureau.policy.glossary.version, *task.languages, task.about, *task.fragments]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
