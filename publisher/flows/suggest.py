"""
Which two entries might be the Korean and the English version of one text.

Pure: facts in, suggestions out, the surest first. Nothing is joined by it; the
operator joins two, or says that they are two, and is not asked again.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import chain, combinations
from urllib.parse import urlsplit

from publisher.flows.identity import is_place
from publisher.markup import fold
from publisher.store import counterparts, pairs
from publisher.store.database import Tx
from publisher.store.pairs import Candidate

_NEAR = timedelta(days=3)
_CROWD = 60  # entries within a few days: nearness in time tells nothing among so many
_FEW = 10  # entries: a name under most of fewer may still be an author's
_HANGUL = ("가", "힣")
# A Korean text has about half as many characters as its English version.
_LENGTHS = {("ko", "en"): (1.2, 4.0), ("en", "ko"): (0.25, 0.85)}
_ANY_LENGTH = (0.5, 2.0)


class Reason(StrEnum):
    """What speaks for two being one text; the surer ones first."""

    TOLD = "told"
    SAME_ORIGINAL = "same original"
    SAME_OUTLET = "same outlet"
    SAME_DAY = "same day"
    NEAR = "near"
    SAME_AUTHOR = "same author"
    SAME_FILES = "same files"
    SAME_LENGTH = "same length"


_POINTS = {
    Reason.TOLD: 60,
    Reason.SAME_ORIGINAL: 50,
    Reason.SAME_OUTLET: 40,
    Reason.SAME_DAY: 25,
    Reason.NEAR: 15,
    Reason.SAME_AUTHOR: 15,
    Reason.SAME_FILES: 10,
    Reason.SAME_LENGTH: 10,
}
_SURE = frozenset({Reason.TOLD, Reason.SAME_ORIGINAL, Reason.SAME_OUTLET})


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """Two entries, the older one first; `score` is 0 to 100."""

    one: Candidate
    other: Candidate
    score: int
    reasons: tuple[Reason, ...]


async def suggest(tx: Tx) -> list[Suggestion]:
    """What the store gives reason to suggest, without what the operator keeps apart."""
    told = {frozenset({one.entry_id, one.other_id}) for one in await counterparts.every_told(tx)}
    return suggestions(
        await pairs.candidates(tx),
        told=told,
        apart=await pairs.kept_apart(tx),
        outlets=await pairs.outlets_that_agree(tx),
    )


def suggestions(
    candidates: Sequence[Candidate],
    *,
    told: Collection[frozenset[int]] = (),
    apart: Collection[frozenset[int]] = (),
    outlets: Collection[frozenset[str]] = (),
) -> list[Suggestion]:
    """
    The surest first, and each entry once: the next best comes when the operator has refused this one.

    `told` and `apart` are ids that a source calls one, and that the operator
    calls two; `outlets` are names that are known to mean the same outlet.
    """
    house = _names_of_the_house(candidates)
    judged = [
        found
        for one, other in _worth_a_look(candidates, told)
        if frozenset({one.id, other.id}) not in apart
        and (found := judge(one, other, told=told, outlets=outlets, house=house))
    ]
    judged.sort(key=lambda found: (-found.score, -found.other.id, -found.one.id))
    used: set[int] = set()
    chosen = []
    for found in judged:
        if used.isdisjoint({found.one.id, found.other.id}):
            chosen.append(found)
            used |= {found.one.id, found.other.id}
    return chosen


def judge(
    one: Candidate,
    other: Candidate,
    *,
    told: Collection[frozenset[int]],
    outlets: Collection[frozenset[str]],
    house: Collection[str],
) -> Suggestion | None:
    """Whether these two may be one text, and why; None when too little speaks for it."""
    if one.language == other.language:
        return None
    reasons = tuple(_reasons(one, other, told, outlets, house))
    if not _is_enough(frozenset(reasons)):
        return None
    older, newer = sorted((one, other), key=lambda entry: entry.id)
    return Suggestion(one=older, other=newer, score=min(sum(map(_POINTS.__getitem__, reasons)), 100), reasons=reasons)


def _is_enough(reasons: frozenset[Reason]) -> bool:
    if reasons & _SURE:
        return True
    if Reason.SAME_DAY in reasons:
        return bool(reasons & {Reason.NEAR, Reason.SAME_AUTHOR})
    looks_alike = bool(reasons & {Reason.SAME_FILES, Reason.SAME_LENGTH})
    return {Reason.NEAR, Reason.SAME_AUTHOR} <= reasons and looks_alike


def _reasons(
    one: Candidate,
    other: Candidate,
    told: Collection[frozenset[int]],
    outlets: Collection[frozenset[str]],
    house: Collection[str],
) -> Iterator[Reason]:
    if frozenset({one.id, other.id}) in told:
        yield Reason.TOLD
    if _original(one) and _original(one) == _original(other):
        yield Reason.SAME_ORIGINAL
    if one.outlet_date and one.outlet_date == other.outlet_date and one.outlet and other.outlet:
        if _is_one_outlet(one.outlet, other.outlet, outlets):
            yield Reason.SAME_OUTLET
        elif _is_korean(one.outlet) != _is_korean(other.outlet):  # nobody can tell whether they are one
            yield Reason.SAME_DAY
    if abs(one.dated - other.dated) <= _NEAR:
        yield Reason.NEAR
    if _author(one) == _author(other) not in {"", *house}:
        yield Reason.SAME_AUTHOR
    if one.attachments == other.attachments > 0:
        yield Reason.SAME_FILES
    least, most = _LENGTHS.get((one.language, other.language), _ANY_LENGTH)
    if one.length and least <= other.length / one.length <= most:
        yield Reason.SAME_LENGTH


def _author(entry: Candidate) -> str:
    return fold(entry.author or "").casefold()


def _names_of_the_house(candidates: Sequence[Candidate]) -> frozenset[str]:
    """The name under most entries, such as a board's own account: that two share it says nothing of them."""
    if len(candidates) < _FEW:
        return frozenset()
    written = Counter(map(_author, candidates))
    return frozenset(author for author, count in written.items() if 2 * count > len(candidates))


