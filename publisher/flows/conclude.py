"""From what was heard about a copy to what is written down about it, and counted."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from publisher.delivery.retry import Doubt, GiveUp, PauseProfile, RetryAt, Settle, Verdict, Withhold
from publisher.delivery.transport import Accepted, Outcome, Refused
from publisher.model import DeliveryStatus
from publisher.store.claims import Claimed, Settlement


def conclude(copy: Claimed, outcome: Outcome | None, verdict: Verdict) -> Settlement:
    """How a claim ends. `outcome` is None when the copy never came as far as a server."""
    ended = _ended(copy, verdict)
    match outcome:
        case Accepted(code=code, reply=reply):
            return replace(ended, code=code, reply=reply)
        case Refused(code=code, enhanced=enhanced, reply=reply):
            return replace(ended, code=code, enhanced=enhanced or None, reply=reply)
        case _:
            return ended


def _ended(copy: Claimed, verdict: Verdict) -> Settlement:
    end = partial(Settlement, delivery_id=copy.delivery_id, claim_no=copy.claim_no, profile=copy.profile)
    match verdict:
        case Settle():
            return end(status=DeliveryStatus.SENT)
        case RetryAt(at=at, reason=reason):
            return end(status=DeliveryStatus.WAITING, due_at=at, reason=reason, tried="deferred")
        case PauseProfile(reason=reason):
            return end(status=DeliveryStatus.WAITING, reason=reason, tried="unreachable", counts=False)
        case GiveUp(reason=reason, bounce=bounce):
            return end(status=DeliveryStatus.FAILED, reason=reason, tried="failed", bounce=bounce)
        case Withhold(reason=reason):
            return end(status=DeliveryStatus.WITHHELD, reason=reason)
        case Doubt(reason=reason, at=None):
            return end(status=DeliveryStatus.UNCERTAIN, reason=reason, tried="uncertain")
        case Doubt(reason=reason, at=at):
            return end(status=DeliveryStatus.WAITING, due_at=at, reason=reason, tried="uncertain")


@dataclass(frozen=True, kw_only=True)
class Tally:
    """
    What came of the copies so far.

    `held_up` says why the road rests at the moment, and `held_until` until when;
    None while it does not.
    """

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    withheld: int = 0
    uncertain: int = 0
    held_up: str | None = None
    held_until: datetime | None = None

    @property
    def settled(self) -> int:
        """Copies that have come to an end."""
        return self.sent + self.failed + self.withheld + self.uncertain

    def plus(self, verdict: Verdict) -> "Tally":
        match verdict:
            case Settle():
                return replace(self, sent=self.sent + 1)
            case GiveUp():
                return replace(self, failed=self.failed + 1)
            case Withhold():
                return replace(self, withheld=self.withheld + 1)
            case Doubt(at=None):
                return replace(self, uncertain=self.uncertain + 1)
            case RetryAt() | PauseProfile() | Doubt():
                return replace(self, deferred=self.deferred + 1)

    def __add__(self, other: "Tally") -> "Tally":
        """Of two workers or roads together; one that rests is told of."""
        return Tally(
            sent=self.sent + other.sent,
            deferred=self.deferred + other.deferred,
            failed=self.failed + other.failed,
            withheld=self.withheld + other.withheld,
            uncertain=self.uncertain + other.uncertain,
            held_up=self.held_up or other.held_up,
            held_until=self.held_until or other.held_until,
        )
