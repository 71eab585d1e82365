"""Which faces are missing, and what it would cost to have them made: looked at before anything is sent."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from publisher.model import Entry, Face, Language, Origin, Site
from publisher.net import Fetcher
from publisher.store import entries, translating, translations
from publisher.store.database import Database, Tx
from publisher.translate.adapter import Adapter
from publisher.translate.piece import Task, prepare
from publisher.translate.policy import TranslatePolicy

_AT_ONCE = 50


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

    `refused_why` tells why there is none though one was made.
    """

    entry_id: int
    public_id: str
    title: str
    language: Language
    characters: int
    refused_why: str | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be made, how many more were not taken when they were made before, and what is left of the budget."""

    gaps: tuple[Gap, ...]
    refused: int
    spent: int
    budget: int

    @property
    def characters(self) -> int:
        return sum(gap.characters for gap in self.gaps)

    @property
    def left(self) -> int:
        return max(self.budget - self.spent, 0)


async def look(
    bureau: Bureau,
    *,
    languages: Sequence[Language] = (),
    only: Entry | None = None,
    again: bool = False,
    by_itself: bool = False,
) -> Plan:
    """
    The faces that are missing, the newest entries first; `by_itself`: those that the clock may have made.

    One that was not taken before is left out unless it is meant (`only`) or all are tried `again`.
    """
    gaps: list[Gap] = []
    async with bureau.db.read() as tx:
        for language in languages or bureau.languages:
            gaps += [gap async for gap in _gaps(tx, bureau, language, only.id if only else None, by_itself)]
    wanted = [gap for gap in gaps if gap.refused_why is None or again or only]
    return Plan(
        gaps=tuple(wanted),
        refused=len(gaps) - len(wanted),
        spent=await spent_in(bureau),
        budget=bureau.policy.budget,
    )


async def spent_in(bureau: Bureau) -> int:
    """Characters of this month, over all processes."""
    async with bureau.db.read() as tx:
        return await translating.spent(tx, bureau.month)


async def task_of(tx: Tx, bureau: Bureau, gap: Gap) -> Task | None:
    """What a gap asks for now; None where it is none any more: filled, or not for the public to see."""
    ids = await translations.missing(tx, gap.language, archives=bureau.archives, only=gap.entry_id)
    tasks = [task async for _, task in _tasks(tx, bureau, gap.language, ids)]
    return tasks[0] if tasks else None


async def _gaps(tx: Tx, bureau: Bureau, language: Language, only: int | None, by_itself: bool) -> AsyncIterator[Gap]:
    ids = await translations.missing(tx, language, archives=bureau.archives, only=only, by_itself=by_itself)
    refused = await translations.refused(tx, language)
    async for entry, task in _tasks(tx, bureau, language, ids):
        yield Gap(
            entry_id=entry.id,
            public_id=entry.public_id,
            title=task.face.title,
            language=language,
            characters=task.characters,
            refused_why=refused.get(entry.id),
        )


async def _tasks(tx: Tx, bureau: Bureau, language: Language, ids: Sequence[int]) -> AsyncIterator[tuple[Entry, Task]]:
    """What is to be sent of each of these entries that has words; a few are read at a time, for archives are large."""
    for start in range(0, len(ids), _AT_ONCE):
        for entry in await entries.find(tx, ids=ids[start : start + _AT_ONCE], alone=True):
            source = _source(entry)
            task = prepare(source, language, bureau.policy.extent, bureau.policy.glossary) if source else None
            if task and task.characters:
                yield entry, task


def _source(entry: Entry) -> Face | None:
    """The archive's own words, in the language in which they came first. A translation is never translated."""
    own = {face.language: face for face in entry.faces.values() if face.origin is Origin.ORIGINAL}
    return own.get(entry.original_language or "") or next(iter(own.values()), None)
