"""The nouns: what a mail, or a provider's message, tells of a letter of ours."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from subscribers.bounces import Weight


class Kind(StrEnum):
    BOUNCE = "bounce"  # given up
    DELAY = "delay"  # still being tried
    COMPLAINT = "complaint"  # "this is spam"
    REFUSAL = "refusal"  # the reader wants no more letters of the list
    AUTOMATIC = "automatic reply"  # out of office, received with thanks
    CHALLENGE = "challenge"  # "prove that you are a person"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One recipient of a report. `status` is the RFC 3463 code, '' if none was given."""

    recipient: str
    weight: Weight | None  # None for what has not failed
    action: str = ""
    status: str = ""
    said: str = ""


@dataclass(frozen=True, kw_only=True)
class Traces:
    """Our own marks, as they were found: none of them is proven yet. The order is that of trust."""

    tokens: tuple[str, ...] = ()  # of return paths
    leaving: tuple[str, ...] = ()  # of the address to write to for leaving
    message_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Returned:
    """What came back."""

    kind: Kind
    failures: tuple[Failure, ...] = ()
    traces: Traces = Traces()
    dated: datetime | None = None  # by the one who reports; to be believed within limits

    @property
    def weight(self) -> Weight | None:
        """The heaviest of what failed."""
        weights = [one.weight for one in self.failures]
        return next((one for one in (Weight.HARD, Weight.SOFT, Weight.BLOCKED) if one in weights), None)