def _is_one_outlet(one: str, other: str, outlets: Collection[frozenset[str]]) -> bool:
    names = frozenset({one.casefold(), other.casefold()})
    return len(names) == 1 or names in outlets


def _is_korean(name: str) -> bool:
    return any(_HANGUL[0] <= character <= _HANGUL[1] for character in name)


def _original(entry: Candidate) -> str:
    """The address of the original in the form in which it is compared; '' where it leads to no one text."""
    address = entry.original_url or ""
    if not is_place(address):
        return ""
    parts = urlsplit(address)
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}"


def _worth_a_look(
    candidates: Sequence[Candidate], told: Iterable[frozenset[int]]
) -> Iterator[tuple[Candidate, Candidate]]:
    """Each two that have anything in common, once; ten thousand entries are not compared with each other."""
    by_id = {entry.id: entry for entry in candidates}
    named = (sorted(two) for two in told)
    seen = {(ids[0], ids[1]) for ids in named if len(ids) == 2 and ids[0] in by_id and ids[1] in by_id}
    for group in _groups(candidates):
        seen |= {(min(one.id, other.id), max(one.id, other.id)) for one, other in combinations(group, 2)}
    for one, other in seen:
        yield by_id[one], by_id[other]


def _groups(candidates: Sequence[Candidate]) -> Iterable[Sequence[Candidate]]:
    originals: dict[str, list[Candidate]] = defaultdict(list)
    cited: dict[int, list[Candidate]] = defaultdict(list)
    written: dict[int, list[Candidate]] = defaultdict(list)
    for entry in candidates:
        if original := _original(entry):
            originals[original].append(entry)
        if entry.outlet_date:
            cited[entry.outlet_date.toordinal()].append(entry)
        day = entry.dated.toordinal()
        for near in range(day - _NEAR.days, day + 1):  # the earlier of two stands on its own day with the later one
            written[near].append(entry)
    return (group for group in chain(originals.values(), cited.values(), written.values()) if len(group) <= _CROWD)
