"""
What becomes of a copy after an answer, and of a road after many.

Pure: facts in, verdict out. What matters is whose fault a refusal is. "No such
mailbox" is about the recipient and ends the copy. A refused sign-in, a sending
limit or a refused sender is about us: the copy waits and counts as nobody's
bounce, or one wrong password would fail a whole edition.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from publisher.delivery.policy import RetryPolicy, WhenUncertain
from publisher.delivery.transport import Accepted, Dropped, Outcome, Refused, Stage, Unanswered, Unreachable

# ── One copy ─────────────────────────────────────────────────────────────────


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
    """Failed for good."""

    reason: str


@dataclass(frozen=True, kw_only=True)
class PauseProfile:
    """The copy waits as if it had not been tried; the whole road rests. An outage is asked after sooner."""

    reason: str
    is_outage: bool


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
            return PauseProfile(reason=reason, is_outage=True)
        case Refused(code=421):
            return PauseProfile(reason=_said("the server is closing", outcome), is_outage=True)
        case Refused() if _stops_everything(outcome):
            return PauseProfile(reason=_said("the server refuses us", outcome), is_outage=False)
        case Refused() if outcome.code >= 500 and not _is_about_us(outcome):
            return GiveUp(reason=_said("refused for good", outcome))
    return _again(outcome, attempts=attempts, now=now, policy=policy, jitter=jitter)


def _again(
    outcome: Refused | Unreachable, *, attempts: int, now: datetime, policy: RetryPolicy, jitter: float
) -> Verdict:
    match outcome:
        case Refused():
            is_ours = _is_about_us(outcome)
            reason = _said("refused for now" if outcome.code < 500 else "refused by the server's policy", outcome)
        case Unreachable():
            is_ours, reason = True, outcome.reason
    if attempts >= policy.max_attempts:
        return GiveUp(reason=f"no success in {attempts} attempts: {reason}")
    return RetryAt(at=now + wait_after(attempts, policy, jitter), reason=reason, is_ours=is_ours)


def wait_after(attempts: int, policy: RetryPolicy, jitter: float) -> timedelta:
    """5 min, 10 min, 20 min … up to the longest, each up to a tenth longer or shorter."""
    return doubled(policy.first_wait, attempts, policy.longest) * (0.9 + 0.2 * jitter)


def doubled(first: timedelta, times: int, longest: timedelta) -> timedelta:
    """`first`, twice that, four times that …, never more than `longest`."""
    return min(first * (1 << min(max(times - 1, 0), 20)), longest)


# ── Whose fault ──────────────────────────────────────────────────────────────

_SIGN_IN = frozenset({530, 534, 535, 538})  # RFC 4954 section 6
_ABOUT_OUR_ACCOUNT = frozenset(
    {
        "5.1.7",  # bad sender's address syntax
        "5.1.8",  # bad sender's system
        "5.4.5",  # Google's daily sending limit
        "5.7.8",  # credentials invalid
        "5.7.9",  # sign-in method too weak
        "5.7.11",  # sign-in only over TLS
        "5.7.14",  # trust relationship required
        "5.7.57",  # Microsoft: not signed in
        "5.7.60",  # Microsoft: no right to send as this sender
        "5.7.139",  # Microsoft: basic sign-in switched off
        "5.7.708",  # Microsoft: traffic not accepted from this address
    }
)
_OUT_OF_STEP = frozenset({500, 502, 503, 504})  # the server did not understand us
_RELAYING = re.compile(r"\brelay(ing)?\b", re.IGNORECASE)  # Exim and Postfix give 550 or 554 for it


def _stops_everything(refused: Refused) -> bool:
    """Would the same be said to any other copy of ours? Then there is no use in trying them."""
    if refused.code in _SIGN_IN or refused.enhanced in _ABOUT_OUR_ACCOUNT:
        return True
    return refused.code >= 500 and (refused.stage is Stage.SENDER or _RELAYING.search(refused.reply) is not None)


def _is_about_us(refused: Refused) -> bool:
    """
    Is it about what we send, or how, rather than about this mailbox?

    After the content RFC 3463's subjects 3 (system), 6 (content) and 7 (policy)
    are; before it only policy is, since Outlook answers "5.5.0 mailbox
    unavailable" for a mailbox that does not exist.
    """
    if refused.stage is Stage.SENDER:
        return True
    subject = refused.enhanced.split(".")[1] if refused.enhanced else ""
    if refused.code in _OUT_OF_STEP:
        return subject not in {"1", "2"}
    if refused.stage is Stage.CONTENT:
        return subject in {"3", "6", "7"} or (not subject and refused.code in {501, 552, 554})
    return subject == "7" or (not subject and refused.code == 554)


def _said(what: str, refused: Refused) -> str:
    codes = f"{refused.code} {refused.enhanced}".strip()
    return f"{what} ({codes}): {refused.reply}" if refused.reply else f"{what} ({codes})"


# ── The road ─────────────────────────────────────────────────────────────────

_FIRST_LOOK = timedelta(seconds=5)  # after an outage; then 10 s, 20 s … up to the policy's first wait
_SUSPICIOUS = 3  # so many refusals of ours in a row, and nothing accepted between, are no accident


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a road has fared lately, and till when it rests."""

    rests: int = 0  # in a row, nothing accepted between
    refusals: int = 0  # about us, in a row
    until: datetime | None = None
    reason: str = ""

    def is_resting(self, now: datetime) -> bool:
        return self.until is not None and now < self.until

    @property
    def is_doubtful(self) -> bool:
        """Did nothing go through since the last rest? Then one copy goes ahead and tries."""
        return self.rests > 0


def standing_after(standing: Standing, verdict: Verdict, *, now: datetime, policy: RetryPolicy) -> Standing:
    """How the road stands after one more verdict."""
    match verdict:
        case Settle() | GiveUp():
            return Standing()
        case PauseProfile(reason=reason, is_outage=True):
            return _rest(standing, now, reason, _FIRST_LOOK, policy.first_wait)
        case PauseProfile(reason=reason):
            return _rest(standing, now, reason, policy.first_wait, policy.longest)
        case RetryAt(is_ours=True, reason=reason) | Doubt(reason=reason) if standing.refusals + 1 >= _SUSPICIOUS:
            return _rest(standing, now, reason, policy.first_wait, policy.longest)
        case RetryAt(is_ours=True) | Doubt():
            return Standing(rests=standing.rests, refusals=standing.refusals + 1)
        case _:
            return standing


def _rest(standing: Standing, now: datetime, reason: str, first: timedelta, longest: timedelta) -> Standing:
    if standing.is_resting(now):
        return standing  # the copies that were under way at once all say the same
    rests = standing.rests + 1
    return Standing(rests=rests, until=now + doubled(first, rests, longest), reason=reason)
