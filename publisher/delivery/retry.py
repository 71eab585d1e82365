"""
What becomes of a copy after an answer.

Pure: facts in, verdict out. What matters is whose fault a refusal is
(`answers`). "No such mailbox" is about the recipient and ends the copy. A
refused sign-in, a sending limit or a refused sender is about us: the copy waits
and counts as nobody's bounce, or one wrong password would fail a whole edition.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from publisher.delivery.answers import Meaning, is_for_good, meaning_of
from publisher.delivery.policy import RetryPolicy, WhenUncertain
from publisher.delivery.transport import Accepted, Dropped, Outcome, Refused, Unanswered, Unreachable

# ── Verdicts ─────────────────────────────────────────────────────────────────


class Bounce(StrEnum):
    """What a failed copy says of its address; `subscribers.bounces` counts them over time."""

    HARD = "hard"  # there is no such mailbox
    FULL = "full"
    SOFT = "soft"  # it is there, and did not take this letter


class Fault(StrEnum):
    """Why a whole road rests."""

    OUTAGE = "outage"  # nobody is there, or it is closing
    RATE = "rate"
    LIMIT = "limit"  # of a day
    REFUSED = "refused"  # sign-in, sender, policy: somebody must mend it


@dataclass(frozen=True, kw_only=True)
class Settle:
    """Sent."""


@dataclass(frozen=True, kw_only=True)
class RetryAt:
    """Waits, and goes again then. `is_ours` says that the refusal was not about this recipient."""

    at: datetime
    reason: str
    is_ours: bool = False


@dataclass(frozen=True, kw_only=True)
class GiveUp:
    """Failed for good. `bounce` is None where the address is not to blame."""

    reason: str
    bounce: Bounce | None = None


@dataclass(frozen=True, kw_only=True)
class PauseProfile:
    """The copy waits as if it had not been tried; the whole road rests."""

    reason: str
    fault: Fault


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """Uncertain: once more `at` a later time with the same Message-ID, or (None) left to the operator."""

    reason: str
    at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Withhold:
    """Not to be sent any more."""

    reason: str


Verdict: TypeAlias = Settle | RetryAt | GiveUp | PauseProfile | Doubt | Withhold


def judge(
    outcome: Outcome,
    *,
    attempts: int,
    doubts: int,
    now: datetime,
    policy: RetryPolicy,
    uncertain: WhenUncertain,
    jitter: float,
) -> Verdict:
    """
    The verdict on a copy.

    `attempts` counts this try and those before it, outages excepted; `doubts`
    counts how often the copy was uncertain before. `jitter` is from [0, 1) and
    spreads the copies of one moment, so that they do not all come back at once.
    """
    match outcome:
        case Accepted():
            return Settle()
        case Dropped(reason=reason):
            return Withhold(reason=reason)
        case Unanswered(reason=reason):
            may_go_again = uncertain is WhenUncertain.RESEND and doubts == 0
            return Doubt(reason=reason, at=now + wait_after(1, policy, jitter) if may_go_again else None)
        case Unreachable(connected=False, reason=reason):
            return PauseProfile(reason=reason, fault=Fault.OUTAGE)
        case Unreachable(reason=reason):
            return _within_the_budget(
                RetryAt(at=now + wait_after(attempts, policy, jitter), reason=reason, is_ours=True),
                attempts,
                policy,
                bounce=None,
            )
        case Refused():
            return _refused(outcome, attempts=attempts, now=now, policy=policy, jitter=jitter)


_FAULTS = {
    Meaning.CLOSING: Fault.OUTAGE,
    Meaning.RATE: Fault.RATE,
    Meaning.LIMIT: Fault.LIMIT,
    Meaning.SIGN_IN: Fault.REFUSED,
    Meaning.SENDER: Fault.REFUSED,
    Meaning.POLICY: Fault.REFUSED,
}
_BOUNCES = {
    Meaning.NO_SUCH: Bounce.HARD,
    Meaning.FULL: Bounce.FULL,
    Meaning.TURNED_DOWN: Bounce.SOFT,
    Meaning.GREYLISTED: Bounce.SOFT,
    Meaning.LATER: Bounce.SOFT,
}


def _refused(refused: Refused, *, attempts: int, now: datetime, policy: RetryPolicy, jitter: float) -> Verdict:
    meaning = meaning_of(refused)
    reason = _said(meaning, refused)
    if meaning in _FAULTS:
        return PauseProfile(reason=reason, fault=_FAULTS[meaning])
    bounce = _BOUNCES.get(meaning)
    if is_for_good(refused) and bounce:
        return GiveUp(reason=reason, bounce=bounce)
    match meaning:
        case Meaning.GREYLISTED:
            wait = _greylisted(refused.reply, attempts, policy, jitter)
        case Meaning.FULL:
            wait = max(wait_after(attempts, policy, jitter), min(_TO_BE_EMPTIED, policy.longest))
        case _:
            wait = wait_after(attempts, policy, jitter)
    again = RetryAt(at=now + wait, reason=reason, is_ours=bounce is None)
    return _within_the_budget(again, attempts, policy, bounce=bounce)


def _within_the_budget(again: RetryAt, attempts: int, policy: RetryPolicy, *, bounce: Bounce | None) -> Verdict:
    if attempts < policy.max_attempts and _waited(attempts, policy) <= policy.give_up_after:
        return again
    return GiveUp(reason=f"no success in {attempts} attempts: {again.reason}", bounce=bounce)


def _said(meaning: Meaning, refused: Refused) -> str:
    codes = f"{refused.code} {refused.enhanced}".strip()
    words = refused.reply.removeprefix(refused.enhanced).lstrip()  # most servers begin with the code
    return f"{meaning.value} ({codes}): {words}" if words else f"{meaning.value} ({codes})"


# ── How long ─────────────────────────────────────────────────────────────────

_TO_BE_EMPTIED = timedelta(hours=1)  # nobody empties a mailbox within five minutes
_SHY = timedelta(minutes=1)  # many greylisting servers open after one minute, nearly all after five
_NAMED_WAIT = re.compile(r"\b(?:(\d+):(\d\d):(\d\d)|(\d{1,4}) ?(sec|min)\w*)", re.IGNORECASE)


def wait_after(attempts: int, policy: RetryPolicy, jitter: float) -> timedelta:
    """5 min, 10 min, 20 min … up to the longest, each up to a tenth longer or shorter."""
    return doubled(policy.first_wait, attempts, policy.longest) * (0.9 + 0.2 * jitter)


def doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    """`first`, twice that, four times that …, never more than `longest`."""
    return min(first * (1 << min(max(times - 1, 0), 20)), longest)


def _waited(attempts: int, policy: RetryPolicy) -> timedelta:
    """
    How long a copy will have been tried for after one more wait.

    Of the attempts, not by the clock: what an outage of ours takes away is given back.
    """
    return sum((doubled(policy.first_wait, number, policy.longest) for number in range(1, attempts + 1)), timedelta())


def _greylisted(said: str, attempts: int, policy: RetryPolicy, jitter: float) -> timedelta:
    """The time that the server names, else a minute, then as usual; never earlier than named."""
    named = _NAMED_WAIT.search(said)
    usual = wait_after(max(attempts - 1, 1), policy, jitter)
    if named is None:
        return min(_SHY * (1 + 0.2 * jitter), usual) if attempts == 1 else usual
    hours, minutes, seconds, number, unit = named.groups()
    if number:
        wait = timedelta(seconds=int(number) * (60 if unit.lower() == "min" else 1))
    else:
        wait = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds))
    return min(max(wait, _SHY), policy.longest) * (1 + 0.1 * jitter)
