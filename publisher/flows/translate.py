"""
Have missing faces made by a service: look what is missing, tell the cost, ask, check, write.

A face is written whole or not at all. What is sent is counted before it leaves,
in the store, so that several processes keep to one budget. An answer that
cannot be believed is refused with its reason and nothing is shown of it; a
service that does not answer ends the round, and the next one goes on from there.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

import structlog

from publisher.flows.withdraw import TRANSLATED
from publisher.model import Entry, Face, Language, Origin, Site
from publisher.net import Fetcher
from publisher.store import editions, entries, translating, translations
from publisher.store.database import Database, Tx
from publisher.store.translations import Made
from publisher.translate.adapter import Adapter, Question
from publisher.translate.asking import Answered, Outcome, Unavailable, Unusable, ask
from publisher.translate.piece import Draft, Refusal, Task, finish, prepare
from publisher.translate.policy import TranslatePolicy

log = structlog.get_logger()

_AT_ONCE = 50
_MOST_IN_A_ROW = 5  # refused answers, one after the other: then it is not the texts
_KEEP_ANSWERS = timedelta(days=180)

Progress: TypeAlias = Callable[[int, int | None], None]


@dataclass(frozen=True, kw_only=True)
class Bureau:
    """What translating is done with."""

    db: Database
    site: Site
    policy: TranslatePolicy
    archives: Sequence[str]  # of which entries are translated
    adapter: Adapter
    fetcher: Fetcher
    now: Callable[[], datetime]

    @property
    def languages(self) -> Sequence[Language]:
        return self.policy.languages or self.site.languages

    @property
    def month(self) -> str:
        """The month that it is where the site is: the budget begins anew with it."""
        return f"{self.now().astimezone(ZoneInfo(self.site.timezone)):%Y-%m}"


@dataclass(frozen=True, kw_only=True)
class Gap:
    """
    A missing face: which, and how many characters its source has as it is sent.

    `refused_why` tells why there is none, if one was made before.
    """

    entry_id: int
    public_id: str
    title: str
    language: Language
    characters: int
    refused_why: str | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is missing, and what is left of the month's budget."""

    gaps: tuple[Gap, ...]
    spent: int
    budget: int

    @property
    def characters(self) -> int:
        return sum(gap.characters for gap in self.gaps)

    @property
    def left(self) -> int:
        return max(self.budget - self.spent, 0)


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
    overtaken: int = 0  # edited, retracted or told by the archive itself, while it was translated
    failure: Unavailable | None = None
    in_a_row: int = 0


# ── What is missing ──────────────────────────────────────────────────────────


async def look(
    bureau: Bureau,
    *,
    languages: Sequence[Language] = (),
    only: Entry | None = None,
    by_itself: bool = False,
) -> Plan:
    """The faces that are missing, the newest entries first; `by_itself`: those that the clock may have made."""
    gaps: list[Gap] = []
    async with bureau.db.read() as tx:
        for language in languages or bureau.languages:
            ids = await translations.missing(
                tx,
                language,
                archives=bureau.archives,
                only=only.id if only else None,
                by_itself=by_itself,
            )
            refused = await translations.refused(tx, language)
            async for entry, source in _sources(tx, ids):
                if characters := _task(bureau, source, language).characters:
                    gaps.append(
                        Gap(
                            entry_id=entry.id,
                            public_id=entry.public_id,
                            title=source.title,
                            language=language,
                            characters=characters,
                            refused_why=refused.get(entry.id),
                        )
                    )
    return Plan(gaps=tuple(gaps), spent=await spent_in(bureau), budget=bureau.policy.budget)


async def spent_in(bureau: Bureau) -> int:
    """Characters of this month, over all processes."""
    async with bureau.db.read() as tx:
        return await translating.spent(tx, bureau.month)


async def _sources(tx: Tx, ids: Sequence[int]) -> AsyncIterator[tuple[Entry, Face]]:
    """Each of these entries with the face that is translated, a few at a time: archives are large."""
    for start in range(0, len(ids), _AT_ONCE):
        for entry in await entries.find(tx, ids=ids[start : start + _AT_ONCE], alone=True):
            if source := _source(entry):
                yield entry, source


def _source(entry: Entry) -> Face | None:
    """The archive's own words, in the language in which they came first. A translation is never translated."""
    own = {face.language: face for face in entry.faces.values() if face.origin is Origin.ORIGINAL}
    return own.get(entry.original_language or "") or next(iter(own.values()), None)


def _task(bureau: Bureau, source: Face, language: Language) -> Task:
    return prepare(source, language, bureau.policy.extent, bureau.policy.glossary)


# ── Making them ──────────────────────────────────────────────────────────────


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
            done.failure = Unavailable(
                reason="useless",
                detail=f"the last {_MOST_IN_A_ROW} answers could not be used: look at the reasons, the model and the "
                "glossary",
            )
        if done.failure:
            log.warning("translating stopped", reason=done.failure.reason)
            break
    async with bureau.db.begin() as tx:
        await translating.forget(tx, before=bureau.now() - _KEEP_ANSWERS)
    log.info("faces translated", made=len(done.filled), refused=len(done.refused), unpaid=len(done.unpaid))
    return done


async def _fill(bureau: Bureau, gap: Gap, done: Round) -> None:
    async with bureau.db.read() as tx:
        found = [source async for _, source in _sources(tx, [gap.entry_id])]
    task = _task(bureau, found[0], gap.language) if found else None
    if task is None or not task.characters:
        done.overtaken += 1
        return
    gap = replace(gap, characters=task.characters)
    question = _question(bureau, task)
    async with bureau.db.begin() as tx:
        known = await translating.remembered(tx, question)
        if known is None and not await translating.reserve(
            tx, bureau.month, task.characters, budget=bureau.policy.budget
        ):
            done.unpaid.append(gap)
            return
    heard = Answered(texts=tuple(known)) if known is not None else await _ask(bureau, task)
    if isinstance(heard, Unavailable):
        done.failure = heard
        return
    await _settle(bureau, gap, task, heard, question, done, is_paid=known is None)


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


async def _settle(
    bureau: Bureau,
    gap: Gap,
    task: Task,
    heard: Answered | Unusable,
    question: str,
    done: Round,
    *,
    is_paid: bool,
) -> None:
    """Write the face that an answer makes, or why there is none."""
    verdict = (
        finish(task, heard.texts, bureau.policy.glossary)
        if isinstance(heard, Answered)
        else Refusal(reason=heard.reason)
    )
    made = _made(bureau, gap, task)
    async with bureau.db.begin() as tx:
        if isinstance(verdict, Refusal):
            await translations.refuse(tx, made, verdict.reason, now=bureau.now())
            done.refused.append(Refused(gap=gap, reason=verdict.reason))
            done.in_a_row += 1
            log.warning("translation refused", entry=gap.entry_id, language=gap.language)
            return
        assert isinstance(heard, Answered)
        await translating.remember(tx, question, heard.texts, now=bureau.now())
        if not await translations.write(tx, made, _face(task, verdict), now=bureau.now()):
            done.overtaken += 1
            return
        await editions.doubt(tx, gap.entry_id, why=TRANSLATED, now=bureau.now())
    done.filled.append(Filled(gap=gap, paid=gap.characters if is_paid else 0))
    done.in_a_row = 0


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
        characters=gap.characters,
    )


def _question(bureau: Bureau, task: Task) -> str:
    """The digest of everything that the answer depends on."""
    told = [bureau.adapter.name, bureau.policy.glossary.version, *task.languages, task.about, *task.fragments]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()
