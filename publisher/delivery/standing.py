"""
How a road stands after the verdicts on its copies: it goes, or it rests until a time.

Pure, as `retry` is. The processes of a house share how their roads stand, by
the store; what is judged here is what one of them saw.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from publisher.delivery.policy import RetryPolicy
from publisher.delivery.retry import Bounce, Doubt, Fault, GiveUp, PauseProfile, RetryAt, Settle, Verdict, doubled

_FIRST_LOOK = timedelta(seconds=5)  # after an outage; then 10 s, 20 s … up to the policy's first wait
_SLOWER = (timedelta(minutes=1), timedelta(hours=1))  # when we were too fast
_ANOTHER_DAY = timedelta(hours=1)  # a limit of a day opens bit by bit: ask each hour, then less often
_LONGEST_REST = timedelta(days=2)
_SUSPICIOUS = 3  # so many refusals of ours in a row, and nothing accepted between, are no accident


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a road has fared lately, and till when it rests."""

    rests: int = 0  # in a row, nothing accepted between
    refusals: int = 0  # about us, in a row
    until: datetime | None = None
    reason: str = ""
    fault: Fault | None = None

    def is_resting(self, now: datetime) -> bool:
        """A rest that seems to be longer than any is over: it was begun before the clock was set back."""
        return self.until is not None and now < self.until <= now + _LONGEST_REST

    @property
    def is_doubtful(self) -> bool:
        """Did nothing go through since the last rest? Then one copy goes ahead and tries."""
        return self.rests > 0


def standing_after(standing: Standing, verdict: Verdict, *, now: datetime, policy: RetryPolicy) -> Standing:
    """How the road stands after one more verdict."""
    match verdict:
        case Settle() | GiveUp(bounce=Bounce()):
            return Standing()
        case PauseProfile(reason=reason, fault=fault):
            return _rest(standing, now, reason, fault, policy)
        case RetryAt(is_ours=True, reason=reason) | Doubt(reason=reason) if standing.refusals + 1 >= _SUSPICIOUS:
            return _rest(standing, now, reason, Fault.REFUSED, policy)
        case RetryAt(is_ours=True) | Doubt():
            return replace(standing, refusals=standing.refusals + 1)
        case _:
            return standing


def _rest(standing: Standing, now: datetime, reason: str, fault: Fault, policy: RetryPolicy) -> Standing:
    if standing.is_resting(now):
        return standing  # the copies that were under way at once all say the same
    first, longest = _patience(fault, policy)
    rests = standing.rests + 1
    until = now + doubled(first, rests, min(longest, _LONGEST_REST))
    return Standing(rests=rests, until=until, reason=reason, fault=fault)


def _patience(fault: Fault, policy: RetryPolicy) -> tuple[timedelta, timedelta]:
    """The first rest, and the longest."""
    match fault:
        case Fault.OUTAGE:
            return _FIRST_LOOK, policy.first_wait
        case Fault.RATE:
            return _SLOWER
        case Fault.LIMIT:
            return _ANOTHER_DAY, policy.longest
        case Fault.REFUSED:
            return policy.first_wait, policy.longest
