"""A piece of work beside its peer: what it costs, what it may cost, and whether that is met."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import TypeAlias

TOLERANCE = 0.10


class WrongOutput(AssertionError):
    """What was measured did not do its work, so its figure means nothing."""


def check(is_right: bool, otherwise: str) -> None:
    if not is_right:
        raise WrongOutput(otherwise)


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How much of everything. Pairs are a small and a large amount whose memory is compared."""

    repeats: int
    letters: int  # joined
    copies: int  # sent
    edition: int  # copies that are claimed, signed, sent and marked
    marks: int  # written down
    readers: int  # in the outbox
    claims: int  # per repeat, of 200 copies each
    archive: int  # entries
    requests: int
    pages: int  # read
    delivered: tuple[int, int]
    ingested: tuple[int, int]
    imported: tuple[int, int]  # readers; the first is also how many are timed
    posts: int  # on a board
    settling: float  # seconds that a started process gets to come to rest


TINY = Sizes(
    repeats=1,
    letters=3,
    copies=20,
    edition=20,
    marks=20,
    readers=500,
    claims=1,
    archive=20,
    requests=20,
    pages=1,
    delivered=(5, 50),
    ingested=(2, 20),
    imported=(20, 200),
    posts=30,
    settling=0.2,
)
USUAL = Sizes(
    repeats=5,
    letters=60,
    copies=1_000,
    edition=5_000,
    marks=10_000,
    readers=100_000,
    claims=3,
    archive=10_000,
    requests=2_000,
    pages=20,
    delivered=(2_000, 20_000),
    ingested=(200, 2_000),
    imported=(5_000, 50_000),
    posts=10_000,
    settling=3.0,
)
LARGE = Sizes(
    repeats=9,
    letters=500,
    copies=10_000,
    edition=20_000,
    marks=100_000,
    readers=1_000_000,
    claims=20,
    archive=100_000,
    requests=20_000,
    pages=200,
    delivered=(20_000, 200_000),
    ingested=(2_000, 20_000),
    imported=(100_000, 1_000_000),
    posts=30_000,
    settling=10.0,
)


class Sense(StrEnum):
    """What the ratio of a row says."""

    SPEED = "speed"  # so many times as fast as the peer: more is better
    COST = "cost"  # so many times what the peer takes: less is better


@dataclass(frozen=True, kw_only=True)
class Target:
    """What the ratio should be. Without a bound there is no target yet, and the row only tells."""

    sense: Sense
    bound: float | None = None

    def ratio(self, ours: float, theirs: float) -> float:
        return theirs / ours if self.sense is Sense.SPEED else ours / theirs

    def verdict(self, ratio: float) -> str:
        """A target is met within 10 %: closer than that, two runs on one machine do not agree."""
        if self.bound is None:
            return "no target yet"
        if self.sense is Sense.SPEED:
            is_met = ratio >= self.bound * (1 - TOLERANCE)
        else:
            is_met = ratio <= self.bound * (1 + TOLERANCE)
        return "met" if is_met else "not met"


def at_least(bound: float) -> Target:
    """So many times as fast as the peer."""
    return Target(sense=Sense.SPEED, bound=bound)


def at_most(bound: float) -> Target:
    """So many times what the peer takes."""
    return Target(sense=Sense.COST, bound=bound)


FASTER = Target(sense=Sense.SPEED)
COSTLIER = Target(sense=Sense.COST)


class Unit(StrEnum):
    TIME = "time"  # seconds for one
    MEMORY = "memory"  # bytes


@dataclass(frozen=True, kw_only=True)
class Work:
    """One row, ready to be measured: each call does the work once, checks it, and gives its cost for one piece."""

    name: str
    peer: str
    ours: Callable[[], float]
    theirs: Callable[[], float]
    target: Target
    unit: Unit = Unit.TIME
    repeats: int | None = None  # None: as many as the sizes say


Row: TypeAlias = Callable[[Sizes], AbstractContextManager[Work]]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A row after its repeats: medians of the costs, and of the ratios of each repeat."""

    name: str
    peer: str
    unit: Unit
    target: Target
    ours: float
    theirs: float
    ratio: float
    lowest: float
    highest: float

    @property
    def verdict(self) -> str:
        return self.target.verdict(self.ratio)


def measure(row: Row, sizes: Sizes) -> Measured:
    """Both sides by turns, the first turn changing, so that a busy neighbour weighs on both alike."""
    with row(sizes) as work:
        pairs = [_pair(work, ours_first=turn % 2 == 0) for turn in range(work.repeats or sizes.repeats)]
    ratios = [work.target.ratio(ours, theirs) for ours, theirs in pairs]
    return Measured(
        name=work.name,
        peer=work.peer,
        unit=work.unit,
        target=work.target,
        ours=median(ours for ours, _ in pairs),
        theirs=median(theirs for _, theirs in pairs),
        ratio=median(ratios),
        lowest=min(ratios),
        highest=max(ratios),
    )


def _pair(work: Work, *, ours_first: bool) -> tuple[float, float]:
    if ours_first:
        ours = work.ours()
        return ours, work.theirs()
    theirs = work.theirs()
    return work.ours(), theirs
