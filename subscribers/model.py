"""The nouns of asking, consenting and leaving."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class SubscriptionStatus(StrEnum):
    PENDING = "pending"  # asked; not confirmed yet
    ACTIVE = "active"
    EXPIRED = "expired"  # asked and never confirmed
    ENDED = "ended"


class EndedWhy(StrEnum):
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    REPLACED = "replaced"
    ERASED = "erased"


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """
    A person on a list. `languages` is a language key in the reader's order, such as `en+ko`.

    `missing` is the reader's own wish (show · title · omit); None: the list's.
    """

    id: int
    subscriber_id: int
    list: str
    languages: str
    status: SubscriptionStatus
    token_id: bytes
    created_at: datetime
    confirmed_at: datetime | None = None
    paused_until: datetime | None = None
    missing: str | None = None
    ended_at: datetime | None = None
    ended_why: EndedWhy | None = None
