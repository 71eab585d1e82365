"""
When an address counts as dead, and when an edition does harm.

A hard bounce (no such mailbox) ends it at once: providers judge a house by how
often it writes to nobody. A soft one (a full mailbox, a server that was away
for days) may pass: only several, on different days within a window, end it,
and older ones are forgotten. What a provider refuses because of us (our
reputation, our content) says nothing about the address and counts for nobody.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Weight(StrEnum):
    """What a bounce says about the address."""

    HARD = "hard"
    SOFT = "soft"
    BLOCKED = "blocked"  # about us: never counted


@dataclass(frozen=True, kw_only=True)
class BouncePolicy:
    """
    `subscribers.bounces`: how many soft bounces end an address, and which rates stop an edition.

    Rates are parts of the copies that are out. Gmail and Yahoo ask for complaints
    below 0.1 %, and never 0.3 %; `at_least` so many must have come before a rate
    says anything, or one reader in a hundred would stop an edition.
    """

    soft: int = 4
    window: timedelta = timedelta(days=60)
    complaints_alarm: float = 0.001
    complaints_pause: float = 0.003
    bounces_alarm: float = 0.02
    bounces_pause: float = 0.05
    at_least: int = 3


# ── One address ──────────────────────────────────────────────────────────────


@dataclass(frozen=True, kw_only=True)
class Bounce:
    """One letter that came back."""

    at: datetime
    weight: Weight


@dataclass(frozen=True, kw_only=True)
class Dead:
    """Not to be written to any more, and why, in words for the operator."""

    reason: str


def judge(bounces: Iterable[Bounce], now: datetime, policy: BouncePolicy) -> Dead | None:
    """
    Is the address dead, by all that came back from it?

    Soft bounces of one day (two lists, one full mailbox) count once.
    """
    known = list(bounces)
    if any(one.weight is Weight.HARD for one in known):
        return Dead(reason="a hard bounce")
    since = now - policy.window
    days = {one.at.date() for one in known if one.weight is Weight.SOFT and one.at > since}
    if len(days) >= policy.soft:
        return Dead(reason=f"soft bounces on {len(days)} days within {policy.window.days}")
    return None


# ── One edition ──────────────────────────────────────────────────────────────


class Step(StrEnum):
    """What a rate asks for."""

    ALARM = "alarm"
    PAUSE = "pause"


def judge_rate(count: int, out: int, *, alarm: float, pause: float, at_least: int) -> Step | None:
    """What so many of so many copies that are out ask for."""
    if count < at_least or out <= 0:
        return None
    if count >= pause * out:
        return Step.PAUSE
    return Step.ALARM if count >= alarm * out else None
