"""From what was heard about a copy to what is written down about it, and counted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypedDict

from publisher.delivery.retry import Doubt, GiveUp, PauseProfile, RetryAt, Settle, Verdict, Withhold
from publisher.delivery.transport import Accepted, Outcome, Refused
from publisher.model import DeliveryStatus
from publisher.store.claims import Claimed, Settlement


def conclude(copy: Claimed, outcome: Outcome | None, verdict: Verdict) -> Settlement:
    """How a claim ends. `outcome` is None when the copy never came as far as a server."""
    end = partial(
        Settlement, delivery_id=copy.delivery_id, claim_no=copy.claim_no, profile=copy.profile, **_answer(outcome)
    )
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


class _Answer(TypedDict, total=False):
    code: int
    enhanced: str | None
    reply: str


def _answer(outcome: Outcome | None) -> _Answer:
    """What the server said, where it said something."""
    match outcome:
        case Accepted(code=code, reply=reply):
            return {"code": code, "reply": reply}
        case Refused(code=code, enhanced=enhanced, reply=reply):
            return {"code": code, "enhanced": enhanced or None, "reply": reply}
        case _:
            return {}


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

    @classmethod
    def of(cls, verdicts: Iterable[Verdict]) -> "Tally":
        counts = Counter(map(_counted_as, verdicts))
        return cls(
            sent=counts["sent"],
            deferred=counts["deferred"],
            failed=counts["failed"],
            withheld=counts["withheld"],
            uncertain=counts["uncertain"],
        )

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


def _counted_as(verdict: Verdict) -> str:
    """The field of a Tally that has it."""
    match verdict:
        case Settle():
            return "sent"
        case GiveUp():
            return "failed"
        case Withhold():
            return "withheld"
        case Doubt(at=None):
            return "uncertain"
        case RetryAt() | PauseProfile() | Doubt():
            return "deferred"
